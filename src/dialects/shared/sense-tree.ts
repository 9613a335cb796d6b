import type { Capability } from '#src/core/endpoint.ts'
import { addTree, emptyMeasure } from '#src/core/measure.ts'
import type { ApiRequest, Signals } from '#src/core/request.ts'

/** Measures a request that is no conversation: everything in it counts, and no text comes back. */
export function senseTree({ body }: ApiRequest, capability: Capability): Signals {
  const measure = emptyMeasure()
  for (const [name, value] of Object.entries(body)) if (name !== 'model') addTree(value, measure)
  return {
    inputTokens: Math.ceil(measure.tokens),
    inputTokensWorst: measure.bytes,
    unmeasured: 0,
    outputLimit: 0,
    choices: 1,
    needs: [{ capability, param: 'model' }],
  }
}
