import * as z from 'zod/mini'
import { EACH } from '#src/core/sharing.ts'
import { choice, duration, fields, flag, listOf, money, text, whole } from './fields.ts'
import { timeZone } from './schema-scope.ts'
import { SAYS } from '#src/config/says.ts'

const subjects = fields({
  keys: z.optional(listOf(text(), 'a list of key ids')),
  tenants: z.optional(listOf(text(), 'a list of tenants')),
  teams: z.optional(listOf(text(), 'a list of teams')),
  users: z.optional(listOf(text(), 'a list of users')),
  tags: z.optional(listOf(text(), 'a list of tags')),
}).check(z.refine((value) => Object.keys(value).length > 0, { error: '`keys`, `tenants`, `teams`, `users` or `tags`' }))

/** Percent of a budget. */
export const alertsField = z
  .optional(listOf(whole('a whole number from 1 to 100', 1, 100), 'a list of percentages'))
  .check(z.describe(SAYS.alertsField.whole))

/** Whom budgets' alerts are told, beside the log. */
export const alertsSchema = fields({
  webhook: fields({
    url: text('a URL like `https://ops.example.com/tutti`'),
    secret: z.optional(text()).check(z.describe(SAYS.alertsSchema.secret)),
    local: z.optional(flag).check(z.describe(SAYS.alertsSchema.local)),
    timeout: z.optional(duration).check(z.describe(SAYS.alertsSchema.timeout)),
  }),
})

export type AlertsFile = z.output<typeof alertsSchema>

const many = whole('a whole number above 0', 1)

/** At most so many requests and tokens in any minute, and requests at a time. */
export const LIMITS = {
  rpm: z.optional(many).check(z.describe(SAYS.LIMITS.rpm)),
  tpm: z.optional(many).check(z.describe(SAYS.LIMITS.tpm)),
  concurrency: z.optional(many).check(z.describe(SAYS.LIMITS.concurrency)),
}

/** Whom it is about. */
const COVERING = {
  name: text().check(z.describe(SAYS.COVERING.name)),
  each: z.optional(choice(EACH)).check(z.describe(SAYS.COVERING.each)),
  subjects: z.optional(subjects).check(z.describe(SAYS.COVERING.subjects)),
  models: z.optional(listOf(text(), 'a list of patterns over model names')).check(z.describe(SAYS.COVERING.models)),
  providers: z.optional(listOf(text(), 'a list of providers')).check(z.describe(SAYS.COVERING.providers)),
}

/** What some may spend together, or each of them. */
export const budgetSchema = fields({
  ...COVERING,
  usd: money,
  per: choice(['hour', 'day', 'week', 'month', 'total']),
  timeZone: z.optional(timeZone).check(z.describe(SAYS.budgetSchema.timeZone)),
  alerts: alertsField,
  currency: z.optional(choice(['USD'], ['KRW', 'EUR'])),
})

/** What some may ask for together, or each of them. */
export const limitsSchema = fields({ ...COVERING, ...LIMITS }).check(
  z.refine((value) => Object.keys(LIMITS).some((name) => name in value), { error: '`rpm`, `tpm` or `concurrency`' }),
)

export type BudgetFile = z.output<typeof budgetSchema>
export type LimitsFile = z.output<typeof limitsSchema>
