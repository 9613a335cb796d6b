// What prices must do for every row and every usage (src/accounting): law 4 stands on it.
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { classesOf, MOST_TOKENS } from '#src/accounting/classes.ts'
import { cacheSavings, costOf } from '#src/accounting/price.ts'
import type { Price } from '#src/core/price.ts'
import type { Usage } from '#src/core/usage.ts'
import { anyUsage, BILLION, circumstances, factor, price, rates, split, usageOf } from '../support/price-arbitraries.ts'

const RUNS = { numRuns: 1000 }
const MILLION = 1_000_000n

const NOW = { at: 1 }

describe('usage', () => {
  test('every token is in one class: whole, never negative, never more than its whole', () => {
    fc.assert(
      fc.property(anyUsage, (usage) => {
        const { input, output, reasoning, audioOutput, imageOutput, searches, ...read } = classesOf(usage)
        const written = [output, reasoning, audioOutput, imageOutput]
        for (const count of [input, searches, ...written, ...Object.values(read)])
          assert(Number.isInteger(count) && count >= 0 && count <= MOST_TOKENS)
        const sum = (counts: readonly number[]) => counts.reduce((total, count) => total + count, 0)
        assert.equal(sum(Object.values(read)), input)
        const said = (count: number | undefined) =>
          count !== undefined && count >= 0 && count <= MOST_TOKENS ? Math.ceil(count) + 0 : undefined // + 0: a reported -0 is 0
        if (said(usage.input) !== undefined) assert.equal(input, said(usage.input))
        if (said(usage.output) !== undefined) assert.equal(sum(written), said(usage.output))
      }),
      RUNS,
    )
  })

  test('a report that adds up is charged as it stands', () => {
    fc.assert(
      fc.property(split, (of) => {
        assert.deepEqual(classesOf(usageOf(of)), {
          input: usageOf(of).input,
          uncached: of.text,
          cached: of.cachedText,
          written: of.written,
          writtenLong: of.writtenLong,
          audio: of.audio,
          cachedAudio: of.cachedAudio,
          image: of.image,
          cachedImage: 0,
          output: of.plain,
          reasoning: of.reasoning,
          audioOutput: of.audioOutput,
          imageOutput: of.imageOutput,
          searches: of.searches,
        })
      }),
      RUNS,
    )
  })

  test.each<[Usage, object]>([
    [
      { input: 10, cachedInput: 100 },
      { input: 10, cached: 10 },
    ],
    [
      { input: 10, cachedInput: 4, cacheWrite: 9 },
      { input: 10, cached: 4, written: 6 },
    ],
    [
      { input: 10, cacheWrite: 4, cacheWriteLong: 9 },
      { input: 10, uncached: 6, writtenLong: 4 },
    ],
    [{ input: -5, output: Number.NaN }, {}],
    [
      { cachedInput: 7, reasoning: 3 },
      { input: 7, cached: 7, reasoning: 3 },
    ],
    [{ output: Number.POSITIVE_INFINITY }, { output: MOST_TOKENS }],
    // A cache gave text as far as there was any.
    [
      { input: 10, audioInput: 6, cachedInput: 3 },
      { input: 10, uncached: 1, cached: 3, audio: 6 },
    ],
    [
      { input: 10, audioInput: 6, cachedInput: 7 },
      { input: 10, cached: 4, audio: 3, cachedAudio: 3 },
    ],
    [
      { input: 10, audioInput: 6, cachedInput: 3, cachedAudio: 2 },
      { input: 10, uncached: 3, cached: 1, audio: 4, cachedAudio: 2 },
    ],
    [
      { input: 10, audioInput: 4, imageInput: 4, cachedInput: 7 },
      { input: 10, cached: 2, cachedImage: 4, audio: 3, cachedAudio: 1 },
    ],
    [
      { input: 10, imageInput: 8, cacheWrite: 5 },
      { input: 10, written: 5, image: 5 },
    ],
    [
      { output: 10, reasoning: 4, audioOutput: 9, imageOutput: 3 },
      { reasoning: 4, audioOutput: 6 },
    ],
  ])('%j', (usage, classes) => {
    const none = Object.fromEntries(Object.keys(classesOf({})).map((name) => [name, 0]))
    expect(classesOf(usage)).toEqual({ ...none, ...classes })
  })
})

