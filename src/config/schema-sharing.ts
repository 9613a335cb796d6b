import * as z from 'zod/mini'
import { EACH } from '#src/core/sharing.ts'
import { choice, duration, fields, flag, listOf, money, text, whole } from './fields.ts'
import { timeZone } from './schema-scope.ts'

const subjects = fields({
  keys: z.optional(listOf(text(), 'a list of key ids')),
  tenants: z.optional(listOf(text(), 'a list of tenants')),
  teams: z.optional(listOf(text(), 'a list of teams')),
  users: z.optional(listOf(text(), 'a list of users')),
  tags: z.optional(listOf(text(), 'a list of tags')),
}).check(z.refine((value) => Object.keys(value).length > 0, { error: '`keys`, `tenants`, `teams`, `users` or `tags`' }))

/** Percent of a budget. */
export const alertsField = z.optional(listOf(whole('a whole number from 1 to 100', 1, 100), 'a list of percentages'))

/** Whom budgets' alerts are told, beside the log. */
export const alertsSchema = fields({
  webhook: fields({
    url: text('a URL like `https://ops.example.com/tutti`'),
    secret: z.optional(text()),
    local: z.optional(flag),
    timeout: z.optional(duration),
  }),
})

export type AlertsFile = z.output<typeof alertsSchema>

const many = whole('a whole number above 0', 1)

/** At most so many requests and tokens in any minute, and requests at a time. */
export const LIMITS = {
  rpm: z.optional(many),
  tpm: z.optional(many),
  concurrency: z.optional(many),
}

/** Whom it is about. */
const COVERING = {
  name: text(),
  each: z.optional(choice(EACH)),
  subjects: z.optional(subjects),
  models: z.optional(listOf(text(), 'a list of patterns over model names')),
  providers: z.optional(listOf(text(), 'a list of providers')),
}

/** What some may spend together, or each of them. */
export const budgetSchema = fields({
  ...COVERING,
  usd: money,
  per: choice(['hour', 'day', 'week', 'month', 'total']),
  timeZone: z.optional(timeZone),
  alerts: alertsField,
  currency: z.optional(choice(['USD'], ['KRW', 'EUR'])),
})

/** What some may ask for together, or each of them. */
export const limitsSchema = fields({ ...COVERING, ...LIMITS }).check(
  z.refine((value) => Object.keys(LIMITS).some((name) => name in value), { error: '`rpm`, `tpm` or `concurrency`' }),
)

export type BudgetFile = z.output<typeof budgetSchema>
export type LimitsFile = z.output<typeof limitsSchema>
