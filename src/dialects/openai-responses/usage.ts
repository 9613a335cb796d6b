import type { JsonObject } from '#src/core/json.ts'
import type { Usage } from '#src/core/usage.ts'

/** Usage as Responses write it: every member is required there. */
export function responseUsage(usage: Usage): JsonObject {
  const { input = 0, output = 0 } = usage
  return {
    input_tokens: input,
    input_tokens_details: { cached_tokens: usage.cachedInput ?? 0, cache_write_tokens: usage.cacheWrite ?? 0 },
    output_tokens: output,
    output_tokens_details: { reasoning_tokens: usage.reasoning ?? 0 },
    total_tokens: input + output,
  }
}
