import { numberAt, objectAt, type JsonObject } from '#src/core/json.ts'
import { reported, type Usage } from '#src/core/usage.ts'

/** `tokens` is what went through the model; `billed_units` leaves out what Cohere adds itself, and stands in where there is nothing else. */
export function convertUsage(wire: JsonObject): Usage {
  const counted = objectAt(wire, 'tokens') ?? objectAt(wire, 'billed_units')
  const [input, output] = [tokensAt(counted, 'input_tokens'), tokensAt(counted, 'output_tokens')]
  const cached = tokensAt(wire, 'cached_tokens')
  return reported({
    input,
    cachedInput: cached === undefined || input === undefined ? cached : Math.min(cached, input),
    output,
  })
}

function tokensAt(owner: JsonObject | undefined, name: string): number | undefined {
  const value = numberAt(owner, name)
  return value !== undefined && Number.isSafeInteger(value) && value >= 0 ? value : undefined
}
