import { usd } from '#src/core/money.ts'
import {
  RATES,
  type Currency,
  type Factor,
  type Price,
  type PriceWindow,
  type Rates,
  type Tariff,
} from '#src/core/price.ts'
import type { CurrenciesFile, PriceFile } from './schema-price.ts'
import { scheduleAt } from './scope.ts'

type RatesFile = { readonly [Name in keyof Rates]?: number | undefined } & Pick<PriceFile, 'input' | 'output'>
type TariffFile = RatesFile & Pick<PriceFile, 'tiers'>

/** A price as people write it, in billionths. `currency`: what its currency is worth. */
export function compilePrice(file: PriceFile, source: string, currency: Currency | undefined): Price {
  const { windows, multipliers } = file
  const { serviceTier = {}, batch, region } = multipliers ?? {}
  const tiers = batch === undefined ? serviceTier : { ...serviceTier, batch }
  return {
    ...tariffOf(file),
    ...(windows && { windows: windows.map(windowOf) }),
    ...(multipliers && { multipliers: { serviceTier: factorsOf(tiers), region: factorsOf(region ?? {}) } }),
    ...(currency && { currency }),
    source,
  }
}

/** A currency of the file's `currencies`. */
export function currencyOf(currencies: CurrenciesFile | undefined, code: string | undefined): Currency | undefined {
  const known = code !== undefined && Object.hasOwn(currencies ?? {}, code) ? currencies?.[code] : undefined
  return known && code !== undefined ? { code, rate: usd(known.rate), asOf: known.asOf } : undefined
}

function tariffOf(file: TariffFile): Tariff {
  const { tiers } = file
  if (!tiers) return ratesOf(file)
  const ascending = tiers.toSorted((one, other) => one.above - other.above)
  return { ...ratesOf(file), tiers: ascending.map((tier) => ({ ...ratesOf(tier), above: tier.above })) }
}

function windowOf({ schedule, factor, rates }: NonNullable<PriceFile['windows']>[number]): PriceWindow {
  const holds = scheduleAt(schedule)
  return rates ? { holds, rates: tariffOf(rates) } : { holds, factor: usd(factor ?? 1) }
}

function ratesOf(file: RatesFile): Rates {
  const others = RATES.flatMap((name) => (file[name] === undefined ? [] : [[name, usd(file[name])] as const]))
  return { input: usd(file.input), output: usd(file.output), ...Object.fromEntries(others) }
}

function factorsOf(file: Readonly<Record<string, number>>): Readonly<Record<string, Factor>> {
  return Object.fromEntries(Object.entries(file).map(([name, factor]) => [name.toLowerCase(), usd(factor)]))
}
