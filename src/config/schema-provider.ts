import * as z from 'zod/mini'
import { CAPABILITIES } from '#src/core/endpoint.ts'
import { choice, country, date, fields, flag, listOf, mapOf, maybeEmpty, notYet, text, whole } from './fields.ts'
import { priceSchema } from './schema-price.ts'
import { SAYS } from '#src/config/says.ts'

const operator = fields({ name: text(), country: z.optional(country) })

/** Facts that the file declares about one model of a provider. A missing one is unknown. */
export const modelSchema = fields({
  developer: z.optional(text()).check(z.describe(SAYS.modelSchema.developer)),
  lineage: z.optional(z.array(text(), { error: 'a list of texts' })).check(z.describe(SAYS.modelSchema.lineage)),
  components: z.optional(z.array(text(), { error: 'a list of texts' })).check(z.describe(SAYS.modelSchema.components)),
  family: z.optional(text()).check(z.describe(SAYS.modelSchema.family)),
  license: z.optional(text()).check(z.describe(SAYS.modelSchema.license)),
  context: z.optional(whole('a number of tokens', 1)).check(z.describe(SAYS.modelSchema.context)),
  maxOutput: z.optional(whole('a number of tokens', 1)).check(z.describe(SAYS.modelSchema.maxOutput)),
  capabilities: z
    .optional(listOf(choice(CAPABILITIES), 'a list of capabilities'))
    .check(z.describe(SAYS.modelSchema.capabilities)),
  price: z.optional(priceSchema),
  maxSearches: z.optional(whole('a number of searches', 0)).check(z.describe(SAYS.modelSchema.maxSearches)),
  openWeights: z.optional(flag).check(z.describe(SAYS.modelSchema.openWeights)),
  trainsOnData: z.optional(flag).check(z.describe(SAYS.modelSchema.trainsOnData)),
  retainsData: z.optional(flag).check(z.describe(SAYS.modelSchema.retainsData)),
  operator: z.optional(operator).check(z.describe(SAYS.modelSchema.operator)),
  retires: z.optional(date).check(z.describe(SAYS.modelSchema.retires)),
})

const headers = z
  .optional(mapOf(maybeEmpty, 'a mapping of header names to texts'))
  .check(z.describe(SAYS.headers.whole))

const settings = z.optional(mapOf(maybeEmpty, 'a mapping of names to texts')).check(z.describe(SAYS.settings.whole))

const account = fields({
  id: z.optional(text()).check(z.describe(SAYS.account.id)),
  apiKey: z.optional(maybeEmpty),
  settings,
  headers,
})

export const providerSchema = fields({
  type: z.optional(text()).check(z.describe(SAYS.providerSchema.type)),
  baseUrl: z.optional(text('a URL')).check(z.describe(SAYS.providerSchema.baseUrl)),
  apiKey: z.optional(maybeEmpty).check(z.describe(SAYS.providerSchema.apiKey)),
  accounts: z.optional(listOf(account, 'a list of accounts')).check(z.describe(SAYS.providerSchema.accounts)),
  settings,
  headers,
  proxy: z.optional(maybeEmpty).check(z.describe(SAYS.providerSchema.proxy)),
  noProxy: z.optional(maybeEmpty).check(z.describe(SAYS.providerSchema.noProxy)),
  ca: z.optional(maybeEmpty).check(z.describe(SAYS.providerSchema.ca)),
  operator: z.optional(operator).check(z.describe(SAYS.providerSchema.operator)),
  region: z.optional(text()).check(z.describe(SAYS.providerSchema.region)),
  local: z.optional(flag).check(z.describe(SAYS.providerSchema.local)),
  trainsOnData: z.optional(flag).check(z.describe(SAYS.providerSchema.trainsOnData)),
  retainsData: z.optional(flag).check(z.describe(SAYS.providerSchema.retainsData)),
  models: z
    .optional(mapOf(modelSchema, 'a mapping of model ids to their facts'))
    .check(z.describe(SAYS.providerSchema.models)),
  guard: notYet,
})

export type ProviderFile = z.output<typeof providerSchema>
export type ModelFile = z.output<typeof modelSchema>
