import * as z from 'zod/mini'
import { date, factor, fields, listOf, mapOf, money, text, whole } from './fields.ts'
import { schedule } from './schema-scope.ts'
import { SAYS } from '#src/config/says.ts'

const rate = (what: string) => z.optional(money).check(z.describe(what))

const RATES = {
  input: money.check(z.describe(SAYS.RATES.input)),
  output: money.check(z.describe(SAYS.RATES.output)),
  cachedInput: rate(SAYS.RATES.cachedInput),
  cacheWrite: rate(SAYS.RATES.cacheWrite),
  cacheWriteLong: rate(SAYS.RATES.cacheWriteLong),
  audioInput: rate(SAYS.RATES.audioInput),
  cachedAudio: rate(SAYS.RATES.cachedAudio),
  imageInput: rate(SAYS.RATES.imageInput),
  reasoning: rate(SAYS.RATES.reasoning),
  audioOutput: rate(SAYS.RATES.audioOutput),
  imageOutput: rate(SAYS.RATES.imageOutput),
  perRequest: rate(SAYS.RATES.perRequest),
  perSearch: rate(SAYS.RATES.perSearch),
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
