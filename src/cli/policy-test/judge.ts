import type { Path } from '#src/config/problem.ts'
import type { Expectation } from '#src/config/schema-cases.ts'
import type { Decision } from '#src/core/decision.ts'
import type { Failure } from '#src/core/failure.ts'
import { compileSelector } from '#src/core/select.ts'
import type { SelectorInput } from '#src/core/selector.ts'
import type { Target } from '#src/core/target.ts'

/** What came of a request: without a decision it was refused as a bad one. */
export interface Came {
  readonly decision?: Decision
  readonly plan: readonly Target[]
  readonly failure?: Failure
}

/** An expectation that does not hold. */
export interface Miss {
  /** Below the case: `['expect', 'first']`. */
  readonly path: Path
  readonly expected: string
  readonly came: string
}

/** Every expectation of a case that does not hold, in a fixed order; none: the case passes. Pure. */
export function judgeCase(wanted: Expectation, came: Came): readonly Miss[] {
  const { failure } = came
  const plan = came.plan.map(({ id }) => id)
  const answer = failure ? undefined : 'none: it is routed'
  return [
    ...same('outcome', wanted.outcome, outcomeOf(came)),
    ...same('first', wanted.first, plan[0] ?? 'no target'),
    ...planMisses(wanted.plan, plan),
    ...targetMisses(wanted.targets, came),
    ...same('rule', wanted.rule, firstRule(came) ?? 'no rule denies'),
    ...ruleMisses(wanted.rules?.contains ?? [], came),
    ...same('code', wanted.code, answer ?? failure?.code ?? 'no code'),
    ...same('status', wanted.status, answer ?? failure?.status ?? 'no status'),
    ...costMisses(wanted.maxCostUsd, came),
  ]
}

/** Names of the rules that object to a candidate of the decision, each once. */
function rulesOf({ decision }: Came): readonly string[] {
  return [...new Set(decision?.candidates.flatMap(({ rules = [] }) => rules))]
}

function outcomeOf({ decision, failure }: Came): string {
  return decision?.outcome ?? `no decision: ${failure?.message ?? 'the request is refused'}`
}

function same(field: string, wanted: string | number | undefined, came: string | number): readonly Miss[] {
  if (wanted === undefined || wanted === came) return []
  return [{ path: ['expect', field], expected: String(wanted), came: String(came) }]
}

function planMisses(wanted: readonly string[] | undefined, plan: readonly string[]): readonly Miss[] {
  if (wanted === undefined || (wanted.length === plan.length && wanted.every((id, index) => id === plan[index])))
    return []
  return [{ path: ['expect', 'plan'], expected: listed(wanted), came: listed(plan) }]
}

function listed(names: readonly string[]): string {
  return names.length > 0 ? names.join(', ') : 'nothing'
}

/** Names of the rules that say anything: those that object, prefer, permit, change, look or mark, and those in shadow that would. */
export function touchedBy({ decision }: Came): readonly string[] {
  if (!decision) return []
  const { candidates, changes = [], redacted, labelled_by: labelled = [], guards = [] } = decision
  const ofTargets = candidates.flatMap(({ rules = [], preferred_by = [], transfer = [], shadow = [] }) => [
    ...rules,
    ...preferred_by,
    ...[...transfer, ...shadow].map(({ rule }) => rule),
  ])
  const ofRequest = [...changes.flatMap(({ rules }) => rules), ...(redacted?.rules ?? []), ...labelled]
  return [...ofTargets, ...ofRequest, ...guards.map(({ rule }) => rule)]
}

/** The first rule that the caller is told of; where others are left, that of the first denied candidate. */
function firstRule({ decision, failure }: Came): string | undefined {
  const told = failure?.details?.['rule']
  return typeof told === 'string' ? told : decision?.candidates.find(({ rule }) => rule !== undefined)?.rule
}

function ruleMisses(wanted: readonly string[], came: Came): readonly Miss[] {
  const rules = rulesOf(came)
  return wanted.flatMap((name, index) =>
    rules.includes(name) ? [] : [{ path: ['expect', 'rules', 'contains', index], expected: name, came: listed(rules) }],
  )
}

function targetMisses(wanted: Expectation['targets'], came: Came): readonly Miss[] {
  if (wanted === undefined) return []
  // A slip in the model's name must not pass for a rule that holds.
  if (came.decision === undefined || came.decision.candidates.length === 0) {
    const why = `no candidates: ${came.failure?.message ?? 'none'}`
    return [{ path: ['expect', 'targets'], expected: 'targets to judge', came: why }]
  }
  const never = (wanted.never ?? []).flatMap((selector, index) => neverMisses(inputOf(selector), index, came.plan))
  const only = (wanted.only ?? []).flatMap((selector, index) => onlyMisses(inputOf(selector), index, came.plan))
  return [...never, ...only]
}

/** Judged as a `deny` would: what is unknown counts as a match. */
function neverMisses(input: SelectorInput, index: number, plan: readonly Target[]): readonly Miss[] {
  const matches = compileSelector(input, { against: true })
  return plan.flatMap((target) => {
    const { truth, unknown, evidence = [] } = matches(target)
    if (truth === false) return []
    const why = truth === true ? evidence.join(', ') : `its ${unknown.join(' and ')} is unknown`
    const expected = 'no planned target that matches'
    return [{ path: ['expect', 'targets', 'never', index], expected, came: `${target.id}: ${why}` }]
  })
}

/** Judged as a `require` would: what is unknown does not hold. */
function onlyMisses(input: SelectorInput, index: number, plan: readonly Target[]): readonly Miss[] {
  const matches = compileSelector(input)
  return plan.flatMap((target) => {
    const { truth, unknown, failed = [] } = matches(target)
    if (truth === true) return []
    const why =
      truth === false ? `its ${failed.join(' and ')} does not match` : `its ${unknown.join(' and ')} is unknown`
    const expected = 'every planned target to match'
    return [{ path: ['expect', 'targets', 'only', index], expected, came: `${target.id}: ${why}` }]
  })
}

type SelectorFile = NonNullable<NonNullable<Expectation['targets']>['never']>[number]

/** Without the fields that are not written. */
function inputOf(selector: SelectorFile): SelectorInput {
  return Object.fromEntries(Object.entries(selector).filter(([, value]) => value !== undefined))
}

/** Any planned target may be the one that answers. */
function costMisses(most: number | undefined, { decision, plan, failure }: Came): readonly Miss[] {
  if (most === undefined) return []
  const miss = (came: string): Miss => ({ path: ['expect', 'maxCostUsd'], expected: `at most $${most}`, came })
  if (plan.length === 0) return [miss(`nothing is planned: ${failure?.message ?? 'no target is left'}`)]
  const planned = new Set(plan.map(({ id }) => id))
  return (decision?.candidates ?? []).flatMap(({ target, cost_usd_estimate: cost }) => {
    if (!planned.has(target)) return []
    if (cost === undefined || cost === null) return [miss(`${target}: its price is unknown`)]
    return cost <= most ? [] : [miss(`${target}: about $${cost}`)]
  })
}
