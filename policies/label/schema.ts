import * as z from 'zod/mini'

/** What stands under `label`: `true`, or what people are told. */
export const schema = z.union([
  z.literal(true),
  z.strictObject({ notice: z.string().check(z.minLength(1), z.maxLength(500)) }),
])
