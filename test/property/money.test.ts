// What money must do for every price and every usage (src/accounting): laws 2 and 4 stand on it.
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { billOf, estimateBill } from '#src/accounting/bill.ts'
import { classesOf, costOf, MOST_TOKENS, worstCase, type TokenClasses } from '#src/accounting/price.ts'
import type { BudgetPeriod } from '#src/core/key.ts'
import { periodOf } from '#src/core/period.ts'
import type { Price, Rates } from '#src/core/price.ts'
import type { Signals } from '#src/core/request.ts'
import type { Usage } from '#src/core/usage.ts'

const RUNS = { numRuns: 500 }

const rate = fc.oneof(fc.bigInt({ min: 0n, max: 100n }), fc.bigInt({ min: 0n, max: 200_000_000_000n }))
const maybeRate = fc.option(rate, { nil: undefined })
const tokenCount = fc.oneof(fc.nat(20), fc.nat(2_000_000))
const absurd = fc.option(fc.oneof(tokenCount, fc.double(), fc.integer(), fc.constant(Number.MAX_VALUE)), {
  nil: undefined,
})

const rates: fc.Arbitrary<Rates> = fc
  .record({ input: rate, output: rate, cachedInput: maybeRate, cacheWrite: maybeRate })
  .map(({ input, output, cachedInput, cacheWrite }) => ({
    input,
    output,
    ...(cachedInput !== undefined && { cachedInput }),
    ...(cacheWrite !== undefined && { cacheWrite }),
  }))

/** Tiers in any direction, dearer or cheaper than what is below them. */
const price: fc.Arbitrary<Price> = fc
  .record({ base: rates, tiers: fc.array(fc.tuple(fc.oneof(fc.nat(20), fc.nat(1_000_000)), rates), { maxLength: 3 }) })
  .map(({ base, tiers }) => ({
    ...base,
    tiers: tiers.toSorted(([a], [b]) => a - b).map(([above, tier]) => ({ ...tier, above })),
    source: 'test',
  }))

/** Every class of every tier at least as dear as below it. */
const risingPrice: fc.Arbitrary<Price> = fc
  .array(fc.tuple(fc.nat(1_000_000), rate, rate, rate, rate), { minLength: 1, maxLength: 4 })
  .map((steps) => {
    const sums = { input: 0n, output: 0n, cachedInput: 0n, cacheWrite: 0n }
    const rows = steps
      .toSorted(([a], [b]) => a - b)
      .map(([above, input, output, cachedInput, cacheWrite]) => {
        sums.cachedInput += cachedInput
        sums.input += cachedInput + input
        sums.output += output
        sums.cacheWrite += cacheWrite
        return { ...sums, above }
      })
    const [first = { ...sums, above: 0 }, ...tiers] = rows
    return { ...first, tiers, source: 'test' }
  })

const classes: fc.Arbitrary<TokenClasses> = fc.record({
  uncached: tokenCount,
  cached: tokenCount,
  written: tokenCount,
  output: tokenCount,
})

function usageOf({ uncached, cached, written, output }: TokenClasses): Usage {
  return { input: uncached + cached + written, cachedInput: cached, cacheWrite: written, output }
}

const anyUsage: fc.Arbitrary<Usage> = fc
  .record({ input: absurd, cachedInput: absurd, cacheWrite: absurd, output: absurd, reasoning: absurd })
  .map((fields) => Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)))

function signals(input: number, more: Partial<Signals> = {}): Signals {
  return { inputTokens: Math.floor(input / 4), inputTokensWorst: input, unmeasured: 0, choices: 1, needs: [], ...more }
}

