import { compare } from '#src/core/compare.ts'
import type { Key } from '#src/core/key.ts'
import type { Objection, Rule } from '#src/core/policy.ts'
import type { Signals } from '#src/core/request.ts'
import type { Order } from '#src/core/routes.ts'
import type { Snapshot } from '#src/core/snapshot.ts'
import type { Target } from '#src/core/target.ts'
import { behind, type Behind } from './behind.ts'
import type { Occasion } from './occasion.ts'
import { rulesOf } from './rules-of.ts'

/** One rule's objection to a target, whoever asks. */
interface Standing {
  readonly rule: Rule
  readonly objection: Objection
}

/** What all rules that apply to a caller say of a target, sorted by rule. */
interface Verdict {
  /** What stands whatever is asked, and whenever. */
  readonly always: Ruling
  /** Everything that stands, where something of it does not stand always: then it is for the request to say what counts. */
  readonly conditional?: readonly Standing[]
}

/** What the rules say of a target for one caller and one request. */
export interface Ruling {
  /** None: it may be used. Deny wins: one is enough. */
  readonly objections: readonly Objection[]
  /** What rules in shadow would have said. */
  readonly shadow: readonly Objection[]
  /** What an upstream that sends requests on has to be told. */
  readonly order?: Order
}

interface Memo {
  readonly byTarget: WeakMap<Target, readonly Standing[]>
  /** By the caller itself, not its id: after a reload the same id may be another caller. */
  readonly byKey: WeakMap<Key, Verdicts>
  readonly withoutKey: Verdicts
}

type Verdicts = WeakMap<Target, Verdict>

/** What a rule is asked about a target: as one that may be asked, or as one that says it has answered. */
type View = (rule: Rule, target: Target) => Objection | undefined

const asCandidate: View = (rule, target) => rule.judge(target)
const asServed: View = (rule, target) => rule.judgeServed?.(target)
const asRelayed: View = (rule, target) => rule.judgeRelayed?.(target)
const asCalled: View = (rule, target) => rule.judgeCalled?.(target)

const memos = new Map([asCandidate, asServed, asRelayed, asCalled].map((view) => [view, new WeakMap<Snapshot, Memo>()]))

const NOTHING: Ruling = { objections: [], shadow: [] }

/** Who asks, and on which occasion. */
export interface Asked {
  readonly key?: Key | undefined
  readonly occasion: Occasion
}

/**
 * Every objection to a target by the rules that apply to a caller and a request. What all rules say of a target is worked out once per
 * configuration, so a request pays for the objections and not for the rules; of rules with a `when` only those are asked that stand.
 */
export function judge(snapshot: Snapshot, asked: Asked, target: Target): Ruling {
  const own = ruling(asCandidate, { snapshot, ...asked, target })
  return sendsOn(snapshot, target) ? { ...own, ...judgeBehind(snapshot, asked, target) } : own
}

interface Carrying {
  readonly target: Target
  readonly signals: Pick<Signals, 'carried' | 'called'>
}

/**
 * As `judge`, of a target that is also asked for what tools of the request name: models of its own provider, each judged as one, and hosts
 * that it is to call.
 */
export function judgeCarrying(snapshot: Snapshot, asked: Asked, { target, signals }: Carrying): Ruling {
  const own = judge(snapshot, asked, target)
  const { carried = [], called = [] } = signals
  if (carried.length + called.length === 0 || snapshot.rules.length === 0) return own
  const { provider } = target
  const others = [
    ...carried.map((model) => judge(snapshot, asked, snapshot.targetOf(provider, model))),
    ...called.flatMap((host) => snapshot.calledAt(provider, host)).map((place) => judgeCalled(snapshot, asked, place)),
  ]
  return {
    ...own,
    objections: [own, ...others].flatMap(({ objections }) => objections),
    shadow: [own, ...others].flatMap(({ shadow }) => shadow),
  }
}

function judgeCalled(snapshot: Snapshot, asked: Asked, target: Target): Ruling {
  const { objections, shadow } = ruling(asCalled, { snapshot, ...asked, target })
  const said = ({ reason, ...objection }: Objection): Objection => {
    const what = `a tool of the request has \`${target.id}\` called`
    if (objection.unknown.length === 0) return { ...objection, reason: `${what}: ${reason}` }
    const missing = objection.unknown.map((field) => `\`${field}\``).join(' and ')
    const mend = 'declare that at a provider with this host in its `baseUrl`'
    return { ...objection, reason: `${what}, whose ${missing} is unknown to rule \`${objection.rule}\`: ${mend}` }
  }
  return { objections: objections.map(said), shadow: shadow.map(said) }
}

function sendsOn({ rules }: Snapshot, { provider }: Target): boolean {
  return provider.adapter.aggregator && rules.length > 0
}

/** What stands against whom an upstream may ask in its turn, and what it has to be told so that nothing does. */
function judgeBehind(snapshot: Snapshot, asked: Asked, target: Target): Behind {
  const by = (view: View) => (one: Target) => ruling(view, { snapshot, ...asked, target: one }).objections
  return behind(snapshot, target, { own: by(asCandidate), relayed: by(asRelayed) })
}

