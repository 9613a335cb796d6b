import { stringAt } from '#src/core/json.ts'
import { utf8Length } from '#src/core/measure.ts'
import type { ApiRequest, Signals } from '#src/core/request.ts'
import { speechTokens } from '#src/core/sound.ts'

/** Measures a text to be spoken: by its characters, which is what such models are billed by, and never more tokens than its bytes. */
export function senseSpeech({ body }: ApiRequest): Signals {
  const input = stringAt(body, 'input') ?? ''
  const instructions = stringAt(body, 'instructions') ?? ''
  const spoken = utf8Length(input)
  return {
    inputTokens: characters(input) + characters(instructions),
    inputTokensWorst: spoken + utf8Length(instructions),
    unmeasured: 0,
    outputTokens: speechTokens(spoken),
    choices: 1,
    needs: [{ capability: 'speech', param: 'model' }],
  }
}

/** Both halves of a pair are one. */
function characters(text: string): number {
  let count = 0
  for (let index = 0; index < text.length; index++) if ((text.codePointAt(index) ?? 0) > 0xffff) count--
  return count + text.length
}