describe('usage', () => {
  test('every token is in one class: whole, never negative, never more than its whole', () => {
    fc.assert(
      fc.property(anyUsage, (usage) => {
        const split = classesOf(usage)
        for (const count of Object.values(split)) assert(Number.isInteger(count) && count >= 0 && count <= MOST_TOKENS)
        const input = split.uncached + split.cached + split.written
        if (usage.input !== undefined && usage.input >= 0 && usage.input <= MOST_TOKENS)
          assert.equal(input, Math.ceil(usage.input) + 0) // + 0: a reported -0 is 0
        assert(input <= MOST_TOKENS)
      }),
      RUNS,
    )
  })

  test('a report that adds up is charged as it stands', () => {
    fc.assert(
      fc.property(classes, (split) => assert.deepEqual(classesOf(usageOf(split)), { ...split })),
      RUNS,
    )
  })

  test.each([
    [
      { input: 10, cachedInput: 100 },
      { uncached: 0, cached: 10, written: 0, output: 0 },
    ],
    [
      { input: 10, cachedInput: 4, cacheWrite: 9 },
      { uncached: 0, cached: 4, written: 6, output: 0 },
    ],
    [
      { input: -5, output: Number.NaN },
      { uncached: 0, cached: 0, written: 0, output: 0 },
    ],
    [
      { cachedInput: 7, reasoning: 3 },
      { uncached: 0, cached: 7, written: 0, output: 3 },
    ],
    [{ output: Number.POSITIVE_INFINITY }, { uncached: 0, cached: 0, written: 0, output: MOST_TOKENS }],
  ])('%j', (usage, split) => expect(classesOf(usage)).toEqual(split))
})

describe('cost', () => {
  test('golden: cached, written, tiers, rounding', () => {
    const row = {
      input: 2_500_000_000n,
      output: 10_000_000_000n,
      cachedInput: 250_000_000n,
      cacheWrite: 3_125_000_000n,
      source: 'test',
    }
    // 700 * 2.5 + 200 * 0.25 + 100 * 3.125 + 50 * 10 = 2,612.5 dollars per 1M
    expect(costOf(row, { input: 1000, cachedInput: 200, cacheWrite: 100, output: 50, reasoning: 40 })).toBe(2_612_500n)
    const tiered = { ...row, tiers: [{ above: 1000, input: 5_000_000_000n, output: 15_000_000_000n }] }
    expect(costOf(tiered, { input: 1000, output: 1 })).toBe(2_510_000n)
    expect(costOf(tiered, { input: 1001, output: 1 })).toBe(5_020_000n)
    expect(costOf({ input: 1n, output: 0n, source: 'test' }, { input: 1 })).toBe(1n)
    expect(costOf(row, {})).toBe(0n)
  })

  test('cached tokens never cost more than uncached ones, whatever the row says', () => {
    fc.assert(
      fc.property(price, classes, (row, split) => {
        const moved = { ...split, uncached: 0, cached: split.cached + split.uncached }
        assert(costOf(row, usageOf(moved)) <= costOf(row, usageOf(split)))
      }),
      RUNS,
    )
  })

  test('one more token of any class never costs less', () => {
    fc.assert(
      fc.property(
        risingPrice,
        classes,
        fc.constantFrom('uncached', 'cached', 'written', 'output'),
        (row, split, name) => {
          const more = { ...split, [name]: split[name] + 1 }
          assert(costOf(row, usageOf(more)) >= costOf(row, usageOf(split)))
        },
      ),
      RUNS,
    )
  })

  test('rounds up once: splitting an answer never makes it cheaper, and by less than a nano a part', () => {
    fc.assert(
      fc.property(rates, classes, (flat, split) => {
        const row = { ...flat, source: 'test' }
        const whole = costOf(row, usageOf(split))
        const parts =
          costOf(row, { input: split.uncached }) +
          costOf(row, { input: split.cached, cachedInput: split.cached }) +
          costOf(row, { input: split.written, cacheWrite: split.written }) +
          costOf(row, { output: split.output })
        assert(whole <= parts && parts < whole + 4n)
      }),
      RUNS,
    )
  })

  test('the worst case covers every usage within what was asked, tiers in any direction', () => {
    const asked = fc.record({
      input: tokenCount,
      limit: tokenCount,
      choices: fc.integer({ min: 1, max: 4 }),
      byModel: fc.boolean(),
    })
    const part = fc.double({ min: 0, max: 1, noNaN: true })
    fc.assert(
      fc.property(
        price,
        asked,
        fc.tuple(part, part, part, part),
        (row, { input, limit, choices, byModel }, [a, b, c, d]) => {
          const request = signals(input, { choices, ...(!byModel && { outputLimit: limit }) })
          const facts = byModel ? { maxOutput: limit } : {}
          const used = Math.floor(input * a)
          const usage = {
            input: used,
            cachedInput: Math.floor(used * b),
            cacheWrite: Math.floor(used * c),
            output: Math.floor(limit * choices * d),
          }
          const worst = worstCase(row, request, facts)
          assert(worst !== undefined && worst >= costOf(row, usage))
          const estimate = estimateBill({ price: row, signals: request, facts, generatedBytes: limit * choices * 9 })
          assert(estimate.cost !== 'unknown' && worst >= estimate.cost)
        },
      ),
      RUNS,
    )
  })

  test('no worst case without a limit on the output, unless output is free', () => {
    const row = { input: 5n, output: 7n, source: 'test' }
    expect(worstCase(row, signals(10), {})).toBeUndefined()
    expect(worstCase({ ...row, output: 0n }, signals(1_000_000), {})).toBe(5n)
    expect(worstCase(row, signals(1_000_000, { needs: [{ capability: 'embeddings', param: 'input' }] }), {})).toBe(5n)
    expect(worstCase(row, signals(0, { outputLimit: 1_000_000, choices: 2 }), { maxOutput: 5 })).toBe(14n)
  })

  test('what nobody can measure fills the context of the model, and the longest there is where that is unknown', () => {
    const free = { input: 5_000_000n, output: 0n, source: 'test' }
    const document = signals(1000, { unmeasured: 1 })
    expect(worstCase(free, document, { context: 200_000 })).toBe(worstCase(free, signals(200_000), {}))
    expect(worstCase(free, document, {})).toBe(worstCase(free, signals(2_000_000), {}))
    expect(worstCase(free, document, { context: 10 })).toBe(worstCase(free, signals(1000), {}))
  })
})

