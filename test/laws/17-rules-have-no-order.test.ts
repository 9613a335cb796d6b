// Law 17: rules have no order, and adding one never opens a door.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  changing,
  decideCase,
  essence,
  guarding,
  preferring,
  rule,
  RUNS,
  situation,
} from '../support/decision-arbitraries.ts'

test('shuffling the rules changes nothing of a decision', () => {
  const shuffled = situation.chain((one) => {
    const { rules } = one.snapshot
    return fc.tuple(fc.constant(one), fc.shuffledSubarray([...rules], { minLength: rules.length }))
  })
  fc.assert(
    fc.property(shuffled, ([one, rules]) => {
      expect(essence(decideCase(one, rules))).toEqual(essence(decideCase(one)))
    }),
    { numRuns: RUNS },
  )
})

/** A rule that only ever takes away. */
const taking = fc.oneof({ weight: 3, arbitrary: rule }, guarding)

test('adding a deny, a require, a transfer or a guard never adds a target to those that may be asked', () => {
  fc.assert(
    fc.property(situation, taking, fc.nat(6), (one, added, place) => {
      const { rules } = one.snapshot
      const before = eligible(decideCase(one).decision.candidates)
      const after = eligible(decideCase(one, rules.toSpliced(place, 0, added)).decision.candidates)
      for (const target of after) expect(before).toContain(target)
    }),
    { numRuns: RUNS },
  )
})

test('what those say who are asked by guards never adds a target to those that may be asked', () => {
  fc.assert(
    fc.property(situation, fc.array(guarding, { maxLength: 2 }), (one, added) => {
      const rules = [...one.snapshot.rules, ...added].filter(({ guard }) => !guard || !('finds' in guard))
      const before = eligible(decideCase({ ...one, found: [undefined] }, rules).decision.candidates)
      for (const target of eligible(decideCase(one, rules).decision.candidates)) expect(before).toContain(target)
    }),
    { numRuns: RUNS },
  )
})

test('where nothing was routed, a further rule routes nothing', () => {
  fc.assert(
    fc.property(situation, taking, (one, added) => {
      if (decideCase(one).plan.length > 0) return
      expect(decideCase(one, [...one.snapshot.rules, added]).decision.outcome).toBe('deny')
    }),
    { numRuns: RUNS },
  )
})

function eligible(candidates: readonly { readonly target: string; readonly verdict: string }[]): readonly string[] {
  return candidates.filter(({ verdict }) => verdict === 'eligible').map(({ target }) => target)
}

test('a rule in shadow changes nothing of a decision but what is shown of it', () => {
  fc.assert(
    fc.property(situation, taking, (one, added) => {
      const before = decideCase(one)
      const after = decideCase(one, [...one.snapshot.rules, { ...added, mode: 'shadow' }])
      expect(withoutShadow(after)).toEqual(withoutShadow(before))
    }),
    { numRuns: RUNS },
  )
})

test('a prefer changes the order only: what may be asked stays, or its condition fails and nothing may', () => {
  fc.assert(
    fc.property(situation, preferring, (one, made) => {
      const added = { ...made, name: 'the added one' }
      const before = decideCase(one).decision
      const after = decideCase(one, [...one.snapshot.rules, added]).decision
      const failed = after.candidates.some(({ rules = [] }) => rules.includes(added.name))
      if (!failed) expect(eligible(after.candidates)).toEqual(eligible(before.candidates))
      else if (added.when) expect(eligible(after.candidates)).toEqual([])
    }),
    { numRuns: RUNS },
  )
})

test('a limit or a set brings no denied target back, and refuses all or none', () => {
  fc.assert(
    fc.property(situation, changing, fc.nat(6), (one, added, place) => {
      const { rules } = one.snapshot
      const denied = ({ target }: { readonly target: string }): boolean =>
        decideCase(one).decision.candidates.some((before) => before.target === target && before.verdict === 'denied')
      const { candidates } = decideCase(one, rules.toSpliced(place, 0, added)).decision
      for (const candidate of candidates.filter(denied)) expect(candidate.verdict).toBe('denied')
      const refused = candidates.filter(
        ({ rules: by = [], code }) => by.includes(added.name) && code === 'limit_exceeded',
      )
      if (refused.length > 0) expect(eligible(candidates)).toEqual([])
    }),
    { numRuns: RUNS },
  )
})

function withoutShadow(decided: ReturnType<typeof decideCase>): object {
  const { decision } = decided
  const candidates = decision.candidates.map((candidate) => ({ ...candidate, shadow: [] }))
  // Guards in shadow are asked like others, and what they find is recorded.
  const { guarded: _, ...signals } = decision.inputs.signals ?? {}
  const inputs = { ...decision.inputs, signals }
  return { ...essence(decided), decision: { ...decision, candidates, inputs, guards: [] } }
}
