import * as z from 'zod/mini'
import {
  choice,
  digest,
  duration,
  durationOrOff,
  fields,
  flag,
  lasting,
  listOf,
  mapOf,
  maybeEmpty,
  moment,
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
  host: z.optional(text()),
  port: z.optional(whole('a port from 0 to 65535', 0, 65_535)),
  bodyLimit: z.optional(size),
  drain: z.optional(duration),
})

const REDIS_URLS = 'a url like `redis://host:6379`, or a list of them'

const state = fields({
  driver: z.optional(choice(['memory', 'sqlite', 'redis'])),
  path: z.optional(text()),
  url: z.optional(z.union([text(), listOf(text(), REDIS_URLS)], { error: REDIS_URLS })),
  cluster: z.optional(flag),
  prefix: z.optional(text()),
  onFailure: z.optional(
    fields({ budgets: z.optional(choice(['deny', 'allow'])), limits: z.optional(choice(['deny', 'allow'])) }),
  ),
})

const timeouts = fields({
  connect: z.optional(duration),
  firstToken: z.optional(duration),
  idle: z.optional(duration),
  total: z.optional(duration),
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
  targets: listOf(target, 'a list of targets'),
  fallback: z.optional(flag),
  strategy: z.optional(choice(['priority', 'weighted', 'cheapest', 'fastest', 'balanced'], ['auto'])),
  timeouts: z.optional(timeouts),
  retry: z.optional(fields({ attempts: z.optional(whole('a number of attempts from 1 to 20', 1, 20)) })),
  onBreak: z.optional(choice(['error'], ['continue'])),
  promptCache: z.optional(fields({ sticky: z.optional(flag), mark: z.optional(flag) })),
  cache: z.optional(fields({ ttl: lasting })),
  hedge: notYet,
  guard: notYet,
})

const budget = fields({
  usd: money,
  per: choice(['hour', 'day', 'week', 'month', 'total']),
  alerts: alertsField,
  currency: z.optional(choice(['USD'], ['KRW', 'EUR'])),
})

const key = {
  id: text(),
  tenant: z.optional(text()),
  team: z.optional(text()),
  user: z.optional(text()),
  tags: z.optional(z.array(text(), { error: 'a list of texts' })),
  models: z.optional(z.array(text(), { error: 'a list of patterns over model names' })),
  budget: z.optional(budget),
  strict: z.optional(flag),
  limits: z.optional(fields(LIMITS)),
  expires: z.optional(moment),
}

/** A key of the file. */
export const keySchema = fields({
  ...key,
  sha256: digest,
  mints: z.optional(whole('a number of keys from 1 to 1000', 1, 1000)),
})

/** One that is made while the configuration runs: its credential is made with it. */
export const madeKeySchema = fields(key)
/** For how long the credentials before are valid too. */
export const rotationSchema = fields({ overlap: z.optional(duration) })

const telemetry = fields({
  logs: z.optional(choice(['json', 'off'])),
  otlp: z.optional(maybeEmpty.check(z.refine((value) => value === '', { error: NOT_YET }))),
})

const settings = {
  $schema: z.optional(z.string()),
  version: z.optional(z.literal(1, { error: '`1`' })),
  server: z.optional(server),
  state: z.optional(state),
  auth: z.optional(choice(['none'])),
  admin: z.optional(fields({ sha256: digest })),
  metrics: z.optional(fields({ auth: choice(['none']) })),
  direct: z.optional(flag),
  telemetry: z.optional(telemetry),
  currency: z.optional(choice(['USD'], ['KRW', 'EUR'])),
  currencies: z.optional(currenciesSchema),
  heartbeat: z.optional(durationOrOff),
  retention: z.optional(duration.check(z.refine((ms) => ms >= 86_400_000, { error: 'at least a day: `1d`' }))),
  idempotency: z.optional(fields({ keep: lasting })),
  alerts: z.optional(alertsSchema),
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
  models: z.optional(mapOf(routeSchema, 'a mapping of names to their targets')),
  policies: z.optional(z.array(policySchema, { error: 'a list of rules' })),
  budgets: z.optional(z.array(budgetSchema, { error: 'a list of budgets' })),
  limits: z.optional(z.array(limitsSchema, { error: 'a list of limits' })),
  keys: z.optional(z.array(keySchema, { error: 'a list of keys' })),
})

export type SettingsFile = z.output<typeof settingsSchema>
export type RouteFile = z.output<typeof routeSchema>
export type KeyFile = z.output<typeof keySchema>
