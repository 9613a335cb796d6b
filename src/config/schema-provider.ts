import * as z from 'zod/mini'
import { CAPABILITIES } from '#src/core/endpoint.ts'
import { choice, country, date, fields, flag, listOf, mapOf, maybeEmpty, notYet, text, whole } from './fields.ts'
import { priceSchema } from './schema-price.ts'

const operator = fields({ name: text(), country: z.optional(country) })

/** Facts that the file declares about one model of a provider. A missing one is unknown. */
export const modelSchema = fields({
  developer: z.optional(text()),
  lineage: z.optional(z.array(text(), { error: 'a list of texts' })),
  components: z.optional(z.array(text(), { error: 'a list of texts' })),
  family: z.optional(text()),
  license: z.optional(text()),
  context: z.optional(whole('a number of tokens', 1)),
  maxOutput: z.optional(whole('a number of tokens', 1)),
  capabilities: z.optional(listOf(choice(CAPABILITIES), 'a list of capabilities')),
  price: z.optional(priceSchema),
  maxSearches: z.optional(whole('a number of searches', 0)),
  openWeights: z.optional(flag),
  trainsOnData: z.optional(flag),
  retainsData: z.optional(flag),
  operator: z.optional(operator),
  retires: z.optional(date),
})

const headers = z.optional(mapOf(maybeEmpty, 'a mapping of header names to texts'))

const settings = z.optional(mapOf(maybeEmpty, 'a mapping of names to texts'))

const account = fields({
  id: z.optional(text()),
  apiKey: z.optional(maybeEmpty),
  settings,
  headers,
})

export const providerSchema = fields({
  type: z.optional(text()),
  baseUrl: z.optional(text('a URL')),
  apiKey: z.optional(maybeEmpty),
  accounts: z.optional(listOf(account, 'a list of accounts')),
  settings,
  headers,
  proxy: z.optional(maybeEmpty),
  noProxy: z.optional(maybeEmpty),
  ca: z.optional(maybeEmpty),
  operator: z.optional(operator),
  region: z.optional(text()),
  local: z.optional(flag),
  trainsOnData: z.optional(flag),
  retainsData: z.optional(flag),
  models: z.optional(mapOf(modelSchema, 'a mapping of model ids to their facts')),
  guard: notYet,
})

export type ProviderFile = z.output<typeof providerSchema>
export type ModelFile = z.output<typeof modelSchema>
