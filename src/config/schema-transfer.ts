import * as z from 'zod/mini'
import { country, fields, flag, listOf, moment, oneOrMore, text } from './fields.ts'

const countries = z.union([country, listOf(country, 'a list of countries')], { error: 'a country or a list of them' })

const permission = fields({
  provider: z.optional(oneOrMore()),
  operator: z.optional(oneOrMore()),
  country: z.optional(countries),
  region: z.optional(oneOrMore()),
  trainsOnData: z.optional(flag),
  retainsData: z.optional(flag),
  basis: text('on which basis requests may go there'),
  until: z.optional(moment),
}).check(
  z.refine((value) => Object.keys(value).some((name) => name !== 'basis' && name !== 'until'), {
    error:
      'whom it permits beside `basis`: `provider`, `operator`, `country`, `region`, `trainsOnData` or `retainsData`',
  }),
)

export const transfer = fields({
  home: countries,
  permit: z.optional(listOf(permission, 'a list of whom it permits on which basis')),
})
