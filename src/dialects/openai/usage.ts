import type { JsonObject } from '#src/core/json.ts'
import type { Usage } from '#src/core/usage.ts'

/** Usage as chat completions write it; what was not reported is left out where the dialect lets it. */
export function chatUsage(usage: Usage): JsonObject {
  const { input = 0, output = 0 } = usage
  const prompt = defined({
    cached_tokens: usage.cachedInput,
    cache_write_tokens: usage.cacheWrite,
    audio_tokens: usage.audioInput,
    image_tokens: usage.imageInput,
  })
  const completion = defined({
    reasoning_tokens: usage.reasoning,
    audio_tokens: usage.audioOutput,
    image_tokens: usage.imageOutput,
    accepted_prediction_tokens: usage.acceptedPrediction,
    rejected_prediction_tokens: usage.rejectedPrediction,
  })
  return {
    prompt_tokens: input,
    completion_tokens: output,
    total_tokens: input + output,
    ...(prompt && { prompt_tokens_details: prompt }),
    ...(completion && { completion_tokens_details: completion }),
  }
}

/** Only the members that have a value; undefined: none has. */
function defined(members: Readonly<Record<string, number | undefined>>): JsonObject | undefined {
  const known = Object.entries(members).filter(([, value]) => value !== undefined)
  return known.length === 0 ? undefined : Object.fromEntries(known)
}
