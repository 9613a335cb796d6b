import type { MediaPart, Part, ToolCallPart, ToolResultPart, Turn } from '#src/core/conversation.ts'
import type { Json, JsonObject } from '#src/core/json.ts'
import { GAP, jsonText, thoughtOf, urlOf, wordsOf, writtenIn } from '#src/core/parts.ts'

/** The turns of a conversation as Cohere's messages. */
export function messagesOf(turns: readonly Turn[], warnings: string[]): readonly JsonObject[] {
  if (turns.some(({ role }) => role === 'developer'))
    warnings.push('messages of role `developer` were sent as `system`')
  return turns.flatMap((turn): readonly JsonObject[] => {
    switch (turn.role) {
      case 'assistant':
        return [assistantOf(turn.parts)]
      case 'tool':
        return resultsOf(turn.parts, warnings)
      case 'user':
        return [{ role: 'user', content: contentOf(turn.parts) }]
      default:
        return [{ role: 'system', content: wordsOf(turn.parts, GAP) }]
    }
  })
}

/** Files that are text: Cohere takes them beside the messages, and cites them. */
export function documentsOf(turns: readonly Turn[]): JsonObject {
  const documents = turns.flatMap(({ parts }) =>
    parts.flatMap((part) => (part.type === 'document' ? [{ data: documentOf(part) }] : [])),
  )
  return documents.length === 0 ? {} : { documents }
}

function documentOf(part: MediaPart): JsonObject {
  return { text: writtenIn(part), ...(part.name !== undefined && { title: part.name }) }
}

/** One text alone is a string. */
function contentOf(parts: readonly Part[]): Json {
  const content = parts.flatMap(blocksOf)
  const [first] = content
  return content.length < 2 && (first === undefined || first['type'] === 'text') ? (first?.['text'] ?? '') : content
}

function blocksOf(part: Part): readonly JsonObject[] {
  if (part.type === 'text') return [{ type: 'text', text: part.text }]
  if (part.type !== 'image') return []
  const { source, detail } = part
  return [{ type: 'image_url', image_url: { url: urlOf(source), ...(detail !== undefined && { detail }) } }]
}

/** What it thought before a call is its plan; before an answer it is a part of its own. */
function assistantOf(parts: readonly Part[]): JsonObject {
  const calls = parts.flatMap((part) => (part.type === 'tool-call' ? [callOf(part)] : []))
  const text = wordsOf(parts)
  const thought = parts.map((part) => (part.type === 'reasoning' ? thoughtOf(part) : '')).join('')
  if (calls.length > 0) {
    const plan = thought === '' ? {} : { tool_plan: thought }
    return { role: 'assistant', ...(text !== '' && { content: text }), ...plan, tool_calls: calls }
  }
  if (thought === '') return { role: 'assistant', content: text }
  return {
    role: 'assistant',
    content: [
      { type: 'thinking', thinking: thought },
      { type: 'text', text },
    ],
  }
}

function callOf({ id, name, input, custom }: ToolCallPart): JsonObject {
  return { id, type: 'function', function: { name, arguments: custom ? jsonText({ input }) : input } }
}

/** A message for each result; an image has no place in one, so it follows as the user's. */
function resultsOf(parts: readonly Part[], warnings: string[]): readonly JsonObject[] {
  const results = parts.flatMap((part) => (part.type === 'tool-result' ? [part] : []))
  const images = results.flatMap((result) => result.parts.filter(({ type }) => type === 'image')).flatMap(blocksOf)
  if (results.some((result) => result.parts.some(isLost)))
    warnings.push('a file in the result of a tool was not sent: the provider takes text and images there')
  const messages = results.map(resultOf)
  return images.length === 0 ? messages : [...messages, { role: 'user', content: images }]
}

function isLost(part: Part): boolean {
  return 'source' in part && part.type !== 'image' && !(part.type === 'document' && part.source.kind === 'text')
}

function resultOf({ id, parts, failed }: ToolResultPart): JsonObject {
  const text = (failed === true ? 'Error: ' : '') + wordsOf(parts, GAP)
  const documents = parts.flatMap((part) =>
    part.type === 'document' && part.source.kind === 'text'
      ? [{ type: 'document', document: { data: documentOf(part) } }]
      : [],
  )
  const content = documents.length === 0 ? text : [...(text === '' ? [] : [{ type: 'text', text }]), ...documents]
  return { role: 'tool', tool_call_id: id, content }
}
