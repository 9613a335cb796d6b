import * as z from 'zod/mini'

const atLeast = (least: number) => z.exactOptional(z.int().check(z.minimum(least)))

/** What stands under `limit`: the most of each that a request may ask for. */
export const schema = z.strictObject({
  outputTokens: atLeast(1),
  inputTokens: atLeast(1),
  choices: atLeast(1),
  tools: atLeast(0),
  images: atLeast(0),
})
