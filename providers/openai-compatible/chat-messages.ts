import type { CacheMark, Conversation, Part, ToolCallPart, Turn } from '#src/core/conversation.ts'
import type { Json, JsonObject } from '#src/core/json.ts'
import { GAP, thoughtOf } from '#src/core/parts.ts'
import { mediaOf } from './chat-media.ts'
import type { Quirks } from './definition.ts'
import { detailsIn } from './reasoning-details.ts'
import { wireToolId } from './tool-ids.ts'

/** The turns of a conversation as chat messages. */
export function messagesOf({ turns }: Conversation, quirks: Quirks, warnings: string[]): readonly JsonObject[] {
  if (quirks.developerRole === 'system' && turns.some(({ role }) => role === 'developer'))
    warnings.push('messages of role `developer` were sent as `system`')
  const messages = turns.flatMap((turn) => messageOf(turn, quirks))
  if (!quirks.alternates) return messages
  const merged = alternating(messages)
  if (merged.length < messages.length)
    warnings.push('messages of one role that follow each other were sent as one: the provider demands turns')
  return merged
}

function messageOf(turn: Turn, quirks: Quirks): readonly JsonObject[] {
  const { role, parts } = turn
  const named = turn.name === undefined ? {} : { name: turn.name }
  switch (role) {
    case 'assistant':
      return [{ ...assistantOf(parts, quirks), ...named }]
    case 'tool':
      return resultsOf(parts, quirks)
    default: {
      const own = role === 'developer' && quirks.developerRole === 'system' ? 'system' : role
      return [{ role: own, content: contentOf(parts, quirks), ...named }]
    }
  }
}

function assistantOf(parts: readonly Part[], quirks: Quirks): JsonObject {
  const said = parts.filter((part) => part.type === 'text' || part.type === 'refusal')
  const calls = parts.filter((part) => part.type === 'tool-call').map((part) => callOf(part, quirks))
  const empty = calls.length > 0 && quirks.contentNull === 'null' ? null : ''
  return {
    role: 'assistant',
    content: said.length === 0 ? empty : assistantContent(said, quirks),
    ...(calls.length > 0 && { tool_calls: calls }),
    ...thoughtsOf(parts, quirks),
  }
}

/** A refusal has a part of its own with OpenAI alone: elsewhere it is text. */
function assistantContent(parts: readonly Extract<Part, { readonly text: string }>[], quirks: Quirks): Json {
  const refused = quirks.members === 'openai' && parts.some(({ type }) => type === 'refusal')
  const marked = parts.some((part) => part.type === 'text' && part.cache !== undefined)
  if (!refused && !marked) return parts.map(({ text }) => text).join('')
  return parts.map((part) => (part.type === 'refusal' ? { type: 'refusal', refusal: part.text } : textOf(part)))
}

/** Thoughts of earlier turns, where the provider wants them back. */
function thoughtsOf(parts: readonly Part[], { replayReasoning }: Quirks): JsonObject {
  if (replayReasoning === 'none') return {}
  const details = replayReasoning === 'reasoning_details' ? detailsIn(parts) : []
  if (details.length > 0) return { reasoning_details: details }
  const text = parts.map((part) => (part.type === 'reasoning' ? thoughtOf(part) : '')).join('')
  if (text === '') return {}
  return { [replayReasoning === 'reasoning_details' ? 'reasoning' : replayReasoning]: text }
}

function callOf({ id, name, input, custom, signature }: ToolCallPart, quirks: Quirks): JsonObject {
  const own = custom
    ? { type: 'custom', custom: { name, input } }
    : { type: 'function', function: { name, arguments: input } }
  // Only its own vendor's comes this far.
  const extra = signature && { extra_content: { google: { thought_signature: signature.value } } }
  return { id: wireToolId(id, quirks), ...own, ...extra }
}

/** A message for each result; media has no place in one, so it follows as the user's. */
function resultsOf(parts: readonly Part[], quirks: Quirks): readonly JsonObject[] {
  const media: JsonObject[] = []
  const results = parts.flatMap((part): readonly JsonObject[] => {
    if (part.type !== 'tool-result') return []
    media.push(...part.parts.flatMap((inner) => ('source' in inner ? mediaOf(inner, quirks) : [])))
    const texts = part.parts.flatMap((inner) => (inner.type === 'text' ? [inner] : []))
    const last = texts.at(-1)
    const told = part.cache && last ? [...texts.slice(0, -1), { ...last, cache: part.cache }] : texts
    const failed: readonly Part[] = part.failed === true ? [{ type: 'text', text: 'Error:' }] : []
    return [
      { role: 'tool', tool_call_id: wireToolId(part.id, quirks), content: contentOf([...failed, ...told], quirks) },
    ]
  })
  return media.length === 0 ? results : [...results, { role: 'user', content: media }]
}

/** One text alone is a string, and so are several where followers may know no parts. */
function contentOf(parts: readonly Part[], quirks: Quirks): Json {
  const { members } = quirks
  const texts = parts.flatMap((part) => (part.type === 'text' ? [part] : []))
  const plain = texts.length === parts.length && texts.every(({ cache }) => cache === undefined)
  if (plain && (members === 'common' || texts.length < 2)) return texts.map(({ text }) => text).join(GAP)
  return parts.flatMap((part): readonly JsonObject[] => {
    if (part.type === 'text') return [textOf(part)]
    return 'source' in part ? mediaOf(part, quirks) : []
  })
}

function textOf({ text, cache }: { readonly text: string; readonly cache?: CacheMark }): JsonObject {
  const mark = cache && { cache_control: { type: 'ephemeral', ...(cache.ttl !== undefined && { ttl: cache.ttl }) } }
  return { type: 'text', text, ...mark }
}

/** User and assistant in turns: what one says twice in a row is one message. */
function alternating(messages: readonly JsonObject[]): readonly JsonObject[] {
  const out: JsonObject[] = []
  for (const message of messages) {
    const last = out.at(-1)
    if (last && last['role'] === message['role'] && message['role'] !== 'tool' && !('tool_calls' in last)) {
      out[out.length - 1] = { ...last, ...message, content: together(last['content'], message['content']) }
    } else out.push(message)
  }
  return out
}

function together(one: Json | undefined, other: Json | undefined): Json {
  if (typeof one === 'string' && typeof other === 'string') return [one, other].filter((text) => text !== '').join(GAP)
  return [...partsIn(one), ...partsIn(other)]
}

function partsIn(content: Json | undefined): readonly Json[] {
  if (typeof content === 'string') return content === '' ? [] : [{ type: 'text', text: content }]
  return Array.isArray(content) ? content : []
}
