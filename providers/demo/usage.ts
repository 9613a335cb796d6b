import type { JsonObject } from '#src/core/json.ts'
import type { Reply } from './script.ts'

/** Tokens as they were counted while the answer was made. */
export interface Counted {
  readonly input: number
  readonly output: number
  readonly reasoning: number
}

/** A `usage` object in OpenAI's form: what the script says, else what was counted. */
export function usageOf(reply: Reply, counted: Counted): JsonObject {
  const input = reply.usage?.input ?? counted.input
  const output = reply.usage?.output ?? counted.output
  return {
    prompt_tokens: input,
    completion_tokens: output,
    total_tokens: input + output,
    prompt_tokens_details: { cached_tokens: reply.usage?.cached ?? 0 },
    completion_tokens_details: { reasoning_tokens: reply.usage?.reasoning ?? counted.reasoning },
  }
}

/** Where a stream of this reply carries usage. */
export function usagePlace(reply: Reply, body: JsonObject): 'last' | 'finish' | 'every' | 'never' {
  const place = reply.usageIn ?? 'asked'
  if (place !== 'asked') return place
  const options = body['stream_options']
  return typeof options === 'object' && options !== null && 'include_usage' in options && options.include_usage === true
    ? 'last'
    : 'never'
}
