import { isObject, numberAt } from '#src/core/json.ts'
import { addTree, emptyMeasure } from '#src/core/measure.ts'
import type { ApiRequest, Signals } from '#src/core/request.ts'
import { soundTokens } from '#src/core/sound.ts'

/** What a sound that the upstream fetches may hold: nobody knows, so no budget covers it unless the model reads for nothing. */
const UNKNOWN = { common: 1000, worst: 1_000_000_000 }

/** Measures a request for what is said in a sound: by the size of the file, since nobody knows its length. */
export function senseSound({ body }: ApiRequest): Signals {
  const measure = emptyMeasure()
  for (const [name, value] of Object.entries(body)) if (name !== 'model' && !isObject(value)) addTree(value, measure)
  const bytes = body['url'] === undefined ? numberAt(body['file'], 'bytes') : undefined
  const sound = bytes === undefined ? UNKNOWN : soundTokens(Math.max(0, bytes))
  return {
    inputTokens: Math.ceil(measure.tokens) + sound.common,
    inputTokensWorst: measure.bytes + sound.worst,
    unmeasured: 0,
    choices: 1,
    needs: [{ capability: 'transcription', param: 'model' }],
  }
}
