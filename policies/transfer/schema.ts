import * as z from 'zod/mini'
import { endOf } from '#src/core/moment.ts'
import { selectorFields } from '../selector.ts'

const text = z.string().check(z.minLength(1))
const names = selectorFields.provider
const flag = selectorFields.local

/** Whom requests may go to abroad, on which basis and until when. */
const permission = z.strictObject({
  provider: names,
  operator: names,
  /** Of the operator. */
  country: names,
  region: names,
  trainsOnData: flag,
  retainsData: flag,
  basis: text,
  until: z.exactOptional(text.check(z.refine((value) => endOf(value) !== undefined))),
})

/** What stands under `transfer`. */
export const schema = z.strictObject({
  home: z.union([text, z.array(text).check(z.minLength(1))]),
  permit: z.exactOptional(z.array(permission)),
})
