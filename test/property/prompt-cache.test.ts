// Where a conversation goes on whose prompt is in somebody's cache: for any prices and whatever is known, by money alone, and replayed alike.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { StrategyName } from '#src/core/snapshot.ts'
import { decide, type Decided } from '#src/pipeline/decide.ts'
import { readRecord } from '#src/pipeline/read-record.ts'
import { replay } from '#src/pipeline/replay.ts'
import { createEstimates } from '#src/routing/estimates.ts'
import { makeRoute, makeRule, makeSnapshot, makeTarget } from '../support/world.ts'

const RUNS = { numRuns: 400 }
const IDS = ['p0/m', 'p1/m', 'p2/m', 'p3/m'] as const
const OUTPUT = 400
/** Nano-USD per 1M tokens. */
const rate = fc.bigInt({ min: 0n, max: 20n }).map((dollars) => dollars * 1_000_000_000n)
const price = fc.record(
  { input: rate, output: rate, cachedInput: rate, source: fc.constant('test') },
  { requiredKeys: ['input', 'output', 'source'] },
)

const situation = fc.record({
  prices: fc.array(fc.option(price, { nil: undefined }), { minLength: 2, maxLength: IDS.length }),
  weights: fc.array(fc.integer({ min: 1, max: 5 }), { minLength: IDS.length, maxLength: IDS.length }),
  strategy: fc.constantFrom<StrategyName[]>('priority', 'weighted', 'cheapest', 'fastest', 'balanced'),
  inputTokens: fc.integer({ min: 1, max: 100_000 }),
  warm: fc.record({ target: fc.constantFrom(...IDS, 'p9/gone'), tokens: fc.integer({ min: 0, max: 120_000 }) }),
  seed: fc.string(),
  fast: fc.subarray([...IDS]),
  denied: fc.subarray([...IDS], { maxLength: 1 }),
  ill: fc.subarray([...IDS], { maxLength: 1 }),
  preferred: fc.subarray([...IDS], { maxLength: 1 }),
})
type Situation = typeof situation extends fc.Arbitrary<infer T> ? T : never

function worldOf(one: Situation, sticky: boolean) {
  const targets = one.prices.map((own, at) =>
    makeTarget(IDS[at] ?? '', { facts: { lineage: [], ...(own && { price: own }) } }),
  )
  const prefer = {
    ...makeRule('first', []),
    prefers: ({ id }: { readonly id: string }) => one.preferred.some((own) => own === id),
  }
  const route = makeRoute('chat', targets, { strategy: one.strategy, sticky })
  return makeSnapshot({
    routeList: [{ ...route, targets: targets.map((target, at) => ({ target, weight: one.weights[at] ?? 1 })) }],
    rules: [makeRule('no', one.denied), prefer],
  })
}

function decided(one: Situation, { sticky = true, warm = true } = {}): Decided {
  const estimates = createEstimates()
  for (const [at, id] of one.fast.entries())
    estimates.answered(id, { firstTokenMs: 100 * (at + 1), totalMs: 200 * (at + 1), outputTokens: 5, now: 0 })
  for (const id of one.ill) estimates.failed(id, { now: 0, retryAfterMs: 60_000 })
  const { inputTokens, seed } = one
  const signals = { inputTokens, inputTokensWorst: inputTokens, unmeasured: 0, choices: 1, needs: [] }
  const request = { endpoint: 'chat' as const, model: 'chat', stream: false, tags: [], metadata: {} }
  return decide(
    worldOf(one, sticky),
    { request, signals, seed },
    { estimates, now: 1000, ...(warm && { warm: one.warm }) },
  )
}

/** Of a target, in nano-USD times a million: what is warm there at the rate for it. */
function trueCost(one: Situation, id: string | undefined): bigint {
  const own = one.prices[IDS.findIndex((other) => other === id)]
  if (!own) return 10n ** 30n
  const { input, output, cachedInput = input } = own
  const read = BigInt(id === one.warm.target ? Math.min(one.warm.tokens, one.inputTokens) : 0)
  const all = BigInt(one.inputTokens)
  return (all - read) * input + read * (cachedInput < input ? cachedInput : input) + BigInt(OUTPUT) * output
}

function planOf({ decision }: Decided): readonly string[] {
  return decision.plan
}

