import { numberAt, type JsonObject } from '#src/core/json.ts'
import type { Usage } from '#src/core/usage.ts'

/** Tokens, where an answer or its last line counts them. A prompt that was in the cache as a whole is not counted by older versions. */
export function usageOf(value: JsonObject): Usage | undefined {
  const [input, output] = [tokensAt(value, 'prompt_eval_count'), tokensAt(value, 'eval_count')]
  if (input === undefined && output === undefined) return undefined
  return { ...(input !== undefined && { input }), ...(output !== undefined && { output }) }
}

function tokensAt(owner: JsonObject, name: string): number | undefined {
  const value = numberAt(owner, name)
  return value !== undefined && Number.isSafeInteger(value) && value >= 0 ? value : undefined
}
