import * as z from 'zod/mini'
import { selectorFields } from '../selector.ts'

const name = z.string().check(z.minLength(1))

/** What stands under `verifyServed`: `true`, or which targets are checked, how closely, and by which other names they may answer. */
export const schema = z.union([
  z.literal(true),
  z.strictObject({
    ...selectorFields,
    match: z.exactOptional(z.enum(['model', 'family', 'developer'])),
    as: z.exactOptional(z.union([name, z.array(name).check(z.minLength(1))])),
  }),
])
