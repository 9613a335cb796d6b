import fc from 'fast-check'
import { expect, test } from 'vitest'
import { counts, decideCase, essence, foundIn, NOW, RUNS, situation } from '../support/decision-arbitraries.ts'

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

test('what a guard has found, or nobody could look for, is sent nowhere; what it has not found stops nobody', () => {
  fc.assert(
    fc.property(situation, (one) => {
      const { rules } = one.snapshot
      const { guarded = {} } = foundIn(one, rules)
      const stopping = rules.filter((rule) => {
        const { guard, onError } = rule
        if (!guard?.input || one.forGuard || !counts(rule, one)) return false
        const found = guarded[guard.id] ?? (guarded[guard.id] === null || 'finds' in guard ? 'nobody knows' : false)
        return found === true || (found === 'nobody knows' && onError !== 'allow')
      })
      const { candidates, plan } = decideCase(one).decision
      if (stopping.length > 0) expect(plan).toEqual([])
      const named = new Set(candidates.flatMap(({ code, rules: by = [] }) => (code === 'guarded' ? by : [])))
      const found = rules.filter(({ guard, name }) => named.has(name) && guard)
      if (named.size > 0) expect(found.some(({ guard }) => guard && guarded[guard.id] === true)).toBe(true)
    }),
    { numRuns: RUNS },
  )
})
