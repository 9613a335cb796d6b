import type { Candidate } from '#src/core/decision.ts'
import { usd } from '#src/core/money.ts'

/** One request as one side sees it: what was recorded, or what a configuration would do. */
export interface Side {
  /** Targets in the order of the attempts; empty: it is left without one. */
  readonly plan: readonly string[]
  readonly candidates: readonly Pick<Candidate, 'target' | 'verdict' | 'cost_usd_estimate' | 'rules'>[]
  /** Why it is left without a target: `policy_denied`, `unknown_key`... */
  readonly code?: string
}

export interface Compared {
  /** The request's id. */
  readonly id: string
  readonly model: string
  readonly key?: string | undefined
  readonly before: Side
  readonly after: Side
}

/** How many requests, and the ids of the first. */
export interface Tally {
  count: number
  examples: string[]
}

/** Requests whose first target becomes another. */
interface Move {
  readonly from: string
  readonly to: string
  count: number
}

/** Nano-USD of the first planned targets, and how many of them have no known price. */
export interface Costs {
  before: bigint
  after: bigint
  unpricedBefore: number
  unpricedAfter: number
}

/** What a new configuration would have done. Filled by `count`, one request after another. */
export interface Summary {
  total: number
  /** The same plan, or none on both sides. */
  unchanged: number
  /** The same first target, others behind it. */
  fallbacksChanged: number
  readonly moved: Tally
  readonly moves: Map<string, Move>
  readonly newlyAllowed: Tally
  /** Left without a target that had one, for whatever reason. */
  readonly stranded: Tally
  readonly strandedByCode: Map<string, Tally>
  /** Those of them that a rule took a target from which it had not taken before. */
  readonly newlyDenied: Tally
  readonly deniedByRule: Map<string, Tally>
  /** Callers that would not be let in; '': a caller without a key. */
  readonly unknownKeys: Map<string, Tally>
  readonly cost: Costs
  readonly costByKey: Map<string, Costs>
  readonly costByModel: Map<string, Costs>
}

export function createSummary(): Summary {
  return {
    total: 0,
    unchanged: 0,
    fallbacksChanged: 0,
    moved: tally(),
    moves: new Map(),
    newlyAllowed: tally(),
    stranded: tally(),
    strandedByCode: new Map(),
    newlyDenied: tally(),
    deniedByRule: new Map(),
    unknownKeys: new Map(),
    cost: costs(),
    costByKey: new Map(),
    costByModel: new Map(),
  }
}

/** Adds one request to the summary. */
export function count(summary: Summary, compared: Compared): void {
  const { id, before, after, key = '' } = compared
  summary.total++
  if (after.code === 'unknown_key') add(entry(summary.unknownKeys, key, tally), id)
  countOutcome(summary, compared)
  if (before.plan.length === 0 && after.plan.length === 0) return
  const all = [summary.cost, entry(summary.costByKey, key, costs), entry(summary.costByModel, compared.model, costs)]
  for (const one of all) addCost(one, before, after)
}

function countOutcome(summary: Summary, { id, before, after }: Compared): void {
  const [from] = before.plan
  const [to] = after.plan
  if (from === undefined && to === undefined) summary.unchanged++
  else if (from === undefined) add(summary.newlyAllowed, id)
  else if (to === undefined) strand(summary, { id, before, after })
  else if (from !== to) {
    add(summary.moved, id)
    entry(summary.moves, `${from}\n${to}`, () => ({ from, to, count: 0 })).count++
  } else if (before.plan.join('\n') === after.plan.join('\n')) summary.unchanged++
  else summary.fallbacksChanged++
}

function strand(summary: Summary, { id, before, after }: Omit<Compared, 'model'>): void {
  add(summary.stranded, id)
  add(entry(summary.strandedByCode, after.code ?? 'unknown', tally), id)
  const free = new Set(before.candidates.filter(({ verdict }) => verdict !== 'denied').map(({ target }) => target))
  const lost = after.candidates.filter(({ verdict, target }) => verdict === 'denied' && free.has(target))
  if (lost.length === 0) return
  add(summary.newlyDenied, id)
  const rules = new Set(lost.flatMap(({ rules = [] }) => rules))
  for (const rule of rules) add(entry(summary.deniedByRule, rule, tally), id)
}

function addCost(costs: Costs, before: Side, after: Side): void {
  const was = costOf(before)
  const would = costOf(after)
  if (was === null) costs.unpricedBefore++
  else costs.before += was
  if (would === null) costs.unpricedAfter++
  else costs.after += would
}

/** Of the first planned target; null: no price is known. */
function costOf({ plan: [first], candidates }: Side): bigint | null {
  if (first === undefined) return 0n
  const cost = candidates.find(({ target }) => target === first)?.cost_usd_estimate
  return cost === undefined || cost === null ? null : usd(cost)
}

/** Ids that are named of each kind. */
const EXAMPLES = 3

function add(one: Tally, id: string): void {
  one.count++
  if (one.examples.length < EXAMPLES) one.examples.push(id)
}

function tally(): Tally {
  return { count: 0, examples: [] }
}

function costs(): Costs {
  return { before: 0n, after: 0n, unpricedBefore: 0, unpricedAfter: 0 }
}

function entry<Value>(map: Map<string, Value>, name: string, make: () => Value): Value {
  const value = map.get(name) ?? make()
  map.set(name, value)
  return value
}
