import type { Key } from '#src/core/key.ts'
import type { Objection, Rule } from '#src/core/policy.ts'
import type { Snapshot } from '#src/core/snapshot.ts'
import type { Target } from '#src/core/target.ts'

/** One rule's objection to a target, whoever asks. */
interface Standing {
  readonly rule: Rule
  readonly objection: Objection
}

interface Memo {
  readonly byTarget: Verdicts<Standing>
  /** By the caller itself, not its id: after a reload the same id may be another caller. */
  readonly byKey: WeakMap<Key, Verdicts<Objection>>
  readonly withoutKey: Verdicts<Objection>
}

type Verdicts<Item> = WeakMap<Target, readonly Item[]>

const memos = new WeakMap<Snapshot, Memo>()

const NONE: readonly Objection[] = []

/**
 * Every objection to a target by the rules that apply to a caller, sorted by rule; none: it may be used. Deny wins: one objection is enough.
 * Rules of this version see facts only, so what all rules say of a target is worked out once per configuration, and a request pays for the
 * objections and not for the rules.
 */
export function judge(snapshot: Snapshot, key: Key | undefined, target: Target): readonly Objection[] {
  const memo = memoOf(snapshot)
  const verdicts = verdictsOf(memo, key)
  const known = verdicts.get(target)
  if (known) return known
  const objections = standing(snapshot, memo, target)
    .filter(({ rule }) => applies(rule, key))
    .map(({ objection }) => objection)
  const verdict = objections.length > 0 ? objections : NONE
  verdicts.set(target, verdict)
  return verdict
}

function standing({ rules }: Snapshot, memo: Memo, target: Target): readonly Standing[] {
  const known = memo.byTarget.get(target)
  if (known) return known
  const list: Standing[] = []
  for (const rule of rules) {
    const objection = ask(rule, target)
    if (objection) list.push({ rule, objection })
  }
  list.sort((a, b) => compare(order(a.objection), order(b.objection)))
  memo.byTarget.set(target, list)
  return list
}

/** The one place where a rule runs: one that breaks takes the target out. */
function ask(rule: Rule, target: Target): Objection | undefined {
  try {
    return rule.judge(target)
  } catch {
    const reason = `rule \`${rule.name}\` failed on \`${target.id}\`, so it denies`
    return { rule: rule.name, code: 'rule_failed', reason, source: rule.source, unknown: [] }
  }
}

function applies(rule: Rule, key: Key | undefined): boolean {
  try {
    return rule.appliesTo(key)
  } catch {
    return true
  }
}

function memoOf(snapshot: Snapshot): Memo {
  const known = memos.get(snapshot)
  if (known) return known
  const memo: Memo = { byTarget: new WeakMap(), byKey: new WeakMap(), withoutKey: new WeakMap() }
  memos.set(snapshot, memo)
  return memo
}

function verdictsOf({ byKey, withoutKey }: Memo, key: Key | undefined): Verdicts<Objection> {
  if (!key) return withoutKey
  const known = byKey.get(key)
  if (known) return known
  const verdicts: Verdicts<Objection> = new WeakMap()
  byKey.set(key, verdicts)
  return verdicts
}

/** Nothing of a rule's place in the file is in it, but its source, which only parts rules that say the same. */
function order({ rule, code, reason, source }: Objection): string {
  return [rule, code, reason, source].join('\n')
}

/** By code units, the same in every locale. */
function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
