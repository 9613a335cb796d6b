import * as z from 'zod/mini'
import { selectorFields } from '../selector.ts'

/** What stands under `require`: a selector, a list of which one must hold, or both. */
export const schema = z.strictObject({
  ...selectorFields,
  anyOf: z.exactOptional(z.array(z.strictObject(selectorFields)).check(z.minLength(1))),
})
