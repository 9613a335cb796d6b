import type { Finish } from '#src/core/answer.ts'
import type { Citation, Part } from '#src/core/conversation.ts'
import { writeSignature } from '#src/core/signature.ts'
import { isObject, parseJson, type JsonObject } from '#src/core/json.ts'

const REASONS: Readonly<Record<Finish['unified'], string>> = {
  stop: 'end_turn',
  length: 'max_tokens',
  tool_calls: 'tool_use',
  content_filter: 'refusal',
  pause: 'pause_turn',
}

/** Why a message ended, in Anthropic's words; its own finer ones are kept. */
export function stopReason({ unified, raw, stopSequence }: Finish): string {
  if (raw === 'model_context_window_exceeded') return raw
  return unified === 'stop' && stopSequence !== undefined ? 'stop_sequence' : REASONS[unified]
}

/** A part as a content block; undefined: the dialect has no place for it. */
export function blockOf(part: Part): JsonObject | undefined {
  switch (part.type) {
    case 'text': {
      const citations = (part.citations ?? []).map(citationObject)
      return { type: 'text', text: part.text, ...(citations.length > 0 && { citations }) }
    }
    case 'refusal':
      return { type: 'text', text: part.text }
    case 'reasoning': {
      const signature = part.signature ? writeSignature(part.signature, 'anthropic') : ''
      if (part.redacted) return { type: 'redacted_thinking', data: signature }
      return { type: 'thinking', thinking: part.text ?? part.summary?.join('\n\n') ?? '', signature }
    }
    case 'tool-call': {
      const input = part.custom ? { input: part.input } : parseJson(part.input)
      return { type: 'tool_use', id: part.id, name: part.name, input: isObject(input) ? input : {} }
    }
    case 'opaque':
      return part.vendor === 'anthropic' ? part.value : undefined
    case 'image':
      return part.source.kind === 'data'
        ? { type: 'image', source: { type: 'base64', media_type: part.source.mediaType, data: part.source.data } }
        : undefined
    default:
      return undefined
  }
}

/** A source in Anthropic's form: its own as it came, others as the result of a search. */
export function citationObject({ vendor, raw, url, title, quote }: Citation): JsonObject {
  if (vendor === 'anthropic') return raw
  return {
    type: 'web_search_result_location',
    url: url ?? '',
    title: title ?? url ?? '',
    cited_text: quote ?? '',
    encrypted_index: '',
  }
}
