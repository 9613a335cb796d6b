import * as z from 'zod/mini'
import { PII_TYPES } from '#src/core/pii/types.ts'

const types = z.array(z.enum(PII_TYPES)).check(z.minLength(1))

/** What stands under `redact`: `all`, a list of types, or either with what else is to be done. */
export const schema = z.union([
  z.literal('all'),
  types,
  z.strictObject({
    types: z.exactOptional(z.union([z.literal('all'), types])),
    restore: z.exactOptional(z.boolean()),
    answers: z.exactOptional(z.boolean()),
    unscannable: z.exactOptional(z.enum(['deny', 'allow'])),
  }),
])
