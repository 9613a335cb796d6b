// What bills and periods must be (src/accounting, src/core/period.ts): laws 2 and 4 stand on it.
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { billOf, type Answered } from '#src/accounting/bill.ts'
import type { BudgetPeriod } from '#src/core/key.ts'
import { periodOf } from '#src/core/period.ts'
import type { Signals } from '#src/core/request.ts'
import type { Usage } from '#src/core/usage.ts'

const RUNS = { numRuns: 500 }
const NOW = Date.UTC(2026, 10, 26)

function signals(input: number, more: Partial<Signals> = {}): Signals {
  return { inputTokens: Math.floor(input / 4), inputTokensWorst: input, unmeasured: 0, choices: 1, needs: [], ...more }
}

describe('bill', () => {
  const row = { input: 1_000_000n, output: 2_000_000n, source: 'a test', asOf: '2026-11-01' }
  const request = signals(400, { outputLimit: 50 })
  const embedding = signals(400, { needs: [{ capability: 'embeddings', param: 'input' }] })
  const price = { source: 'a test', asOf: '2026-11-01' }
  const bill = (more: Partial<Answered>) => billOf({ at: NOW, price: row, signals: request, ...more })

  test('what the upstream says it cost wins, and where the row says something else by more than 5 %, the bill says what', () => {
    const usage = { input: 10, output: 5, reportedCost: 77n }
    expect(bill({ usage })).toEqual({ cost: 77n, estimated: false, reported: true, usage, price, expected: 20n })
    expect(bill({ price: undefined, usage })).toEqual({ cost: 77n, estimated: false, reported: true, usage })
    expect(bill({ usage: { ...usage, reportedCost: -1n } }).cost).toBe(20n)
  })

  test.each([
    [0n, 2000n],
    [1899n, 2000n],
    [1900n, undefined],
    [2000n, undefined],
    [2100n, undefined],
    [2101n, 2000n],
  ])('%s said where 2000 are expected', (reportedCost, expected) => {
    expect(bill({ usage: { input: 1000, output: 500, reportedCost } }).expected).toBe(expected)
  })

  test('half a report is compared with nothing', () => {
    expect(bill({ usage: { input: 10, reportedCost: 77n } })).not.toHaveProperty('expected')
    expect(bill({ usage: { output: 10, reportedCost: 77n } })).not.toHaveProperty('expected')
  })

  test('else its usage at the price; a missing price is unknown, never 0', () => {
    const usage = { input: 10, output: 5 }
    expect(bill({ usage })).toEqual({ cost: 20n, estimated: false, usage, price })
    expect(bill({ price: undefined, usage })).toEqual({ cost: 'unknown', estimated: false, usage })
    const vectors = { input: 10 }
    expect(bill({ signals: embedding, usage: vectors })).toEqual({ cost: 10n, estimated: false, usage: vectors, price })
  })

  test('else an estimate that says so, within what was asked', () => {
    const usage = { input: 100, output: 11 }
    expect(bill({ generatedBytes: 41 })).toEqual({ cost: 122n, estimated: true, usage, price })
    expect(bill({ generatedBytes: 4000 }).usage.output).toBe(50)
    const none = { input: 100, output: 0 }
    expect(bill({ price: undefined })).toEqual({ cost: 'unknown', estimated: true, usage: none })
  })

  test('a count that is missing is estimated alone', () => {
    const half = bill({ generatedBytes: 40, usage: { input: 7 } })
    expect(half).toEqual({ cost: 27n, estimated: true, usage: { input: 7, output: 10 }, price })
    const other = bill({ usage: { output: 7, cachedInput: 150 } })
    expect(other.usage.input).toBe(150)
    expect(other.estimated).toBe(true)
  })

  test('the tier that was asked for raises an estimate, and lowers none', () => {
    const tiered = { ...row, multipliers: { serviceTier: { priority: 2_000_000_000n, flex: 500_000_000n } } }
    const cost = (serviceTier: string, usage?: Usage) =>
      billOf({ at: NOW, price: tiered, signals: { ...request, serviceTier }, usage, generatedBytes: 40 }).cost
    expect(['priority', 'flex', 'other'].map((tier) => cost(tier))).toEqual([240n, 120n, 120n])
    const answered = { input: 100, output: 10, serviceTier: 'flex' }
    expect(cost('priority', answered)).toBe(60n)
    expect(cost('priority', { ...answered, serviceTier: 'default' })).toBe(120n)
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
