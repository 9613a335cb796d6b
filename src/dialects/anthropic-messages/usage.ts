import type { JsonObject } from '#src/core/json.ts'
import type { Usage } from '#src/core/usage.ts'

/** Usage as Anthropic writes it: what was read from a cache or written to one stands beside the input, not in it. Null is "not reported". */
export function messageUsage(usage: Usage): JsonObject {
  const { cachedInput, cacheWrite, cacheWriteLong, reasoning } = usage
  const input = Math.max(0, (usage.input ?? 0) - (cachedInput ?? 0) - (cacheWrite ?? 0))
  const long = cacheWriteLong ?? 0
  return {
    input_tokens: input,
    cache_creation_input_tokens: cacheWrite ?? null,
    cache_read_input_tokens: cachedInput ?? null,
    ...(cacheWriteLong !== undefined && {
      cache_creation: {
        ephemeral_5m_input_tokens: Math.max(0, (cacheWrite ?? long) - long),
        ephemeral_1h_input_tokens: long,
      },
    }),
    output_tokens: usage.output ?? 0,
    ...(reasoning !== undefined && { output_tokens_details: { thinking_tokens: reasoning } }),
  }
}

/** Anthropic's words for the tiers that it has. */
const TIERS: ReadonlyMap<string, string> = new Map([
  ['default', 'standard'],
  ['standard', 'standard'],
  ['priority', 'priority'],
  ['batch', 'batch'],
])

/** The tier that an answer came from; nothing where Anthropic has no such word. */
export function tierOf(serviceTier: string | undefined): JsonObject {
  const tier = serviceTier === undefined ? undefined : TIERS.get(serviceTier)
  return tier === undefined ? {} : { service_tier: tier }
}
