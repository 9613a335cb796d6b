import * as z from 'zod/mini'

const text = z.string().check(z.minLength(1))
const number = z.exactOptional(z.number())

/** What stands under `set`: values that go into requests, by names that are the same for every dialect. */
export const schema = z.strictObject({
  temperature: number,
  topP: number,
  topK: z.exactOptional(z.int()),
  seed: z.exactOptional(z.int()),
  stop: z.exactOptional(z.union([text, z.array(text).check(z.minLength(1))])),
  user: z.exactOptional(text),
  store: z.exactOptional(z.boolean()),
  serviceTier: z.exactOptional(text),
  reasoningEffort: z.exactOptional(text),
})
