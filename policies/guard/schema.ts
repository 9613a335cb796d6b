import * as z from 'zod/mini'

const texts = z.exactOptional(
  z.array(z.string().check(z.minLength(1), z.maxLength(1000))).check(z.minLength(1), z.maxLength(1000)),
)

/** What stands under `guard`: words and patterns that no request may hold. */
export const schema = z.strictObject({ literals: texts, patterns: texts })
