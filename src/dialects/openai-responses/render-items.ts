import type { TokenLogprob } from '#src/core/answer.ts'
import type { Citation, Part, ReasoningPart, ToolCallPart } from '#src/core/conversation.ts'
import type { JsonObject } from '#src/core/json.ts'
import { writeSignature } from '#src/core/signature.ts'

/** An item's id, made of the response's and of its place. */
export function itemId(kind: 'msg' | 'rs' | 'fc' | 'ctc' | 'item', response: string, place: number): string {
  return `${kind}_${response.slice('resp_'.length)}_${place}`
}

/** A part as an item of its own, whole; undefined: it belongs into a message, or has no place. */
export function itemOf(part: Part, id: string): JsonObject | undefined {
  switch (part.type) {
    case 'reasoning':
      return reasoningItem(part, id)
    case 'tool-call':
      return callItem(part, id, 'completed')
    case 'opaque':
      return part.vendor === 'openai' ? part.value : undefined
    case 'image':
      return part.source.kind === 'data'
        ? { type: 'image_generation_call', id, status: 'completed', result: part.source.data }
        : undefined
    default:
      return undefined
  }
}

/**
 * Thoughts as they were thought stand among the summaries: that is where clients of this dialect look for them, and the official one ends a stream
 * whose events it does not know (OpenAI and Open Responses call those of a plain thought by different names).
 */
export function reasoningItem({ text, summary = [], signature }: ReasoningPart, id: string): JsonObject {
  return {
    type: 'reasoning',
    id,
    summary: [...(text === undefined || text === '' ? [] : [text]), ...summary].map(summaryText),
    ...(signature && { encrypted_content: writeSignature(signature, 'openai') }),
  }
}

export function summaryText(text: string): JsonObject {
  return { type: 'summary_text', text }
}

export function callItem({ id: call, name, input, custom }: ToolCallPart, id: string, status: string): JsonObject {
  return custom
    ? { type: 'custom_tool_call', id, call_id: call, name, input, status }
    : { type: 'function_call', id, call_id: call, name, arguments: input, status }
}

export function messageItem(id: string, content: readonly JsonObject[], status: string): JsonObject {
  return { type: 'message', id, status, role: 'assistant', content }
}

export function outputText(
  text: string,
  citations: readonly Citation[],
  logprobs: readonly TokenLogprob[],
): JsonObject {
  return {
    type: 'output_text',
    text,
    annotations: citations.map(annotation).filter((own) => own !== undefined),
    logprobs: logprobs.map(tokenObject),
  }
}

export function refusalPart(text: string): JsonObject {
  return { type: 'refusal', refusal: text }
}

/** A source with an address; OpenAI's own as it came. */
export function annotation({ vendor, raw, url, title, start = 0, end = start }: Citation): JsonObject | undefined {
  if (vendor === 'openai' && raw['type'] !== undefined && raw['url_citation'] === undefined) return raw
  if (url === undefined) return undefined
  return { type: 'url_citation', url, title: title ?? url, start_index: start, end_index: end }
}

export function tokenObject({ token, logprob, bytes, top = [] }: TokenLogprob): JsonObject {
  const plain = (one: Omit<TokenLogprob, 'top'>): JsonObject => ({
    token: one.token,
    logprob: one.logprob,
    bytes: one.bytes ?? [],
  })
  return { ...plain({ token, logprob, ...(bytes !== undefined && { bytes }) }), top_logprobs: top.map(plain) }
}
