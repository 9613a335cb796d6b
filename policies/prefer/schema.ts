import * as z from 'zod/mini'
import { selectorFields } from '../selector.ts'

/** What stands under `prefer`: a selector. */
export const schema = z.strictObject(selectorFields)
