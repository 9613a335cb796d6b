import type { Decoded } from '#src/core/codec.ts'
import { collect } from '#src/core/collect.ts'
import type { JsonObject } from '#src/core/json.ts'
import { geminiStream, readChunk, START } from './decode-stream.ts'
import { failureInside, noCandidates } from './map-error.ts'

/** A whole answer: it is what a stream of one event amounts to (law 7). */
export function decodeResponse(value: JsonObject, id: string): Decoded {
  const inside = failureInside(value)
  if (inside) return { failure: inside }
  const { state, parts } = readChunk(START, value, id)
  const broken = parts.find((part) => part.type === 'failure')
  if (broken) return { failure: broken.failure }
  const answer = collect([...parts, ...geminiStream(id).end(state)])
  const empty = [...state.choices.values()].every(({ next, finish }) => next === 0 && !finish)
  return empty ? { failure: noCandidates() } : { answer }
}
