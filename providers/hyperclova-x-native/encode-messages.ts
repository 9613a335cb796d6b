import type { MediaPart, Part, ToolCallPart, Turn } from '#src/core/conversation.ts'
import { stringAt, type Json, type JsonObject } from '#src/core/json.ts'
import { documentText, GAP, inputObject, urlOf, wordsOf } from '#src/core/parts.ts'

/** The turns of a conversation as CLOVA Studio's messages: system text is one message, in front. */
export function messagesOf(turns: readonly Turn[], warnings: string[]): readonly JsonObject[] {
  const begin = turns.findIndex(({ role }) => !isSystem(role))
  const front = begin < 0 ? turns : turns.slice(0, begin)
  const system = front.map(({ parts }) => wordsOf(parts, GAP)).join(GAP)
  const rest = begin < 0 ? [] : turns.slice(begin)
  const messages = rest.flatMap((turn) => messageOf(turn, warnings))
  return system === '' ? messages : [{ role: 'system', content: system }, ...messages]
}

function isSystem(role: Turn['role']): boolean {
  return role === 'system' || role === 'developer'
}

function messageOf({ role, parts }: Turn, warnings: string[]): readonly JsonObject[] {
  switch (role) {
    case 'user':
      return [{ role, content: contentOf(parts) }]
    case 'assistant': {
      const calls = parts.flatMap((part) => (part.type === 'tool-call' ? [callOf(part)] : []))
      // Null is refused where a call stands alone.
      return [{ role, content: wordsOf(parts), ...(calls.length > 0 && { toolCalls: calls }) }]
    }
    case 'tool':
      return resultsOf(parts, warnings)
    default:
      return [{ role: 'user', content: `<system>\n${wordsOf(parts, GAP)}\n</system>` }]
  }
}

/** Text is a string; beside an image it is a part. */
function contentOf(parts: readonly Part[]): Json {
  const content = parts.flatMap(blocksOf)
  if (content.some((block) => block['type'] !== 'text')) return content
  return content.map((block) => stringAt(block, 'text') ?? '').join(GAP)
}

function blocksOf(part: Part): readonly JsonObject[] {
  if (part.type === 'text') return [{ type: 'text', text: part.text }]
  if (part.type === 'image') return imageOf(part)
  return part.type === 'document' ? [{ type: 'text', text: documentOf(part) }] : []
}

/** Data stands in a member of its own, as a `data:` address. */
function imageOf({ source }: MediaPart): readonly JsonObject[] {
  const url = urlOf(source)
  if (url === '') return []
  return [{ type: 'image_url', ...(source.kind === 'data' ? { dataUri: { data: url } } : { imageUrl: { url } }) }]
}

function documentOf(part: MediaPart): string {
  return documentText(part)
}

/** Arguments are an object here. */
function callOf(call: ToolCallPart): JsonObject {
  return { id: call.id, type: 'function', function: { name: call.name, arguments: inputObject(call) } }
}

/** A message for each result; an image has no place in one, so it follows as the user's. */
function resultsOf(parts: readonly Part[], warnings: string[]): readonly JsonObject[] {
  const results = parts.flatMap((part) => (part.type === 'tool-result' ? [part] : []))
  const images = results
    .flatMap((result) => result.parts)
    .flatMap((part) => (part.type === 'image' ? imageOf(part) : []))
  if (results.some((result) => result.parts.some(isLost)))
    warnings.push('a file in the result of a tool was not sent: the provider takes text and images there')
  const messages = results.map(({ id, parts: told, failed }) => ({
    role: 'tool',
    toolCallId: id,
    content: (failed === true ? 'Error: ' : '') + resultText(told),
  }))
  return images.length === 0 ? messages : [...messages, { role: 'user', content: images }]
}

function resultText(parts: readonly Part[]): string {
  return parts
    .flatMap((part) => (part.type === 'text' ? [part.text] : isWritten(part) ? [documentOf(part)] : []))
    .join(GAP)
}

function isWritten(part: Part): part is MediaPart {
  return part.type === 'document' && part.source.kind === 'text'
}

function isLost(part: Part): boolean {
  if (part.type === 'image') return urlOf(part.source) === ''
  return 'source' in part && !isWritten(part)
}