describe('cost', () => {
  /** Every rate another prime number of dollars, so that a sum says what it is made of. */
  const row = {
    input: 2n * BILLION,
    output: 3n * BILLION,
    cachedInput: BILLION,
    cacheWrite: 5n * BILLION,
    cacheWriteLong: 7n * BILLION,
    audioInput: 11n * BILLION,
    cachedAudio: 10n * BILLION,
    imageInput: 13n * BILLION,
    reasoning: 17n * BILLION,
    audioOutput: 19n * BILLION,
    imageOutput: 23n * BILLION,
    perRequest: 29n,
    perSearch: 31n,
    source: 'test',
  }

  test.each<[Usage, bigint]>([
    [{}, 29n],
    [{ input: 1 }, 2029n],
    [{ input: 1, cachedInput: 1 }, 1029n],
    [{ input: 1, cacheWrite: 1 }, 5029n],
    [{ input: 1, cacheWrite: 1, cacheWriteLong: 1 }, 7029n],
    [{ input: 1, audioInput: 1 }, 11_029n],
    [{ input: 1, audioInput: 1, cachedInput: 1 }, 10_029n],
    [{ input: 1, imageInput: 1 }, 13_029n],
    [{ input: 1, imageInput: 1, cachedInput: 1 }, 1029n],
    [{ output: 1 }, 3029n],
    [{ output: 1, reasoning: 1 }, 17_029n],
    [{ output: 1, audioOutput: 1 }, 19_029n],
    [{ output: 1, imageOutput: 1 }, 23_029n],
    [{ searches: 2 }, 91n],
  ])('golden: %j', (usage, cost) => expect(costOf(row, usage, NOW)).toBe(cost))

  test('golden: what a row leaves out is charged as what it is a part of', () => {
    const bare = { input: 2n * BILLION, output: 3n * BILLION, source: 'test' }
    const everything = {
      input: 9,
      cachedInput: 2,
      cacheWrite: 2,
      cacheWriteLong: 1,
      audioInput: 2,
      cachedAudio: 1,
      imageInput: 1,
    }
    expect(costOf(bare, everything, NOW)).toBe(18_000n)
    expect(costOf(bare, { output: 4, reasoning: 1, audioOutput: 1, imageOutput: 1, searches: 9 }, NOW)).toBe(12_000n)
    const written = { ...bare, cacheWrite: 5n * BILLION, cachedInput: BILLION }
    expect(costOf(written, { input: 1, cacheWrite: 1, cacheWriteLong: 1 }, NOW)).toBe(5000n)
    expect(costOf(written, { input: 1, audioInput: 1, cachedInput: 1, cachedAudio: 1 }, NOW)).toBe(1000n)
  })

  test('golden: tiers, windows, multipliers and currencies', () => {
    const usage = { input: 1000, output: 1 }
    const tiered = {
      ...row,
      tiers: [
        { above: 999, input: BILLION, output: BILLION },
        { above: 1000, input: 0n, output: 0n },
      ],
    }
    expect(costOf(tiered, usage, NOW)).toBe(1_001_000n)
    expect(costOf(tiered, { ...usage, input: 1001 }, NOW)).toBe(0n)
    const even = { holds: (now: number) => now % 2 === 0 }
    const timed = {
      ...row,
      windows: [
        { ...even, factor: BILLION / 2n },
        { ...even, rates: tiered },
      ],
    }
    expect([1, 2].map((at) => costOf(timed, usage, { at }))).toEqual([2_003_029n, 1_001_529n])
    const other = { ...row, windows: [{ ...even, rates: tiered }] }
    expect(costOf(other, usage, { at: 2 })).toBe(1_001_000n)
    const places = { us: 1_100_000_000n }
    const abroad = { ...row, multipliers: { serviceTier: { batch: BILLION / 2n }, region: places } }
    const cost = (of: Usage, region?: string) => costOf(abroad, { ...usage, ...of }, { at: 1, region })
    expect(cost({})).toBe(2_003_029n)
    expect(cost({}, 'US')).toBe(2_203_329n)
    expect(cost({ region: 'us' }, 'EU')).toBe(2_203_329n)
    expect(cost({ region: 'us', serviceTier: 'batch' })).toBe(1_101_679n)
    // 1450 won a dollar: 2,003,029 / 1450 = 1381.399...
    expect(costOf({ ...row, currency: { code: 'KRW', rate: 1450n * BILLION, asOf: '2026-11-26' } }, usage, NOW)).toBe(
      1382n,
    )
    expect(costOf({ input: 1n, output: 0n, source: 'test' }, { input: 1 }, NOW)).toBe(1n)
  })

  test('cached tokens of any kind never cost more than uncached ones, whatever the row says', () => {
    fc.assert(
      fc.property(price, split, circumstances, fc.nat(2_000_000), (row, of, now, more) => {
        const before = usageOf(of)
        const read = (before.cachedInput ?? 0) + Math.min(more, of.text + of.audio + of.image)
        assert(costOf(row, { ...before, cachedInput: read }, now) <= costOf(row, before, now))
        const heard = Math.min(more, of.audio)
        const cachedAudio = of.cachedAudio + heard
        const sound = { ...before, cachedInput: of.cachedText + cachedAudio, cachedAudio }
        assert(costOf(row, sound, now) <= costOf(row, before, now))
      }),
      RUNS,
    )
  })

  test('one more token of any kind never costs less, but for tiers', () => {
    fc.assert(
      fc.property(price, split, circumstances, fc.constantFrom(...KINDS), (row, of, now, name) => {
        const { tiers: _, ...flat } = row
        const windows = (row.windows ?? []).map((own) =>
          'rates' in own ? { ...own, rates: { ...own.rates, tiers: [] } } : own,
        )
        const costs = (usage: Usage) => costOf({ ...flat, windows }, usage, now)
        assert(costs(usageOf({ ...of, [name]: of[name] + 1 })) >= costs(usageOf(of)))
      }),
      RUNS,
    )
  })

  test('is the exact sum, rounded up once', () => {
    fc.assert(
      fc.property(
        rates,
        split,
        fc.tuple(factor, factor, factor),
        fc.bigInt({ min: 1n, max: 2000n * BILLION }),
        (own, of, [w, t, r], worth) => {
          const { input, output, perRequest = 0n, perSearch = 0n } = own
          const {
            cachedInput = input,
            cacheWrite = input,
            audioInput = input,
            imageInput = input,
            reasoning = output,
          } = own
          const {
            cacheWriteLong = cacheWrite,
            cachedAudio = cachedInput,
            audioOutput = output,
            imageOutput = output,
          } = own
          const least = (a: bigint, b: bigint) => (a < b ? a : b)
          const tokens =
            BigInt(of.text) * input +
            BigInt(of.cachedText) * least(cachedInput, input) +
            BigInt(of.written) * cacheWrite +
            BigInt(of.writtenLong) * cacheWriteLong +
            BigInt(of.audio) * audioInput +
            BigInt(of.cachedAudio) * least(cachedAudio, audioInput) +
            BigInt(of.image) * imageInput +
            BigInt(of.plain) * output +
            BigInt(of.reasoning) * reasoning +
            BigInt(of.audioOutput) * audioOutput +
            BigInt(of.imageOutput) * imageOutput
          const row: Price = {
            ...own,
            windows: [{ holds: () => true, factor: w }],
            multipliers: { serviceTier: { flex: t }, region: { us: r } },
            currency: { code: 'KRW', rate: worth, asOf: '2026-11-26' },
            source: 'test',
          }
          const cost = costOf(row, { ...usageOf(of), serviceTier: 'flex', region: 'us' }, NOW)
          // cost * worth lies less than one nano's worth above the exact sum.
          const unit = MILLION * BILLION ** 3n
          const exact = (tokens * w * t * r + (perRequest + perSearch * BigInt(of.searches)) * unit) * BILLION
          assert(cost * worth * unit >= exact && (cost - 1n) * worth * unit < exact)
        },
      ),
      RUNS,
    )
  })
})

