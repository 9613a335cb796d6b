import type { Conversation, MediaPart, Part, ToolCallPart, Turn } from '#src/core/conversation.ts'
import type { JsonObject } from '#src/core/json.ts'
import type { Quirks } from './definition.ts'
import { wireToolId } from './tool-ids.ts'

/** The turns of a conversation as chat messages. */
export function messagesOf({ turns }: Conversation, quirks: Quirks): readonly JsonObject[] {
  const messages = turns.flatMap((turn) => messageOf(turn, quirks))
  return quirks.alternates ? merged(messages) : messages
}

function messageOf(turn: Turn, quirks: Quirks): readonly JsonObject[] {
  const named = turn.name === undefined ? {} : { name: turn.name }
  switch (turn.role) {
    case 'system':
      return [{ role: 'system', content: contentOf(turn.parts), ...named }]
    case 'developer':
      return [
        { role: quirks.developerRole === 'system' ? 'system' : 'developer', content: contentOf(turn.parts), ...named },
      ]
    case 'user':
      return [{ role: 'user', content: contentOf(turn.parts), ...named }]
    case 'assistant':
      return [{ ...assistantOf(turn.parts, quirks), ...named }]
    case 'tool':
      return resultsOf(turn.parts, quirks)
  }
}

function assistantOf(parts: readonly Part[], quirks: Quirks): JsonObject {
  const said = parts.filter(({ type }) => type === 'text' || type === 'refusal')
  const calls = parts.filter((part) => part.type === 'tool-call').map((part) => callOf(part, quirks))
  const thoughts = parts.flatMap((part) =>
    part.type === 'reasoning' ? [part.text ?? part.summary?.join('\n\n') ?? ''] : [],
  )
  const empty = quirks.contentNull === 'null' ? null : ''
  return {
    role: 'assistant',
    content: said.length > 0 ? assistantContent(said, quirks) : calls.length > 0 ? empty : '',
    ...(calls.length > 0 && { tool_calls: calls }),
    ...(thoughts.length > 0 && quirks.replayReasoning !== 'none' && { [quirks.replayReasoning]: thoughts.join('') }),
  }
}

/** A refusal has a part of its own with OpenAI alone: elsewhere it is text. */
function assistantContent(parts: readonly Part[], { members }: Quirks): string | readonly JsonObject[] {
  const refused = members === 'openai' && parts.some(({ type }) => type === 'refusal')
  if (!refused) return parts.map((part) => ('text' in part ? (part.text ?? '') : '')).join('')
  return parts.flatMap((part): readonly JsonObject[] =>
    part.type === 'refusal'
      ? [{ type: 'refusal', refusal: part.text }]
      : part.type === 'text'
        ? [{ type: 'text', text: part.text }]
        : [],
  )
}

function callOf({ id, name, input, custom, signature }: ToolCallPart, quirks: Quirks): JsonObject {
  const own = custom
    ? { type: 'custom', custom: { name, input } }
    : { type: 'function', function: { name, arguments: input } }
  const extra = signature && { extra_content: { google: { thought_signature: signature.value } } }
  return { id: wireToolId(id, quirks), ...own, ...extra }
}

/** A message for each result; media has no place in one, so it follows as the user's. */
function resultsOf(parts: readonly Part[], quirks: Quirks): readonly JsonObject[] {
  const media: JsonObject[] = []
  const results = parts.flatMap((part): readonly JsonObject[] => {
    if (part.type !== 'tool-result') return []
    media.push(...part.parts.flatMap((inner) => ('source' in inner ? mediaOf(inner) : [])))
    const text = part.parts.map((inner) => (inner.type === 'text' ? inner.text : '')).join('')
    return [{ role: 'tool', tool_call_id: wireToolId(part.id, quirks), content: part.failed ? `Error: ${text}` : text }]
  })
  return media.length === 0 ? results : [...results, { role: 'user', content: media }]
}

/** One text alone is a string: followers that know no parts take it too. */
function contentOf(parts: readonly Part[]): string | readonly JsonObject[] {
  if (parts.every((part) => part.type === 'text')) {
    if (parts.length === 1) return parts[0]?.text ?? ''
    if (parts.length === 0) return ''
  }
  return parts.flatMap((part): readonly JsonObject[] => {
    if (part.type === 'text') return [{ type: 'text', text: part.text }]
    return 'source' in part ? mediaOf(part) : []
  })
}

function mediaOf(part: MediaPart): readonly JsonObject[] {
  const { source, name, detail } = part
  if (source.kind === 'text') return [{ type: 'text', text: source.text }]
  const url =
    source.kind === 'url' ? source.url : source.kind === 'data' ? `data:${source.mediaType};base64,${source.data}` : ''
  switch (part.type) {
    case 'image':
      return [{ type: 'image_url', image_url: { url, ...(detail !== undefined && { detail }) } }]
    case 'audio':
      return [
        {
          type: 'input_audio',
          input_audio: { data: source.kind === 'data' ? source.data : '', format: formatOf(part) },
        },
      ]
    case 'video':
      return [{ type: 'video_url', video_url: { url } }]
    case 'document': {
      const file = source.kind === 'id' ? { file_id: source.id } : { file_data: url, filename: name ?? 'document' }
      return [{ type: 'file', file }]
    }
  }
}

/** `audio/mpeg` is written `mp3`. */
function formatOf({ source }: MediaPart): string {
  const type = source.kind === 'data' ? source.mediaType : ''
  const format = type.slice(type.indexOf('/') + 1)
  if (format === 'mpeg') return 'mp3'
  return format === 'x-wav' || format === 'wave' || format === '' ? 'wav' : format
}

/** Perplexity wants the two to speak in turns: what one says twice in a row is one message. */
function merged(messages: readonly JsonObject[]): readonly JsonObject[] {
  const out: JsonObject[] = []
  for (const message of messages) {
    const last = out.at(-1)
    if (
      last &&
      last['role'] === message['role'] &&
      typeof last['content'] === 'string' &&
      typeof message['content'] === 'string'
    )
      out[out.length - 1] = { ...last, content: `${last['content']}\n\n${message['content']}` }
    else out.push(message)
  }
  return out
}
