import * as z from 'zod/mini'
import { date, factor, fields, listOf, mapOf, money, text, whole } from './fields.ts'
import { schedule } from './schema-scope.ts'

const rate = z.optional(money)

const RATES = {
  input: money,
  output: money,
  cachedInput: rate,
  cacheWrite: rate,
  cacheWriteLong: rate,
  audioInput: rate,
  cachedAudio: rate,
  imageInput: rate,
  reasoning: rate,
  audioOutput: rate,
  imageOutput: rate,
  perRequest: rate,
  perSearch: rate,
}

const TOKENS = 'a number of tokens'
const tiers = z.optional(listOf(fields({ above: whole(TOKENS, 1), ...RATES }), 'a list of tiers'))

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
  windows: z.optional(listOf(window, 'a list of windows')),
  multipliers: z.optional(
    fields({
      serviceTier: factors,
      batch: z.optional(factor),
      region: factors,
    }),
  ),
  currency: z.optional(text()),
})

export const currenciesSchema = mapOf(
  fields({
    rate: factor,
    asOf: date,
  }),
  'a mapping of currencies like `KRW` to their rates',
)

export type PriceFile = z.output<typeof priceSchema>
export type CurrenciesFile = z.output<typeof currenciesSchema>
