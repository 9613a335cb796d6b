import { arrayAt, isObject, objectAt, type Json, type JsonObject } from '#src/core/json.ts'
import { usd, type NanoUsd } from '#src/core/money.ts'
import { tierName } from '#src/core/service-tier.ts'
import { reported, type Usage } from '#src/core/usage.ts'
import type { Quirks } from './definition.ts'

/** One tick is 1e-10 USD, a tenth of a nano. */
const TICKS_PER_NANO = 10n

/**
 * Tokens in tutti's terms: cached and written ones are part of the input, reasoning is part of the output. Parts that claim more than their
 * whole are cut to it, so that no token is billed twice.
 */
export function convertUsage(wire: JsonObject, quirks: Quirks): Usage {
  const prompt = objectAt(wire, 'prompt_tokens_details')
  const input = count(wire['prompt_tokens'])
  const cachedInput = clamp(
    count(prompt?.['cached_tokens']) ??
      count(wire['prompt_cache_hit_tokens']) ??
      count(wire['cached_tokens']) ??
      count(wire['cache_read_input_tokens']),
    input,
  )
  const cacheWrite = clamp(
    count(prompt?.['cache_write_tokens']) ?? count(wire['cache_creation_input_tokens']),
    input === undefined ? undefined : input - (cachedInput ?? 0),
  )
  const { output, reasoning } = outputOf(wire, input, quirks)
  return reported({ input, cachedInput, cacheWrite, output, reasoning, reportedCost: costOf(wire, quirks) })
}

/** The usage of an answer or event from where vendors put it, with every class of tokens; undefined: none is there. What was not reported stays undefined. */
export function usageOf(value: JsonObject, quirks: Quirks): Usage | undefined {
  const wire = usageObject(value)
  if (wire === undefined) return undefined
  const [prompt, completion] = [objectAt(wire, 'prompt_tokens_details'), objectAt(wire, 'completion_tokens_details')]
  const more = {
    audioInput: count(prompt?.['audio_tokens']),
    cachedAudio: count(objectAt(prompt, 'cached_tokens_details')?.['audio_tokens']),
    imageInput: count(prompt?.['image_tokens']),
    audioOutput: count(completion?.['audio_tokens']),
    imageOutput: count(completion?.['image_tokens']),
    acceptedPrediction: count(completion?.['accepted_prediction_tokens']),
    rejectedPrediction: count(completion?.['rejected_prediction_tokens']),
    ...chargedBeside(value, wire),
  }
  return { ...convertUsage(wire, quirks), ...reported(more) }
}

/** What is charged beside tokens, changes their price, or says how sure they are. */
export function chargedBeside(answer: JsonObject, wire: JsonObject) {
  const estimated = wire['estimated'] === true ? true : undefined
  return { searches: searchesOf(wire), serviceTier: tierName(answer['service_tier']), estimated }
}

/** How often it searched, or what it found there, where that is charged. */
function searchesOf(wire: JsonObject): number | undefined {
  const xai = objectAt(wire, 'server_side_tool_usage_details')
  if (xai) return (count(xai['web_search_calls']) ?? 0) + (count(xai['x_search_calls']) ?? 0)
  return (
    count(objectAt(wire, 'server_tool_use')?.['web_search_requests']) ??
    count(wire['num_search_queries']) ??
    count(wire['num_sources_used'])
  )
}

function usageObject(value: JsonObject): JsonObject | undefined {
  const usage = value['usage']
  if (isObject(usage)) return usage
  const groq = objectAt(objectAt(value, 'x_groq'), 'usage')
  if (groq !== undefined) return groq
  for (const choice of arrayAt(value, 'choices') ?? []) {
    const own = objectAt(choice, 'usage')
    if (own !== undefined) return own
  }
  return undefined
}

/** Some leave reasoning out of `completion_tokens`; where a total is given, it tells. */
function outputOf(wire: JsonObject, input: number | undefined, quirks: Quirks) {
  const completion = count(wire['completion_tokens'])
  const reasoning =
    count(objectAt(wire, 'completion_tokens_details')?.['reasoning_tokens']) ?? count(wire['reasoning_tokens'])
  if (completion === undefined || reasoning === undefined) return { output: completion, reasoning }
  const total = count(wire['total_tokens'])
  const apart =
    total === undefined || input === undefined
      ? quirks.reasoningExcluded
      : total === input + completion + reasoning && reasoning > 0
  return apart
    ? { output: completion + reasoning, reasoning }
    : { output: completion, reasoning: Math.min(reasoning, completion) }
}

/** What the upstream itself says that the answer cost. */
export function costOf(wire: JsonObject, quirks: Pick<Quirks, 'reportedCost'>): NanoUsd | undefined {
  switch (quirks.reportedCost) {
    case 'none':
      return undefined
    case 'usage.cost':
      return money(wire['cost'], ownKeyCost(wire))
    case 'usage.cost.total_cost':
      return money(objectAt(wire, 'cost')?.['total_cost'])
    case 'usage.cost_in_usd_ticks': {
      const ticks = count(wire['cost_in_usd_ticks'])
      return ticks === undefined ? undefined : (BigInt(ticks) + TICKS_PER_NANO - 1n) / TICKS_PER_NANO
    }
  }
}

/** With the operator's own key behind an aggregator, `cost` is the aggregator's fee alone. */
function ownKeyCost(wire: JsonObject): Json | undefined {
  return wire['is_byok'] === true ? objectAt(wire, 'cost_details')?.['upstream_inference_cost'] : undefined
}

function money(...amounts: readonly (Json | undefined)[]): NanoUsd | undefined {
  if (typeof amounts[0] !== 'number') return undefined
  let sum = 0n
  for (const amount of amounts) {
    if (typeof amount === 'number' && Number.isFinite(amount) && amount >= 0 && amount < 1e6) sum += usd(amount)
  }
  return sum
}

/** Tokens are whole and not negative; anything else was not reported. */
function count(value: Json | undefined): number | undefined {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : undefined
}

function clamp(part: number | undefined, whole: number | undefined): number | undefined {
  return part === undefined || whole === undefined ? part : Math.min(part, whole)
}