describe('bill', () => {
  const row = { input: 1_000_000n, output: 2_000_000n, source: 'test' }
  const request = signals(400, { outputLimit: 50 })
  const embedding = signals(400, { needs: [{ capability: 'embeddings', param: 'input' }] })

  test('what the upstream says it cost wins', () => {
    const usage = { input: 10, output: 5, reportedCost: 77n }
    expect(billOf({ price: row, signals: request, usage })).toEqual({ cost: 77n, estimated: false, usage })
    expect(billOf({ price: undefined, signals: request, usage }).cost).toBe(77n)
    expect(billOf({ price: row, signals: request, usage: { ...usage, reportedCost: -1n } }).cost).toBe(20n)
  })

  test('else its usage at the price; a missing price is unknown, never 0', () => {
    const usage = { input: 10, output: 5 }
    expect(billOf({ price: row, signals: request, usage })).toEqual({ cost: 20n, estimated: false, usage })
    expect(billOf({ price: undefined, signals: request, usage })).toEqual({ cost: 'unknown', estimated: false, usage })
    expect(billOf({ price: row, signals: embedding, usage: { input: 10 } })).toEqual({
      cost: 10n,
      estimated: false,
      usage: { input: 10 },
    })
  })

  test('else an estimate that says so, within what was asked', () => {
    expect(billOf({ price: row, signals: request, generatedBytes: 41 })).toEqual({
      cost: 122n,
      estimated: true,
      usage: { input: 100, output: 11 },
    })
    expect(billOf({ price: row, signals: request, generatedBytes: 4000 }).usage.output).toBe(50)
    expect(billOf({ price: undefined, signals: request })).toEqual({
      cost: 'unknown',
      estimated: true,
      usage: { input: 100, output: 0 },
    })
  })

  test('a count that is missing is estimated alone', () => {
    const half = billOf({ price: row, signals: request, generatedBytes: 40, usage: { input: 7 } })
    expect(half).toEqual({ cost: 27n, estimated: true, usage: { input: 7, output: 10 } })
    const other = billOf({ price: row, signals: request, usage: { output: 7, cachedInput: 150 } })
    expect(other.usage.input).toBe(150)
    expect(other.estimated).toBe(true)
  })
})

