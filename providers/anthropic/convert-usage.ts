import { objectAt, type Json, type JsonObject } from '#src/core/json.ts'
import { tierName } from '#src/core/service-tier.ts'
import { reported, type Usage } from '#src/core/usage.ts'

/** Tokens in tutti's terms: Anthropic counts what a cache gave or took beside the input, here it is a part of it. */
export function convertUsage(wire: JsonObject): Usage {
  const read = count(wire['cache_read_input_tokens'])
  const written = count(wire['cache_creation_input_tokens'])
  const fresh = count(wire['input_tokens'])
  const long = count(objectAt(wire, 'cache_creation')?.['ephemeral_1h_input_tokens'])
  const output = count(wire['output_tokens'])
  const reasoning = count(objectAt(wire, 'output_tokens_details')?.['thinking_tokens'])
  const searches = count(objectAt(wire, 'server_tool_use')?.['web_search_requests'])
  // Its fast mode is priced as tiers are elsewhere.
  const serviceTier = wire['speed'] === 'fast' ? 'fast' : tierName(wire['service_tier'])
  const region = wire['inference_geo'] === 'not_available' ? undefined : tierName(wire['inference_geo'])
  return reported({
    input: fresh === undefined ? undefined : fresh + (read ?? 0) + (written ?? 0),
    cachedInput: read,
    cacheWrite: written,
    cacheWriteLong: long,
    output,
    reasoning,
    searches,
    serviceTier,
    region,
  })
}

/** Tokens are whole and not negative; anything else was not reported. */
function count(value: Json | undefined): number | undefined {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : undefined
}
