import fc from 'fast-check'
import { expect, test } from 'vitest'
import { counts, decideCase, essence, NOW, RUNS, situation } from '../support/decision-arbitraries.ts'

test('the plan is the eligible candidates by rank, no rule objects to one, every other candidate says why not', () => {
  fc.assert(
    fc.property(situation, (one) => {
      const { decision, plan, failure } = decideCase(one)
      const eligible = decision.candidates.filter(({ verdict }) => verdict === 'eligible')
      const ranked = eligible.toSorted((a, b) => (a.rank ?? 0) - (b.rank ?? 0)).map(({ target }) => target)
      const fallback = one.snapshot.routes.get(one.model)?.fallback ?? true
      expect(decision.plan).toEqual(fallback ? ranked : ranked.slice(0, 1))
      expect(plan.map(({ id }) => id)).toEqual(decision.plan)
      expect(eligible.map(({ rank }) => rank).toSorted()).toEqual(eligible.map((_, index) => index + 1))
      expect(failure === undefined).toBe(decision.outcome === 'route')
      for (const { verdict, code, reason } of decision.candidates) {
        if (verdict !== 'eligible') expect([code, reason]).toEqual([expect.any(String), expect.any(String)])
      }
      // Asked anew, without what `judge` remembers.
      for (const target of plan) {
        const objections = one.snapshot.rules.flatMap((rule) => (counts(rule, one) ? (rule.judge(target) ?? []) : []))
        expect(objections.filter(({ since = 0 }) => since <= NOW)).toEqual([])
      }
    }),
    { numRuns: RUNS },
  )
})

test('deciding twice gives the same, and JSON loses nothing of it', () => {
  fc.assert(
    fc.property(situation, (one) => {
      const decided = decideCase(one)
      expect(essence(decideCase(one))).toEqual(essence(decided))
      expect(JSON.parse(JSON.stringify(decided.decision))).toEqual(decided.decision)
    }),
    { numRuns: RUNS },
  )
})
