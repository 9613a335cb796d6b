import * as z from 'zod/mini'
import { selectorFields } from '../selector.ts'

const exception = z.strictObject(selectorFields)

/** What stands under `deny`: a selector, and what is taken out of it again. */
export const schema = z.strictObject({
  ...selectorFields,
  except: z.exactOptional(z.union([exception, z.array(exception)])),
})