/** What surely stands against a target that an upstream says has answered. */
export function judgeServed(snapshot: Snapshot, asked: Asked, served: Target): Ruling {
  return ruling(asServed, { snapshot, ...asked, target: served })
}

/** What rules about answers say of this one: of an expected target, and of who says that it answered (undefined: nobody). */
export function verify(
  snapshot: Snapshot,
  { key, occasion }: Asked,
  { expected, served }: { readonly expected: Target; readonly served: Target | undefined },
): Ruling {
  const about: View = (rule) => rule.verify?.(expected, served)
  const checking = rulesOf(snapshot, 'checking')
  if (checking.length === 0) return NOTHING
  const stands = checking.flatMap((rule) => {
    if (!applies(rule, key)) return []
    const objection = ask(about, rule, expected)
    return objection ? [{ rule, objection }] : []
  })
  return rulingOf(stands.toSorted(inOrder).flatMap((standing) => heldOn(occasion, standing)))
}

interface Question extends Asked {
  readonly snapshot: Snapshot
  readonly target: Target
}

function ruling(view: View, { snapshot, key, occasion, target }: Question): Ruling {
  const { always, conditional } = verdictOf(view, { snapshot, key, target })
  if (!conditional) return always
  return rulingOf(conditional.flatMap((standing) => heldOn(occasion, standing)))
}

/** The same whatever is asked: by the rules without a condition, and what stands always. */
export function judgeAlways(snapshot: Snapshot, key: Key | undefined, target: Target): Ruling {
  const by = (view: View) => (one: Target) => verdictOf(view, { snapshot, key, target: one }).always.objections
  const own = verdictOf(asCandidate, { snapshot, key, target }).always
  if (!sendsOn(snapshot, target)) return own
  return { ...own, ...behind(snapshot, target, { own: by(asCandidate), relayed: by(asRelayed) }) }
}

function verdictOf(view: View, { snapshot, key, target }: Omit<Question, 'occasion'>): Verdict {
  const memo = memoOf(view, snapshot)
  const verdicts = verdictsOf(memo, key)
  const known = verdicts.get(target)
  if (known) return known
  const stands = standing(view, { snapshot, memo, target }).filter(({ rule }) => applies(rule, key))
  const lasting = stands.filter(({ rule, objection }) => !rule.when && objection.since === undefined)
  const always = rulingOf(lasting)
  const verdict = lasting.length < stands.length ? { always, conditional: stands } : { always }
  verdicts.set(target, verdict)
  return verdict
}

function rulingOf(stands: readonly Standing[]): Ruling {
  if (stands.length === 0) return NOTHING
  const said = (shadow: boolean) =>
    stands.flatMap(({ rule, objection }) => ((rule.mode === 'shadow') === shadow ? [objection] : []))
  return { objections: said(false), shadow: said(true) }
}

const FAILED = 'its `when` or `client` could not be evaluated, which counts as true'

function heldOn(occasion: Occasion, stands: Standing): readonly Standing[] {
  const holds = occasion(stands.rule, stands.objection.since)
  if (holds !== 'failed') return holds ? [stands] : []
  const { rule, objection } = stands
  return [{ rule, objection: { ...objection, evidence: [...(objection.evidence ?? []), FAILED] } }]
}

interface Looked {
  readonly snapshot: Snapshot
  readonly memo: Memo
  readonly target: Target
}

function standing(view: View, { snapshot, memo, target }: Looked): readonly Standing[] {
  const known = memo.byTarget.get(target)
  if (known) return known
  const list: Standing[] = []
  for (const rule of snapshot.rules) {
    const objection = ask(view, rule, target)
    if (objection) list.push({ rule, objection })
  }
  list.sort(inOrder)
  memo.byTarget.set(target, list)
  return list
}

/** The one place where a rule runs: one that breaks takes the target out, unless it says otherwise. */
function ask(view: View, rule: Rule, target: Target): Objection | undefined {
  try {
    return view(rule, target)
  } catch {
    if (rule.onError === 'allow') return undefined
    const reason = `rule \`${rule.name}\` failed on \`${target.id}\`, so it denies`
    return { rule: rule.name, code: 'rule_failed', reason, source: rule.source, unknown: [] }
  }
}

function applies(rule: Rule, key: Key | undefined): boolean {
  try {
    return rule.appliesTo(key)
  } catch {
    return rule.onError !== 'allow'
  }
}

function memoOf(view: View, snapshot: Snapshot): Memo {
  const known = memos.get(view)?.get(snapshot)
  if (known) return known
  const memo: Memo = { byTarget: new WeakMap(), byKey: new WeakMap(), withoutKey: new WeakMap() }
  memos.get(view)?.set(snapshot, memo)
  return memo
}

function verdictsOf({ byKey, withoutKey }: Memo, key: Key | undefined): Verdicts {
  if (!key) return withoutKey
  const known = byKey.get(key)
  if (known) return known
  const verdicts: Verdicts = new WeakMap()
  byKey.set(key, verdicts)
  return verdicts
}

function inOrder(a: Standing, b: Standing): number {
  return compare(order(a.objection), order(b.objection))
}

/** Nothing of a rule's place in the file is in it, but its source, which only parts rules that say the same. */
function order({ rule, code, reason, source }: Objection): string {
  return [rule, code, reason, source].join('\n')
}
