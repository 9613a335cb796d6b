import { expect, test } from 'vitest'
import { usd } from '#src/core/money.ts'
import { count, createSummary, type Side, type Summary } from './replay-summary.ts'

const PRICES: Readonly<Record<string, number | null>> = { 'a/x': 0.000001, 'b/y': 0.5, 'c/z': null }

function side(plan: readonly string[], denied: Readonly<Record<string, readonly string[]>> = {}, code?: string): Side {
  return {
    plan,
    candidates: [
      ...plan.map((target) => ({ target, verdict: 'eligible' as const, cost_usd_estimate: PRICES[target] ?? null })),
      ...Object.entries(denied).map(([target, rules]) => ({ target, verdict: 'denied' as const, rules })),
    ],
    ...(code !== undefined && { code }),
  }
}

const NONE = side([], {}, 'no_capable_target')

function summaryOf(...pairs: readonly (readonly [Side, Side])[]): Summary {
  const summary = createSummary()
  for (const [index, [before, after]] of pairs.entries())
    count(summary, { id: `r${index + 1}`, model: 'chat', key: 'app', before, after })
  return summary
}

/** How many requests each kind has: they part all requests. */
function kinds({ unchanged, fallbacksChanged, moved, newlyAllowed, stranded }: Summary): readonly number[] {
  return [unchanged, fallbacksChanged, moved.count, newlyAllowed.count, stranded.count]
}

test.each([
  ['the same plan', side(['a/x', 'b/y']), side(['a/x', 'b/y']), [1, 0, 0, 0, 0]],
  ['no target on both sides', NONE, side([], {}, 'policy_denied'), [1, 0, 0, 0, 0]],
  ['other fallbacks', side(['a/x', 'b/y']), side(['a/x']), [0, 1, 0, 0, 0]],
  ['another first target', side(['a/x', 'b/y']), side(['b/y', 'a/x']), [0, 0, 1, 0, 0]],
  ['a target where there was none', NONE, side(['a/x']), [0, 0, 0, 1, 0]],
  ['no target where there was one', side(['a/x']), NONE, [0, 0, 0, 0, 1]],
])('%s', (_name, before, after, expected) => {
  const summary = summaryOf([before, after])
  expect(kinds(summary)).toEqual(expected)
  expect(summary.total).toBe(1)
})

test('moves are counted by where from and where to', () => {
  const [a, b] = [side(['a/x']), side(['b/y'])]
  expect([...summaryOf([a, b], [a, b], [b, a]).moves.values()]).toEqual([
    { from: 'a/x', to: 'b/y', count: 2 },
    { from: 'b/y', to: 'a/x', count: 1 },
  ])
})

test('who is left without a target: by code, and by the rules that took what they had not taken before', () => {
  const before = side(['a/x'], { 'b/y': ['old'] })
  const after = side([], { 'a/x': ['new', 'newer'], 'b/y': ['old'] }, 'policy_denied')
  const summary = summaryOf([before, after], [before, after], [before, NONE])
  expect(summary.stranded).toEqual({ count: 3, examples: ['r1', 'r2', 'r3'] })
  expect([...summary.strandedByCode]).toEqual([
    ['policy_denied', { count: 2, examples: ['r1', 'r2'] }],
    ['no_capable_target', { count: 1, examples: ['r3'] }],
  ])
  expect(summary.newlyDenied.count).toBe(2)
  expect([...summary.deniedByRule.keys()]).toEqual(['new', 'newer'])
})

test('only the first examples are kept', () => {
  const pairs = Array.from({ length: 9 }, () => [side(['a/x']), NONE] as const)
  expect(summaryOf(...pairs).stranded).toEqual({ count: 9, examples: ['r1', 'r2', 'r3'] })
})

test('a caller without its key is named, whether it had a target or not', () => {
  const unknown = side([], {}, 'unknown_key')
  const summary = summaryOf([side(['a/x']), unknown], [NONE, unknown])
  expect([...summary.unknownKeys]).toEqual([['app', { count: 2, examples: ['r1', 'r2'] }]])
  expect([...summary.strandedByCode.keys()]).toEqual(['unknown_key'])
})

test('costs are those of the first target, and unknown ones are counted, not guessed', () => {
  const summary = summaryOf(
    [side(['a/x']), side(['b/y', 'a/x'])],
    [side(['b/y']), side(['c/z'])],
    [side(['b/y']), NONE],
  )
  const cost = { before: usd(1.000001), after: usd(0.5), unpricedBefore: 0, unpricedAfter: 1 }
  expect(summary.cost).toEqual(cost)
  expect(summary.costByKey).toEqual(new Map([['app', cost]]))
  expect(summary.costByModel).toEqual(new Map([['chat', cost]]))
})
