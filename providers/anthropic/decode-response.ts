import type { Answer } from '#src/core/answer.ts'
import type { Decoded } from '#src/core/codec.ts'
import type { Citation, Part } from '#src/core/conversation.ts'
import { arrayAt, isObject, objectAt, stringAt, type Json, type JsonObject } from '#src/core/json.ts'
import { convertUsage } from './convert-usage.ts'
import { failureInside, noMessage } from './map-error.ts'
import { finishOf } from './map-finish-reason.ts'
import { VENDOR } from './wire.ts'

/** A whole message. `id` makes the ids of calls that have none. */
export function decodeMessage(value: JsonObject, id: string): Decoded {
  if (value['type'] === 'error' || isObject(value['error'])) return { failure: failureInside(value) }
  const content = arrayAt(value, 'content')
  if (!content) return { failure: noMessage() }
  const usage = objectAt(value, 'usage')
  const parts = content.flatMap((block, at) => (isObject(block) ? [partOf(block, `call_${id}_${at}`)] : []))
  const rest = restOf(value)
  const answer: Answer = {
    ...headOf(value),
    choices: [{ index: 0, parts, finish: finishOf(value) ?? { unified: 'stop' } }],
    ...(usage && { usage: convertUsage(usage) }),
    ...(rest && { rest }),
  }
  return { answer }
}

/** The common words for Anthropic's tiers. */
const TIERS: ReadonlyMap<string, string> = new Map([['standard', 'default']])

/** What stands at the top of a message. */
export function headOf(message: JsonObject): Pick<Answer, 'id' | 'model' | 'serviceTier'> {
  const [id, model] = [stringAt(message, 'id'), stringAt(message, 'model')]
  const tier = stringAt(objectAt(message, 'usage'), 'service_tier')
  return {
    ...(id !== undefined && { id }),
    ...(model !== undefined && { model }),
    ...(tier !== undefined && { serviceTier: TIERS.get(tier) ?? tier }),
  }
}

const HEAD: ReadonlySet<string> = new Set([
  'id',
  'type',
  'role',
  'model',
  'content',
  'delta',
  'stop_reason',
  'stop_sequence',
  'stop_details',
  'usage',
])

/** Members of a message, or of the event that changes one, that have no place in an answer. */
export function restOf(owner: JsonObject): JsonObject | undefined {
  const members = Object.entries(owner).filter(([name, value]) => !HEAD.has(name) && value !== null)
  return members.length === 0 ? undefined : Object.fromEntries(members)
}

/** A block of a message; what is Anthropic's own stays as it is. `id` is for a call that has none. */
export function partOf(block: JsonObject, id: string): Part {
  const type = stringAt(block, 'type') ?? ''
  switch (type) {
    case 'text': {
      const citations = (arrayAt(block, 'citations') ?? []).flatMap((one) => citationOf(one) ?? [])
      return { type, text: stringAt(block, 'text') ?? '', ...(citations.length > 0 && { citations }) }
    }
    case 'thinking': {
      const value = stringAt(block, 'signature') ?? ''
      const text = stringAt(block, 'thinking') ?? ''
      return { type: 'reasoning', text, ...(value !== '' && { signature: { vendor: VENDOR, value } }) }
    }
    case 'redacted_thinking':
      return { type: 'reasoning', redacted: true, signature: { vendor: VENDOR, value: stringAt(block, 'data') ?? '' } }
    case 'tool_use':
      return {
        type: 'tool-call',
        id: stringAt(block, 'id') ?? id,
        name: stringAt(block, 'name') ?? '',
        input: jsonText(block['input'] ?? {}),
      }
    default:
      return { type: 'opaque', vendor: VENDOR, kind: type, value: block }
  }
}

/** JSON text; what is nested deeper than the engine's stack is nothing that a tool takes. */
export function jsonText(value: Json): string {
  try {
    return JSON.stringify(value)
  } catch {
    return '{}'
  }
}

/** A source that a text names. */
export function citationOf(raw: Json): Citation | undefined {
  if (!isObject(raw)) return undefined
  const [url, quote] = [stringAt(raw, 'url'), stringAt(raw, 'cited_text')]
  const title = stringAt(raw, 'title') ?? stringAt(raw, 'document_title')
  return {
    vendor: VENDOR,
    raw,
    ...(url !== undefined && { url }),
    ...(title !== undefined && { title }),
    ...(quote !== undefined && { quote }),
  }
}
