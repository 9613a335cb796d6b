import * as z from 'zod/mini'
import {
  choice,
  digest,
  duration,
  durationOrOff,
  fields,
  flag,
  listOf,
  mapOf,
  maybeEmpty,
  money,
  notYet,
  NOT_YET,
  positive,
  size,
  text,
  whole,
} from './fields.ts'
import { alertsField, alertsSchema, budgetSchema, LIMITS, limitsSchema } from './schema-sharing.ts'
import { policySchema } from './schema-policy.ts'
import { currenciesSchema } from './schema-price.ts'
import { providerSchema } from './schema-provider.ts'

const server = fields({
  host: z.optional(text()).check(z.describe('127.0.0.1 unless written; any other than a loopback address needs keys.')),
  port: z.optional(whole('a port from 0 to 65535', 0, 65_535)).check(z.describe('8787 unless written.')),
  bodyLimit: z.optional(size).check(z.describe('The largest request body, 20MB unless written; 1KB is 1024 bytes.')),
  drain: z
    .optional(duration)
    .check(z.describe('How long a stopping gateway lets streams finish, 120s unless written.')),
})

const REDIS_URLS = 'a url like `redis://host:6379`, or a list of them'

const state = fields({
  driver: z.optional(choice(['memory', 'sqlite', 'redis'])).check(z.describe('Where limits and spending are kept.')),
  path: z.optional(text()).check(z.describe("sqlite's file.")),
  url: z
    .optional(z.union([text(), listOf(text(), REDIS_URLS)], { error: REDIS_URLS }))
    .check(
      z.describe(
        'Where Redis listens: `redis://user:password@host:6379`, `rediss://` for TLS; of a cluster one or several of its nodes.',
      ),
    ),
  cluster: z.optional(flag).check(z.describe('The url is of nodes of a cluster; several urls always are.')),
  prefix: z
    .optional(text())
    .check(
      z.describe(
        'What all keys in Redis begin with, `tutti` unless written: gateways with the same one share their state.',
      ),
    ),
  onFailure: z
    .optional(fields({ budgets: z.optional(choice(['deny', 'allow'])), limits: z.optional(choice(['deny', 'allow'])) }))
    .check(
      z.describe(
        'What becomes of requests that cannot be counted because the store does not answer: budgets deny and limits allow unless written.',
      ),
    ),
})

const timeouts = fields({
  connect: z.optional(duration).check(z.describe('5s unless written.')),
  firstToken: z.optional(duration).check(z.describe('30s unless written.')),
  idle: z.optional(duration).check(z.describe('Between two events of a stream, 120s unless written.')),
  total: z.optional(duration).check(z.describe('30m unless written.')),
  heartbeat: z.optional(durationOrOff),
})

const weighted = fields({
  target: text('a target like `openai/gpt-6-luna`'),
  weight: z.optional(positive('a weight above 0')),
})

const target = z.union([text('a target like `openai/gpt-6-luna`'), weighted], {
  error: 'a target like `openai/gpt-6-luna`, or `{ target: …, weight: 2 }`',
})

export const routeSchema = fields({
  targets: listOf(target, 'a list of targets').check(z.describe('provider/model, in the order of preference.')),
  fallback: z.optional(flag).check(z.describe('false: the first target only.')),
  strategy: z.optional(choice(['priority', 'weighted', 'cheapest', 'fastest', 'balanced'], ['auto'])),
  timeouts: z.optional(timeouts),
  retry: z
    .optional(fields({ attempts: z.optional(whole('a number of attempts from 1 to 20', 1, 20)) }))
    .check(z.describe('attempts counts everything on the wire, 3 unless written.')),
  onBreak: z.optional(choice(['error'], ['continue'])),
  hedge: notYet,
  cache: notYet,
  guard: notYet,
})

const budget = fields({
  usd: money,
  per: choice(['hour', 'day', 'week', 'month', 'total']),
  alerts: alertsField,
  currency: z.optional(choice(['USD'], ['KRW', 'EUR'])),
})

export const keySchema = fields({
  id: text(),
  sha256: digest.check(z.describe('SHA-256 of the credential, in hexadecimal.')),
  tenant: z.optional(text()),
  team: z.optional(text()),
  user: z.optional(text()).check(z.describe('Whose it is: several keys may be of one.')),
  tags: z.optional(z.array(text(), { error: 'a list of texts' })),
  models: z
    .optional(z.array(text(), { error: 'a list of patterns over model names' }))
    .check(z.describe('Names it may use, * for any run; no field: everything.')),
  budget: z.optional(budget),
  strict: z.optional(flag).check(z.describe('A parameter that cannot be honoured is a 400 instead of a warning.')),
  limits: z.optional(fields(LIMITS)),
})

const telemetry = fields({
  logs: z.optional(choice(['json', 'off'])),
  otlp: z.optional(maybeEmpty.check(z.refine((value) => value === '', { error: NOT_YET }))),
})

const settings = {
  $schema: z.optional(z.string()).check(z.describe("For editors: this schema's address.")),
  version: z.optional(z.literal(1, { error: '`1`' })),
  server: z.optional(server),
  state: z.optional(state),
  auth: z.optional(choice(['none'])).check(z.describe('none: anybody who reaches the gateway may use it.')),
  admin: z.optional(fields({ sha256: digest })).check(z.describe('The key of /-/ paths.')),
  metrics: z.optional(fields({ auth: choice(['none']) })),
  direct: z.optional(flag).check(z.describe('false: only names under models may be asked for.')),
  telemetry: z.optional(telemetry),
  currency: z.optional(choice(['USD'], ['KRW', 'EUR'])),
  currencies: z.optional(currenciesSchema).check(z.describe('What prices in them are worth.')),
  heartbeat: z
    .optional(durationOrOff)
    .check(z.describe('When a waiting stream gets its head and comments; 15s unless written, 0: off.')),
  retention: z
    .optional(duration.check(z.refine((ms) => ms >= 86_400_000, { error: 'at least a day: `1d`' })))
    .check(
      z.describe('How long the ledger and stored answers are kept; without it the ledger for ever, answers 30 days.'),
    ),
  alerts: z.optional(alertsSchema).check(z.describe('Whom the thresholds of budgets are told.')),
  guard: notYet,
  cache: notYet,
  cors: notYet,
  tenants: notYet,
}

/** The file without its collections, which are looked at one by one. */
export const settingsSchema = fields(settings)

/** The whole file of INTERFACE.md section 2. */
export const fileSchema = fields({
  ...settings,
  providers: mapOf(providerSchema, 'a mapping of provider names to their settings'),
  models: z.optional(mapOf(routeSchema, 'a mapping of names to their targets')).check(z.describe('What apps ask for.')),
  policies: z.optional(z.array(policySchema, { error: 'a list of rules' })),
  budgets: z
    .optional(z.array(budgetSchema, { error: 'a list of budgets' }))
    .check(z.describe('What some may spend together, or each of them.')),
  limits: z
    .optional(z.array(limitsSchema, { error: 'a list of limits' }))
    .check(z.describe('What some may ask for together, or each of them.')),
  keys: z
    .optional(z.array(keySchema, { error: 'a list of keys' }))
    .check(z.describe('Who may come in; without it only programs on this machine may.')),
})

export type SettingsFile = z.output<typeof settingsSchema>
export type RouteFile = z.output<typeof routeSchema>
export type KeyFile = z.output<typeof keySchema>
