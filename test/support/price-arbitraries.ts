import fc from 'fast-check'
import type { Price, PriceWindow, Rates, Tariff } from '#src/core/price.ts'
import type { Usage } from '#src/core/usage.ts'

export const BILLION = 1_000_000_000n

const rate = fc.oneof(fc.bigInt({ min: 0n, max: 100n }), fc.bigInt({ min: 0n, max: 200_000_000_000n }))
export const tokenCount = fc.oneof(fc.nat(20), fc.nat(2_000_000))
const absurd = fc.oneof(tokenCount, fc.double(), fc.integer(), fc.constant(Number.MAX_VALUE))

/** Any rate in any relation to any other. */
export const rates: fc.Arbitrary<Rates> = fc.record(
  {
    input: rate,
    output: rate,
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
  },
  { requiredKeys: ['input', 'output'] },
)

/** Tiers in any direction, dearer or cheaper than what is below them. */
const tariff: fc.Arbitrary<Tariff> = fc
  .record({ base: rates, tiers: fc.array(fc.tuple(fc.oneof(fc.nat(20), fc.nat(1_000_000)), rates), { maxLength: 3 }) })
  .map(({ base, tiers }) => ({
    ...base,
    tiers: tiers.toSorted(([a], [b]) => a - b).map(([above, tier]) => ({ ...tier, above })),
  }))

export const factor = fc.oneof(fc.constant(BILLION), fc.bigInt({ min: 1n, max: 10n * BILLION }))
const TIERS = ['flex', 'priority', 'batch']
const REGIONS = ['us', 'eu']
const factors = (names: readonly string[]) =>
  fc.dictionary(fc.constantFrom(...names), factor, { maxKeys: names.length, noNullPrototype: true })

/** A window holds in some minutes. */
const window: fc.Arbitrary<PriceWindow> = fc
  .tuple(fc.integer({ min: 1, max: 4 }), fc.oneof(tariff, factor))
  .map(([every, what]) => {
    const holds = (now: number) => now % every === 0
    return typeof what === 'bigint' ? { holds, factor: what } : { holds, rates: what }
  })

export const price: fc.Arbitrary<Price> = fc
  .record(
    {
      windows: fc.array(window, { maxLength: 3 }),
      multipliers: fc.record({ serviceTier: factors(TIERS), region: factors(REGIONS) }),
      currency: fc.record({
        code: fc.constant('KRW'),
        rate: fc.bigInt({ min: 1n, max: 2000n * BILLION }),
        asOf: fc.constant('2026-11-26'),
      }),
    },
    { requiredKeys: [] },
  )
  .chain((more) => tariff.map((base) => ({ ...base, ...more, source: 'test' })))

export const place = fc.record(
  { serviceTier: fc.constantFrom(...TIERS, 'default'), region: fc.constantFrom(...REGIONS, 'global') },
  { requiredKeys: [] },
)
export const circumstances = fc.tuple(fc.nat(11), place).map(([at, asked]) => ({ at, ...asked }))

/** Tokens by what they are and what became of them, so that a usage is made of them that adds up. */
export const split = fc.record({
  text: tokenCount,
  cachedText: tokenCount,
  written: tokenCount,
  writtenLong: tokenCount,
  audio: tokenCount,
  cachedAudio: tokenCount,
  image: tokenCount,
  plain: tokenCount,
  reasoning: tokenCount,
  audioOutput: tokenCount,
  imageOutput: tokenCount,
  searches: fc.nat(20),
})
type Split = typeof split extends fc.Arbitrary<infer Of> ? Of : never

export function usageOf(of: Split): Usage {
  const written = of.written + of.writtenLong
  return {
    input: of.text + of.cachedText + written + of.audio + of.cachedAudio + of.image,
    cachedInput: of.cachedText + of.cachedAudio,
    cacheWrite: written,
    cacheWriteLong: of.writtenLong,
    audioInput: of.audio + of.cachedAudio,
    cachedAudio: of.cachedAudio,
    imageInput: of.image,
    output: of.plain + of.reasoning + of.audioOutput + of.imageOutput,
    reasoning: of.reasoning,
    audioOutput: of.audioOutput,
    imageOutput: of.imageOutput,
    searches: of.searches,
  }
}

export const anyUsage: fc.Arbitrary<Usage> = fc.record(
  {
    input: absurd,
    cachedInput: absurd,
    cacheWrite: absurd,
    cacheWriteLong: absurd,
    audioInput: absurd,
    cachedAudio: absurd,
    imageInput: absurd,
    output: absurd,
    reasoning: absurd,
    audioOutput: absurd,
    imageOutput: absurd,
    searches: absurd,
  },
  { requiredKeys: [] },
)