describe('a warm cache', () => {
  test('cheapest asks whoever costs least, the cache counted, and so never costs more than without knowing of it', () => {
    let moved = 0
    fc.assert(
      fc.property(situation, (given) => {
        const one: Situation = { ...given, strategy: 'cheapest', preferred: [] }
        const plan = planOf(decided(one))
        const [first] = plan
        const [blind] = planOf(decided(one, { warm: false }))
        for (const other of plan) expect(trueCost(one, first) <= trueCost(one, other)).toBe(true)
        expect(trueCost(one, first) <= trueCost(one, blind)).toBe(true)
        if (first !== blind) moved++
      }),
      // One in forty moves.
      { numRuns: 2000 },
    )
    expect(moved).toBeGreaterThan(5)
  })

  test('what a decision says that it saves is the cost that it takes off, and nobody else has any', () => {
    fc.assert(
      fc.property(situation, (one) => {
        const { candidates } = decided(one).decision
        const blind = decided(one, { warm: false }).decision.candidates
        for (const [
          at,
          { target, cost_usd_estimate: cost, cache_savings_usd_estimate: saved },
        ] of candidates.entries()) {
          const without = blind[at]?.cost_usd_estimate ?? null
          expect(Math.round(((without ?? 0) - (cost ?? 0)) * 1e9)).toBe(Math.round((saved ?? 0) * 1e9))
          if (saved !== undefined) expect([target, saved > 0]).toEqual([one.warm.target, true])
        }
      }),
      RUNS,
    )
  })

  test('weighted keeps a conversation where that saves something, and draws as ever where it does not', () => {
    let kept = 0
    fc.assert(
      fc.property(situation, (given) => {
        const one: Situation = { ...given, strategy: 'weighted', preferred: [] }
        const known = decided(one)
        const saving = known.decision.candidates.find(
          ({ cache_savings_usd_estimate: saved, rank }) => saved !== undefined && rank !== undefined,
        )
        const blind = planOf(decided(one, { warm: false }))
        if (!saving) {
          expect(planOf(known)).toEqual(blind)
          return
        }
        kept++
        expect(planOf(known)[0]).toBe(one.warm.target)
        expect(planOf(known).toSorted()).toEqual(blind.toSorted())
      }),
      RUNS,
    )
    expect(kept).toBeGreaterThan(20)
  })

  test.each<StrategyName>(['priority', 'fastest'])('%s does not ask for it', (strategy) => {
    fc.assert(
      fc.property(situation, (given) => {
        const one: Situation = { ...given, strategy }
        expect(planOf(decided(one))).toEqual(planOf(decided(one, { warm: false })))
      }),
      RUNS,
    )
  })

  test('lets in nobody who is denied or ill, and nobody before those whom a rule prefers', () => {
    fc.assert(
      fc.property(situation, (one) => {
        const plan = planOf(decided(one))
        for (const id of [...one.denied, ...one.ill]) expect(plan).not.toContain(id)
        const [preferred] = one.preferred
        if (preferred !== undefined && plan.includes(preferred)) expect(plan[0]).toBe(preferred)
      }),
      RUNS,
    )
  })

  test('has no say under a name that is not sticky, and is not recorded there', () => {
    fc.assert(
      fc.property(situation, (one) => {
        const loose = decided(one, { sticky: false })
        expect(loose.decision).toEqual(decided(one, { warm: false, sticky: false }).decision)
        expect(loose.decision.inputs).not.toHaveProperty('warm')
      }),
      RUNS,
    )
  })

  test('is recorded, but for what holds nothing and whom nobody asked for, and replayed alike', () => {
    fc.assert(
      fc.property(situation, (one) => {
        const { decision } = decided(one)
        const told = decision.candidates.some(({ target }) => target === one.warm.target) && one.warm.tokens > 0
        expect(decision.inputs.warm).toEqual(told ? one.warm : undefined)
        const record = readRecord(JSON.parse(JSON.stringify({ ...decision, request_id: 'r1' })))
        if (record === 'other' || !record.inputs) throw new Error('no decision')
        const again = replay(worldOf(one, true), { ...record, inputs: record.inputs })
        if (again === 'unknown_key') throw new Error('there are no keys')
        expect([again.decision.candidates, again.decision.plan, again.decision.inputs.warm]).toEqual([
          decision.candidates,
          decision.plan,
          decision.inputs.warm,
        ])
      }),
      RUNS,
    )
  })
})
