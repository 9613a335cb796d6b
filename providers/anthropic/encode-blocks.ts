import type { CacheMark, MediaPart, Part, Source, Turn } from '#src/core/conversation.ts'
import { isObject, parseJson, type JsonObject } from '#src/core/json.ts'
import { VENDOR } from './wire.ts'

/** Turns as messages: the two sides alternate, and results of tools stand first in the user's next message. */
export function messagesOf(turns: readonly Turn[]): readonly JsonObject[] {
  const messages: { role: string; content: JsonObject[] }[] = []
  for (const turn of turns) {
    const role = roleOf(turn)
    const content = turn.parts.flatMap(blockOf)
    if (content.length === 0) continue
    const last = messages.at(-1)
    if (last?.role === role) last.content.push(...content)
    else messages.push({ role, content })
  }
  return messages
}

function roleOf({ role }: Turn): string {
  if (role === 'assistant') return role
  return role === 'system' || role === 'developer' ? 'system' : 'user'
}

export function marked(block: JsonObject, cache: CacheMark | undefined): JsonObject {
  if (!cache) return block
  return { ...block, cache_control: { type: 'ephemeral', ...(cache.ttl !== undefined && { ttl: cache.ttl }) } }
}

/** A part as content blocks; an empty text is none, since the API refuses it. */
export function blockOf(part: Part): readonly JsonObject[] {
  switch (part.type) {
    case 'text':
      return part.text === '' ? [] : [marked({ type: 'text', text: part.text }, part.cache)]
    case 'refusal':
      return part.text === '' ? [] : [{ type: 'text', text: part.text }]
    case 'reasoning': {
      const signature = part.signature?.vendor === VENDOR ? part.signature.value : undefined
      if (part.redacted) return signature === undefined ? [] : [{ type: 'redacted_thinking', data: signature }]
      // Thoughts without their signature are refused: they go back as nothing rather than as words that were never said.
      return signature === undefined ? [] : [{ type: 'thinking', thinking: part.text ?? '', signature }]
    }
    case 'tool-call': {
      const input = part.custom ? { input: part.input } : parseJson(part.input)
      return [
        marked({ type: 'tool_use', id: part.id, name: part.name, input: isObject(input) ? input : {} }, part.cache),
      ]
    }
    case 'tool-result': {
      const content = part.parts.flatMap(blockOf)
      return [
        marked(
          {
            type: 'tool_result',
            tool_use_id: part.id,
            ...(content.length > 0 && { content }),
            ...(part.failed === true && { is_error: true }),
          },
          part.cache,
        ),
      ]
    }
    case 'opaque':
      return [part.value]
    default:
      return mediaOf(part)
  }
}

function mediaOf(part: MediaPart): readonly JsonObject[] {
  if (part.type === 'image') return [marked({ type: 'image', source: sourceOf(part.source) }, part.cache)]
  if (part.type !== 'document') return []
  const title = part.name === undefined ? {} : { title: part.name }
  return [marked({ type: 'document', source: sourceOf(part.source), ...title }, part.cache)]
}

function sourceOf(source: Source): JsonObject {
  switch (source.kind) {
    case 'data':
      // Text of a file is written as text: base64 is for what is no text.
      return { type: 'base64', media_type: source.mediaType, data: source.data }
    case 'url':
      return { type: 'url', url: source.url }
    case 'id':
      return { type: 'file', file_id: source.id }
    case 'text':
      return { type: 'text', media_type: 'text/plain', data: source.text }
  }
}
