import * as z from 'zod/mini'
import { CAPABILITIES } from '#src/core/endpoint.ts'
import { choice, country, date, fields, flag, listOf, mapOf, maybeEmpty, notYet, text, whole } from './fields.ts'
import { priceSchema } from './schema-price.ts'

const operator = fields({ name: text(), country: z.optional(country) })

/** Facts that the file declares about one model of a provider. A missing one is unknown. */
export const modelSchema = fields({
  developer: z.optional(text()).check(z.describe('Who made the weights.')),
  lineage: z
    .optional(z.array(text(), { error: 'a list of texts' }))
    .check(z.describe('What the weights were trained or distilled from; [] says none.')),
  components: z
    .optional(z.array(text(), { error: 'a list of texts' }))
    .check(z.describe('The models that parts of it come from, an encoder for one; [] says none.')),
  family: z.optional(text()).check(z.describe('The family of models it belongs to.')),
  license: z.optional(text()).check(z.describe('SPDX identifier, or proprietary.')),
  context: z
    .optional(whole('a number of tokens', 1))
    .check(z.describe('The most tokens of input and output together.')),
  maxOutput: z.optional(whole('a number of tokens', 1)).check(z.describe('The most tokens of one answer.')),
  capabilities: z
    .optional(listOf(choice(CAPABILITIES), 'a list of capabilities'))
    .check(z.describe('What it can do; no list: everything counts as present.')),
  price: z.optional(priceSchema),
  maxSearches: z
    .optional(whole('a number of searches', 0))
    .check(z.describe('The most searches that its provider does for one answer.')),
  openWeights: z.optional(flag).check(z.describe('Anybody may download the weights.')),
  trainsOnData: z.optional(flag).check(z.describe('The provider trains on what it is sent.')),
  retainsData: z.optional(flag).check(z.describe('The provider keeps what it is sent.')),
  operator: z
    .optional(operator)
    .check(
      z.describe(
        'Who runs the hosts behind it, where the provider sends requests on and the id does not say whom it asks.',
      ),
    ),
  retires: z.optional(date).check(z.describe('The day from which the model no longer answers.')),
})

const headers = z
  .optional(mapOf(maybeEmpty, 'a mapping of header names to texts'))
  .check(z.describe('Headers that are sent with every request.'))

const settings = z
  .optional(mapOf(maybeEmpty, 'a mapping of names to texts'))
  .check(
    z.describe("What the vendor's type needs beside address and key: a cloud's region, the parts of a credential."),
  )

const account = fields({
  id: z.optional(text()).check(z.describe('Its name in logs; without one: its number.')),
  apiKey: z.optional(maybeEmpty),
  settings,
  headers,
})

export const providerSchema = fields({
  type: z.optional(text()).check(z.describe("The vendor's type; without it the provider's name says it.")),
  baseUrl: z.optional(text('a URL')).check(z.describe('Where it answers, without a trailing slash.')),
  apiKey: z.optional(maybeEmpty).check(z.describe('The credential, from ${NAME} or ${file:/path}.')),
  accounts: z.optional(listOf(account, 'a list of accounts')).check(z.describe('Several credentials of one provider.')),
  settings,
  headers,
  proxy: z.optional(maybeEmpty).check(z.describe('The URL of an outbound HTTP proxy; empty: none.')),
  noProxy: z.optional(maybeEmpty).check(z.describe('Hosts that bypass the proxy, with commas between them.')),
  ca: z.optional(maybeEmpty).check(z.describe('PEM text of a private certificate authority, or ${file:/path}.')),
  operator: z.optional(operator).check(z.describe('Who runs the host, and the country of its headquarters.')),
  region: z
    .optional(text())
    .check(z.describe("Where prompts are processed; chooses the vendor's host there, if it has one.")),
  local: z.optional(flag).check(z.describe('A private address is meant, and the model runs in the house.')),
  trainsOnData: z.optional(flag).check(z.describe('The provider trains on what it is sent.')),
  retainsData: z.optional(flag).check(z.describe('The provider keeps what it is sent.')),
  models: z
    .optional(mapOf(modelSchema, 'a mapping of model ids to their facts'))
    .check(z.describe("Facts about its models, by the provider's own ids.")),
  guard: notYet,
})

export type ProviderFile = z.output<typeof providerSchema>
export type ModelFile = z.output<typeof modelSchema>
