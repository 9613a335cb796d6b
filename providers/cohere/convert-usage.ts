import { numberAt, objectAt, type JsonObject } from '#src/core/json.ts'
import type { Usage } from '#src/core/usage.ts'

/** `tokens` is what went through the model; `billed_units` leaves out what Cohere adds itself, and stands in where there is nothing else. */
export function convertUsage(wire: JsonObject): Usage {
  const counted = objectAt(wire, 'tokens') ?? objectAt(wire, 'billed_units')
  const [input, output] = [tokensAt(counted, 'input_tokens'), tokensAt(counted, 'output_tokens')]
  const cached = tokensAt(wire, 'cached_tokens')
  return {
    ...(input !== undefined && { input }),
    ...(cached !== undefined && { cachedInput: input === undefined ? cached : Math.min(cached, input) }),
    ...(output !== undefined && { output }),
  }
}

function tokensAt(owner: JsonObject | undefined, name: string): number | undefined {
  const value = numberAt(owner, name)
  return value !== undefined && Number.isSafeInteger(value) && value >= 0 ? value : undefined
}
