import type { Shadow } from '#src/core/decision.ts'
import type { Objection, Rule } from '#src/core/policy.ts'
import type { Snapshot } from '#src/core/snapshot.ts'
import type { Target } from '#src/core/target.ts'
import type { Asked } from './judge.ts'
import { rulesOf } from './rules-of.ts'
import { quietly, speaking } from './speaking.ts'

/** What the rules that only order have to say for one request. */
export interface Preferences {
  /** The names of the rules that prefer a target, sorted; more of them go first. */
  readonly of: (target: Target) => readonly string[]
  /** What rules in shadow would have done. */
  readonly shadow: (target: Target) => readonly Shadow[]
  /** Of rules that could not tell whether they speak about this request: it is refused (INTERFACE.md section 9, `when`). */
  readonly failed: readonly Objection[]
}

interface Memo {
  readonly rules: readonly Rule[]
  readonly byTarget: WeakMap<Target, ReadonlySet<Rule>>
}

const memos = new WeakMap<Snapshot, Memo>()
const NOBODY: Preferences = { of: () => [], shadow: () => [], failed: [] }

/** What a configuration prefers for one caller and one request. Rules in shadow do not count: they are shown. */
export function preferencesFor(snapshot: Snapshot, asked: Asked): Preferences {
  const memo = memoOf(snapshot)
  if (memo.rules.length === 0) return NOBODY
  const { held, failed } = speaking(memo.rules, asked)
  return {
    failed,
    of: (target) => matchingOf(memo, target, held).flatMap(({ name, mode }) => (mode === 'shadow' ? [] : [name])),
    shadow: (target) =>
      matchingOf(memo, target, held).flatMap((rule) => (rule.mode === 'shadow' ? [shadowOf(rule)] : [])),
  }
}

function memoOf(snapshot: Snapshot): Memo {
  const known = memos.get(snapshot)
  if (known) return known
  const rules = rulesOf(snapshot, 'ordering')
  const memo: Memo = { rules, byTarget: new WeakMap() }
  memos.set(snapshot, memo)
  return memo
}

/** An order that breaks is none. */
function matchingOf({ rules, byTarget }: Memo, target: Target, held: readonly Rule[]): readonly Rule[] {
  const known = byTarget.get(target)
  const matching = known ?? new Set(rules.filter((rule) => quietly(() => rule.prefers?.(target) === true)))
  if (!known) byTarget.set(target, matching)
  return held.filter((rule) => matching.has(rule))
}

function shadowOf({ name, source }: Rule): Shadow {
  return { rule: name, code: 'preferred', reason: `\`${name}\` would prefer it`, source }
}
