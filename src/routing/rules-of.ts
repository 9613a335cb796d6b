import { compare } from '#src/core/compare.ts'
import type { Rule } from '#src/core/policy.ts'
import type { Snapshot } from '#src/core/snapshot.ts'

/** Rules by what they do besides objecting to targets. */
const KINDS = {
  ordering: ({ prefers }) => prefers !== undefined,
  transferring: ({ basis }) => basis !== undefined,
  checking: ({ verify }) => verify !== undefined,
  changing: ({ caps, sets, label }) => caps !== undefined || sets !== undefined || label !== undefined,
  guarding: ({ guard }) => guard !== undefined,
  redacting: ({ redacts }) => redacts !== undefined,
  /** They ask what personal data a request holds. */
  looking: ({ redacts, pii }) => redacts !== undefined || pii === true,
} satisfies Record<string, (rule: Rule) => boolean>

type Kind = keyof typeof KINDS

const memos = new WeakMap<Snapshot, Map<Kind, readonly Rule[]>>()

/** A configuration's rules of one kind, in the order in which rules are told of. Found once: a request pays for these and not for all rules. */
export function rulesOf(snapshot: Snapshot, kind: Kind): readonly Rule[] {
  const memo = memos.get(snapshot) ?? new Map<Kind, readonly Rule[]>()
  memos.set(snapshot, memo)
  const known = memo.get(kind)
  if (known) return known
  const rules = snapshot.rules.filter(KINDS[kind]).toSorted(byName)
  memo.set(kind, rules)
  return rules
}

function byName(a: Rule, b: Rule): number {
  return compare(`${a.name}\n${a.source}`, `${b.name}\n${b.source}`)
}