describe('periods', () => {
  const PERIODS: readonly BudgetPeriod[] = ['hour', 'day', 'week', 'month', 'total']

  /** Clocks that are put forward or back at midnight too, and by half an hour. */
  const ZONES = [
    'UTC',
    'Asia/Seoul',
    'Europe/Berlin',
    'America/Sao_Paulo',
    'Asia/Beirut',
    'Australia/Lord_Howe',
  ] as const
  const HALF_A_DAY = 43_200_000
  const moment = fc.oneof(
    fc.integer({ min: Date.UTC(1990, 0, 1), max: 4e12 }),
    // Near the days on which some of them are.
    fc
      .tuple(fc.constantFrom('2018-11-04', '2018-02-18', '2024-03-31', '2024-10-27', '2024-04-07'), fc.integer())
      .map(([day, more]) => Date.parse(day) + (more % (4 * HALF_A_DAY))),
  )

  test('every moment is in one period, and the next begins where it ends', () => {
    fc.assert(
      fc.property(fc.constantFrom(...PERIODS), moment, fc.constantFrom(...ZONES), (per, now, zone) => {
        const { start, end } = periodOf(per, now, zone)
        assert(start <= now && now < end)
        assert.deepEqual(periodOf(per, start, zone), { start, end })
        if (end === Number.POSITIVE_INFINITY) return assert.equal(per, 'total')
        assert.deepEqual(periodOf(per, end - 1, zone), { start, end })
        assert.equal(periodOf(per, end, zone).start, end)
      }),
      RUNS,
    )
  })

  test.each([
    ['hour', '2026-11-23T21:00:00Z', '2026-11-23T22:00:00Z'],
    ['day', '2026-11-23T00:00:00Z', '2026-11-24T00:00:00Z'],
    ['week', '2026-11-23T00:00:00Z', '2026-11-30T00:00:00Z'],
    ['month', '2026-11-01T00:00:00Z', '2026-12-01T00:00:00Z'],
  ] as const)('%s, in UTC, weeks from Monday', (per, start, end) => {
    const now = Date.parse('2026-11-23T21:34:51.123Z')
    expect(periodOf(per, now)).toEqual({ start: Date.parse(start), end: Date.parse(end) })
  })

  test.each([
    ['day', 'Asia/Seoul', '2026-11-24T00:00:00+09:00', '2026-11-25T00:00:00+09:00'],
    ['week', 'America/New_York', '2026-11-23T00:00:00-05:00', '2026-11-30T00:00:00-05:00'],
    ['month', 'Europe/Berlin', '2026-11-01T00:00:00+01:00', '2026-12-01T00:00:00+01:00'],
    ['hour', 'Asia/Kathmandu', '2026-11-23T21:00:00Z', '2026-11-23T22:00:00Z'],
  ] as const)('%s, by the calendar of %s', (per, zone, start, end) => {
    const now = Date.parse('2026-11-23T21:34:51.123Z')
    expect(periodOf(per, now, zone)).toEqual({ start: Date.parse(start), end: Date.parse(end) })
  })

  test.each([
    ['has no midnight', '2018-11-04T12:00:00-02:00', '2018-11-04T01:00:00-02:00', '2018-11-05T00:00:00-02:00'],
    ['has 25 hours', '2018-02-17T12:00:00-02:00', '2018-02-17T00:00:00-02:00', '2018-02-18T00:00:00-03:00'],
  ])('a day in São Paulo that %s', (_, now, start, end) => {
    expect(periodOf('day', Date.parse(now), 'America/Sao_Paulo')).toEqual({
      start: Date.parse(start),
      end: Date.parse(end),
    })
  })
})