describe('what caches save', () => {
  test('is the bill of the same tokens without a cache, less the bill; only writing may make it less than nothing', () => {
    fc.assert(
      fc.property(price, split, circumstances, (row, of, now) => {
        const usage = usageOf(of)
        const saved = cacheSavings(row, usage, now)
        const touched = of.cachedText + of.cachedAudio + of.written + of.writtenLong
        if (touched === 0) return assert.equal(saved, undefined)
        const none = { cachedText: 0, cachedAudio: 0, written: 0, writtenLong: 0 }
        const text = of.text + of.cachedText + of.written + of.writtenLong
        const uncached = usageOf({ ...of, ...none, text, audio: of.audio + of.cachedAudio })
        assert.equal(saved, costOf(row, uncached, now) - costOf(row, usage, now))
        if (of.written + of.writtenLong === 0) assert(saved !== undefined && saved >= 0n)
      }),
      RUNS,
    )
  })

  test.each<[Usage, bigint | undefined]>([
    [{ input: 1000, cachedInput: 900 }, 1620n],
    [{ input: 1000, cacheWrite: 900 }, -450n],
    [{ input: 1000, cacheWrite: 900, cacheWriteLong: 900 }, -1800n],
    [{ input: 1000, cachedInput: 900, cacheWrite: 100 }, 1570n],
    // What an upstream leaves out of its input is input.
    [{ cachedInput: 900 }, 1620n],
    [{ input: 1000, audioInput: 400, cachedInput: 400, cachedAudio: 400 }, 3920n],
    [{ input: 1000, output: 10 }, undefined],
    [{ input: 1000, cachedInput: 0, cacheWrite: 0 }, undefined],
    [{ input: 1000, cachedInput: -5 }, undefined],
  ])('golden: %j', (usage, saved) => {
    const row = {
      input: 2_000_000n,
      output: 3_000_000n,
      cachedInput: 200_000n,
      cacheWrite: 2_500_000n,
      cacheWriteLong: 4_000_000n,
      audioInput: 10_000_000n,
      source: 'test',
    }
    expect(cacheSavings(row, usage, NOW)).toBe(saved)
  })
})

const KINDS = [
  'text',
  'cachedText',
  'written',
  'writtenLong',
  'audio',
  'cachedAudio',
  'image',
  'plain',
  'reasoning',
  'audioOutput',
  'imageOutput',
  'searches',
] as const
