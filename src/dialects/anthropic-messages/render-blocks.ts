import type { Finish } from '#src/core/answer.ts'
import type { Citation, MediaPart, Part, ReasoningPart } from '#src/core/conversation.ts'
import { isObject, stringAt, type JsonObject } from '#src/core/json.ts'
import { writeSignature } from '#src/core/signature.ts'
import { parsePartial } from '../shared/partial-json.ts'

const VENDOR = 'anthropic'

const REASONS: Readonly<Record<Finish['unified'], string>> = {
  stop: 'end_turn',
  length: 'max_tokens',
  tool_calls: 'tool_use',
  content_filter: 'refusal',
  pause: 'pause_turn',
}

/** Why a message ended, as the last members of a message say it. */
export function stopOf({ unified, raw, stopSequence, safety }: Finish): JsonObject {
  // Its own finer word for `length` is kept.
  const reason = raw === 'model_context_window_exceeded' ? raw : REASONS[unified]
  const stopped = unified === 'stop' && (stopSequence !== undefined || raw === 'stop_sequence')
  const details = unified === 'content_filter' && stringAt(safety, 'type') === 'refusal' ? safety : null
  return {
    stop_reason: stopped ? 'stop_sequence' : reason,
    stop_sequence: stopSequence ?? null,
    stop_details: details ?? null,
  }
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
    case 'reasoning':
      return thoughtBlock(part)
    case 'tool-call': {
      const input = part.custom ? { input: part.input } : parsePartial(part.input)
      return { ...callBlock(part), input: isObject(input) ? input : {} }
    }
    case 'opaque':
      return part.vendor === VENDOR ? part.value : undefined
    case 'tool-result':
      return undefined
    default: {
      const text = mediaText(part)
      return text === undefined ? undefined : { type: 'text', text }
    }
  }
}

function thoughtBlock(part: ReasoningPart): JsonObject {
  const signature = part.signature ? writeSignature(part.signature, VENDOR) : ''
  if (part.redacted) return { type: 'redacted_thinking', data: signature }
  return { type: 'thinking', thinking: thoughtText(part), signature }
}

/** The text of a thought, and the paragraphs of its summary, as one. */
export function thoughtText({ text = '', summary = [] }: ReasoningPart): string {
  return [text, ...summary].filter((paragraph) => paragraph !== '').join(BETWEEN_THOUGHTS)
}

export const BETWEEN_THOUGHTS = '\n\n'

/** A call before its input. */
export function callBlock({ id, name }: { readonly id: string; readonly name: string }): JsonObject {
  return { type: 'tool_use', id, name, input: {}, caller: { type: 'direct' } }
}

/** Answers of this dialect hold no pictures and no sounds: a picture is text that shows it, a sound what is said in it. */
function mediaText(part: MediaPart): string | undefined {
  if (part.type !== 'image') return part.transcript
  const [before, after] = pictureFrame(part)
  const { source } = part
  if (source.kind === 'data') return before + source.data + after
  return source.kind === 'url' ? `![image](${source.url})` : undefined
}

/** What stands around a picture's data in Markdown. */
export function pictureFrame({ source }: MediaPart): readonly [before: string, after: string] {
  return [`![image](data:${source.kind === 'data' ? source.mediaType : ''};base64,`, ')']
}

/** A source in Anthropic's form: its own as it came, others as the result of a search. */
export function citationObject({ vendor, raw, url, title, quote }: Citation): JsonObject {
  if (vendor === VENDOR) return raw
  return {
    type: 'web_search_result_location',
    url: url ?? '',
    title: title ?? url ?? '',
    cited_text: quote ?? '',
    encrypted_index: '',
  }
}
