import type { TokenLogprob } from '#src/core/answer.ts'
import { arrayAt, isObject, numberAt, objectAt, stringAt, type Json, type JsonObject } from '#src/core/json.ts'

/** The tokens of a candidate, each with those that were near. */
export function logprobsOf(candidate: JsonObject): readonly TokenLogprob[] {
  const result = objectAt(candidate, 'logprobsResult')
  if (!result) return []
  const near = arrayAt(result, 'topCandidates') ?? []
  return (arrayAt(result, 'chosenCandidates') ?? []).flatMap((chosen, at) => {
    const top = (arrayAt(near[at], 'candidates') ?? []).flatMap(tokenOf)
    return tokenOf(chosen).map((token) => (top.length > 0 ? { ...token, top } : token))
  })
}

function tokenOf(value: Json): readonly TokenLogprob[] {
  if (!isObject(value)) return []
  const logprob = numberAt(value, 'logProbability')
  return logprob === undefined ? [] : [{ token: stringAt(value, 'token') ?? '', logprob }]
}
