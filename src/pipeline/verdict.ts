import { covering, payerOf, type Paying } from '#src/accounting/payer.ts'
import { worstAt } from '#src/accounting/price.ts'
import { compare } from '#src/core/compare.ts'
import type { Verdict } from '#src/core/decision.ts'
import { ASKED, type Endpoint } from '#src/core/endpoint.ts'
import type { Key } from '#src/core/key.ts'
import { formatUsd } from '#src/core/money.ts'
import { isNative } from '#src/core/native.ts'
import type { Objection } from '#src/core/policy.ts'
import type { Order } from '#src/core/routes.ts'
import type { Signals } from '#src/core/request.ts'
import type { Unspeakable } from '#src/core/recorded.ts'
import type { Snapshot } from '#src/core/snapshot.ts'
import type { Spend } from '#src/core/state-store.ts'
import type { Target } from '#src/core/target.ts'
import type { Expectations } from '#src/routing/estimates.ts'
import { judgeCarrying } from '#src/routing/judge.ts'
import type { Occasion } from '#src/routing/occasion.ts'
import { noEndpoint, type Speech } from './speech.ts'

/** Whether a target may have this request, and if not, why. */
export interface Finding {
  readonly verdict: Verdict
  readonly code?: string
  readonly reason?: string
  /** Of an incapable one: the request's field that asks for what is missing. */
  readonly param?: string
  /** Of one that the request cannot be said to: a replay knows no more of it. */
  readonly unspeakable?: Unspeakable
  /** Of a denied one: at least one, sorted by rule. */
  readonly objections?: readonly Objection[]
  /** What rules in shadow would have said: it counts for nothing. */
  readonly shadow?: readonly Objection[]
  /** What it has to be told, where it sends requests on. */
  readonly order?: Order
  /** Of an unhealthy one: ms since 1970. */
  readonly until?: number
}

export interface FindInput {
  readonly snapshot: Snapshot
  readonly endpoint: Endpoint
  readonly signals: Signals
  readonly key?: Key | undefined
  readonly occasion: Occasion
  /** What refuses the request whatever its target. */
  readonly refusals: readonly Objection[]
  readonly estimates: Pick<Expectations, 'health'>
  readonly now: number
  /** The name that was asked for. */
  readonly model: string
  readonly spends?: ReadonlyMap<string, Spend> | undefined
  readonly speech?: Speech | undefined
}

/** The first of these that stands in the way: rules, capabilities, budget, health. Deny wins over everything, so a denied target says no more. */
export function find(input: FindInput, target: Target): Finding {
  const { objections, shadow, order } = judgeCarrying(input.snapshot, input, { target, signals: input.signals })
  const finding = denied(withRefusals(objections, input.refusals)) ??
    incapable(input, target) ??
    overBudget(input, target) ??
    unhealthy(input, target) ?? { verdict: 'eligible' }
  return { ...finding, ...(shadow.length > 0 && { shadow }), ...(order && { order }) }
}

function withRefusals(objections: readonly Objection[], refusals: readonly Objection[]): readonly Objection[] {
  if (refusals.length === 0) return objections
  return [...objections, ...refusals].toSorted((a, b) => compare(a.rule, b.rule))
}

function denied(objections: readonly Objection[]): Finding | undefined {
  const [first] = objections
  return first && { verdict: 'denied', code: first.code, reason: first.reason, objections }
}

function incapable({ endpoint, signals, speech }: FindInput, target: Target): Finding | undefined {
  const { facts } = target
  const unspeakable = unspeakableTo(target, endpoint, speech)
  if (unspeakable) return { verdict: 'incapable', ...unspeakable, unspeakable }
  const missing =
    facts.capabilities && signals.needs.find(({ capability }) => !facts.capabilities?.includes(capability))
  if (missing)
    return lacking(
      `${missing.capability}_missing`,
      `\`${target.id}\` does not declare \`${missing.capability}\``,
      missing.param,
    )
  const input = signals.longestInput ?? signals.inputTokens
  if (facts.context === undefined || input + (signals.outputLimit ?? 0) <= facts.context) return undefined
  const size = `about ${input} tokens in and ${signals.outputLimit ?? 0} out`
  return lacking(
    'context_exceeded',
    `${size} do not fit the ${facts.context} of \`${target.id}\``,
    ASKED[endpoint].content,
  )
}

function unspeakableTo(target: Target, endpoint: Endpoint, speech: Speech | undefined): Unspeakable | undefined {
  const spoken = speech?.(target)
  if (spoken?.kind === 'unspeakable') return { code: spoken.code, reason: spoken.reason, param: spoken.param }
  const { adapter } = target.provider
  return spoken || isNative(adapter, endpoint, target.model) ? undefined : noEndpoint(adapter, endpoint)
}

function lacking(code: string, reason: string, param: string): Finding {
  return { verdict: 'incapable', code, reason, param }
}

function overBudget(input: FindInput, target: Target): Finding | undefined {
  const { endpoint, key, model, signals, spends } = input
  const budgets = covering(payerOf(input.snapshot.shared, key).budgets, { model, target })
  const [first] = budgets
  if (!first) return undefined
  const worst = worstAt(target, endpoint, signals)
  if (worst === undefined)
    return over(
      'price_unknown',
      `no price of \`${target.id}\` is known, and ${whose(first)} has a budget: declare \`price\` at ${target.source}`,
    )
  if (worst === 'input')
    return over(
      'input_unlimited',
      `nobody can measure all that \`${target.id}\` would read, and ${whose(first)} has a budget: declare \`context\` at ${target.source}`,
    )
  if (worst === 'searches')
    return over(
      'searches_unlimited',
      `nothing limits the searches of \`${target.id}\`, and ${whose(first)} has a budget: declare \`maxSearches\` at ${target.source}`,
    )
  if (worst === 'output') {
    const set = hasLimit(endpoint) ? 'set `max_completion_tokens` or `max_tokens`, or ' : ''
    const mend = `${set}declare \`maxOutput\` at ${target.source}`
    return over(
      'output_unlimited',
      `neither the request nor \`${target.id}\` limits the output, and ${whose(first)} has a budget: ${mend}`,
    )
  }
  for (const budget of budgets) {
    const { spent, held } = spends?.get(budget.account) ?? { spent: 0n, held: 0n }
    const left = budget.limit - spent - held
    if (worst <= left && left >= 0n) continue
    const text = `\`${target.id}\` may cost up to ${formatUsd(worst)} USD, and ${formatUsd(left < 0n ? 0n : left)} USD is left of the budget of ${whose(budget)}`
    return over('budget_exceeded', left > 0n && hasLimit(endpoint) ? `${text}: a lower \`max_tokens\` may fit` : text)
  }
  return undefined
}

/** A key's own is called by its account. */
function whose({ name, account }: Paying): string {
  return name === undefined ? `key \`${account.slice('key/'.length)}\`` : `\`${name}\``
}

/** Of pictures, sounds and transcripts a caller cannot say how long they may be. */
function hasLimit(endpoint: Endpoint): boolean {
  const { operation } = ASKED[endpoint]
  return operation === 'chat' || operation === 'completions'
}

function over(code: string, reason: string): Finding {
  return { verdict: 'over_budget', code, reason }
}

function unhealthy({ estimates, now }: FindInput, target: Target): Finding | undefined {
  const until = estimates.health(target.id, now).unhealthyUntil
  if (until === undefined) return undefined
  const seconds = Math.ceil((until - now) / 1000)
  return {
    verdict: 'unhealthy',
    code: 'unhealthy',
    reason: `\`${target.id}\` asked to be left alone for ${seconds} s more`,
    until,
  }
}
