import type { Basis } from '#src/core/decision.ts'
import type { Rule } from '#src/core/policy.ts'
import type { Snapshot } from '#src/core/snapshot.ts'
import type { Target } from '#src/core/target.ts'
import type { Asked } from './judge.ts'
import { rulesOf } from './rules-of.ts'
import { quietly } from './speaking.ts'

/** On which basis a target that nothing denies is permitted abroad. Rules in shadow permit nothing. `now`: ms since 1970. */
export function basesFor(
  snapshot: Snapshot,
  { key, occasion }: Asked,
  now: number,
): (target: Target) => readonly Basis[] {
  const speaking = rulesOf(snapshot, 'transferring').filter(
    (rule) => rule.mode !== 'shadow' && quietly(() => rule.appliesTo(key)) && occasion(rule) !== false,
  )
  return (target) =>
    speaking.flatMap((rule) => {
      const basis = basisOf(rule, target, now)
      return basis === undefined ? [] : [{ rule: rule.name, basis }]
    })
}

/** One that breaks is none. */
function basisOf(rule: Rule, target: Target, now: number): string | undefined {
  try {
    return rule.basis?.(target, now)
  } catch {
    return undefined
  }
}
