import type { Json, JsonObject } from '#src/core/json.ts'
import { addImageTokens, addTree, emptyMeasure } from '#src/core/measure.ts'
import { counted, type ApiRequest, type Signals } from '#src/core/request.ts'

/** Measures an edit of pictures: its prompt, and the number of them. How much the answer holds follows from the model's facts. */
export function senseEdit({ body }: ApiRequest): Signals {
  const measure = emptyMeasure()
  for (const [name, value] of Object.entries(body)) {
    if (name === 'model') continue
    const pictures = picturesIn(name, value)
    for (let count = 0; count < pictures; count++) addImageTokens(measure)
    if (pictures === 0) addTree(value, measure)
  }
  return {
    inputTokens: Math.ceil(measure.tokens),
    inputTokensWorst: measure.bytes + measure.mediaWorst,
    unmeasured: 0,
    choices: choicesOf(body),
    ...counted(0, measure.images),
    needs: [
      { capability: 'image_generation', param: 'model' },
      { capability: 'images', param: 'image' },
    ],
  }
}

/** `image`, `image[]`, `images`, `mask`: files, or where they are. */
function picturesIn(name: string, value: Json | undefined): number {
  if (!name.startsWith('image') && name !== 'mask') return 0
  return Array.isArray(value) ? value.length : 1
}

function choicesOf({ n }: JsonObject): number {
  const count = typeof n === 'string' || typeof n === 'number' ? Number(n) : 1
  return Number.isSafeInteger(count) && count >= 1 ? count : 1
}
