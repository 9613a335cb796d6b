import type { Answer } from '#src/core/answer.ts'
import type { Decoded } from '#src/core/codec.ts'
import type { Citation, Part } from '#src/core/conversation.ts'
import { arrayAt, isObject, numberAt, objectAt, stringAt, type Json, type JsonObject } from '#src/core/json.ts'
import { convertUsage } from './convert-usage.ts'
import { failureInside } from './map-error.ts'
import { finishOf } from './map-finish-reason.ts'
import { VENDOR } from './wire.ts'

/** A whole message. */
export function decodeMessage(value: JsonObject): Decoded {
  if (value['type'] === 'error' || isObject(value['error'])) return { failure: failureInside(value) }
  const usage = objectAt(value, 'usage')
  const parts = (arrayAt(value, 'content') ?? []).flatMap((block) => (isObject(block) ? [partOf(block)] : []))
  const answer: Answer = {
    ...headOf(value),
    choices: [{ index: 0, parts, finish: finishOf(value) ?? { unified: 'stop' } }],
    ...(usage && { usage: convertUsage(usage) }),
  }
  return { answer }
}

export function headOf(message: JsonObject): Pick<Answer, 'id' | 'model' | 'serviceTier'> {
  const [id, model] = [stringAt(message, 'id'), stringAt(message, 'model')]
  const tier = stringAt(objectAt(message, 'usage'), 'service_tier')
  return {
    ...(id !== undefined && { id }),
    ...(model !== undefined && { model }),
    ...(tier !== undefined && { serviceTier: tier }),
  }
}

/** A block of a message; what is Anthropic's own stays as it is. */
export function partOf(block: JsonObject): Part {
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
        id: stringAt(block, 'id') ?? '',
        name: stringAt(block, 'name') ?? '',
        input: JSON.stringify(block['input'] ?? {}),
      }
    default:
      return { type: 'opaque', vendor: VENDOR, kind: type, value: block }
  }
}

export function citationOf(raw: Json): Citation | undefined {
  if (!isObject(raw)) return undefined
  const [url, quote] = [stringAt(raw, 'url'), stringAt(raw, 'cited_text')]
  const title = stringAt(raw, 'title') ?? stringAt(raw, 'document_title')
  const [start, end] = [numberAt(raw, 'start_char_index'), numberAt(raw, 'end_char_index')]
  return {
    vendor: VENDOR,
    raw,
    ...(url !== undefined && { url }),
    ...(title !== undefined && { title }),
    ...(quote !== undefined && { quote }),
    ...(start !== undefined && { start }),
    ...(end !== undefined && { end }),
  }
}
