import * as z from 'zod/mini'
import { date, factor, fields, listOf, mapOf, money, text, whole } from './fields.ts'
import { schedule } from './schema-scope.ts'
import { SAYS } from '#src/config/says.ts'

const rate = (what: string) => z.optional(money).check(z.describe(what))

const RATES = {
  input: money.check(z.describe(SAYS.RATES.input)),
  output: money.check(z.describe(SAYS.RATES.output)),
  cachedInput: rate('Per 1M input tokens read from a cache; without it: as input.'),
  cacheWrite: rate('Per 1M input tokens written to a cache; without it: as input.'),
  cacheWriteLong: rate('Per 1M input tokens that a cache keeps for an hour; without it: as cacheWrite.'),
  audioInput: rate('Per 1M input tokens of sound; without it: as input.'),
  cachedAudio: rate('Per 1M of them read from a cache; without it: as cachedInput.'),
  imageInput: rate('Per 1M input tokens of images; without it: as input.'),
  reasoning: rate('Per 1M tokens of thought; without it: as output.'),
  audioOutput: rate('Per 1M output tokens of sound; without it: as output.'),
  imageOutput: rate('Per 1M output tokens of images; without it: as output.'),
  perRequest: rate('For each request.'),
  perSearch: rate('For each search that the provider does.'),
}

const TOKENS = 'a number of tokens'
const tiers = z
  .optional(listOf(fields({ above: whole(TOKENS, 1), ...RATES }), 'a list of tiers'))
  .check(z.describe(SAYS.tiers.above))

const FACTORS = 'a mapping of names to factors'
const factors = z.optional(mapOf(factor, FACTORS))

const window = fields({
  schedule,
  factor: z.optional(factor),
  rates: z.optional(fields({ ...RATES, tiers })),
}).check(
  z.refine(({ factor: times, rates }) => (times === undefined) !== (rates === undefined), {
    error: 'either `factor` or `rates`',
  }),
)

export const priceSchema = fields({
  ...RATES,
  tiers,
  windows: z.optional(listOf(window, 'a list of windows')).check(z.describe(SAYS.priceSchema.windows)),
  multipliers: z
    .optional(
      fields({
        serviceTier: factors.check(z.describe(SAYS.priceSchema.serviceTier)),
        batch: z.optional(factor).check(z.describe(SAYS.priceSchema.batch)),
        region: factors.check(z.describe(SAYS.priceSchema.region)),
      }),
    )
    .check(z.describe(SAYS.priceSchema.multipliers)),
  currency: z.optional(text()).check(z.describe(SAYS.priceSchema.currency)),
})

export const currenciesSchema = mapOf(
  fields({
    rate: factor.check(z.describe(SAYS.currenciesSchema.rate)),
    asOf: date.check(z.describe(SAYS.currenciesSchema.asOf)),
  }),
  'a mapping of currencies like `KRW` to their rates',
)

export type PriceFile = z.output<typeof priceSchema>
export type CurrenciesFile = z.output<typeof currenciesSchema>
