import type { Account } from '#src/core/adapter.ts'
import type { AttemptRecord } from '#src/core/decision.ts'
import { failure } from '#src/core/failure.ts'
import { headerText } from '#src/core/header.ts'
import { formatUsd, toUsdNumber } from '#src/core/money.ts'
import type { Objection } from '#src/core/policy.ts'
import type { Provider, Target } from '#src/core/target.ts'
import type { Egress } from '#src/core/transport.ts'
import type { Bill, Usage } from '#src/core/usage.ts'
import { billOf, NO_BILL } from '#src/accounting/bill.ts'
import { worstCase } from '#src/accounting/price.ts'
import { judge } from '#src/routing/judge.ts'
import { failedBy, type AttemptResult, type Ending } from './attempt-result.ts'
import type { Call } from './call.ts'
import type { Decided } from './decide.ts'
import { runExchange, type ExchangeInput } from './exchange.ts'
import { withoutSecrets } from './without-secrets.ts'

/** An attempt, over and paid for. */
export interface Attempt {
  readonly target: Target
  readonly ending: Ending
  readonly bill: Bill
  readonly firstTokenMs?: number
}

/** A hold outlives the longest request by this, in ms. */
const HOLD_GRACE = 60_000

/** Asks one target: judged once more by the newest configuration, its worst case held first, its bill settled after. */
export async function attempt(call: Call, target: Target): Promise<Attempt> {
  const now = targetNow(call, target)
  if (!now) return notSent(call, target, { outcome: 'denied', ending: takenOut(target) })
  const [objection] = judgedNow(call, now)
  if (objection) {
    const details = { rule: objection.rule, reason: objection.reason }
    return notSent(call, target, { outcome: 'denied', ending: refusal('policy_denied', objection.reason, details) })
  }
  const id = `${call.request.id}-${call.attempts.length + 1}`
  if (!(await hold(call, target, id))) {
    return notSent(call, target, {
      outcome: 'over_budget',
      ending: refusal('budget_exceeded', 'the budget of the key does not cover this request'),
    })
  }
  const begun = call.gateway.ports.clock.now()
  const account = accountOf(call, target)
  call.sent++
  const result = discreet(await exchange(call, target, account), account)
  const bill = billFor(call, target, result)
  if (call.key?.budget) await settle(call, id, bill)
  learn({ call, target, account, result, bill, begun })
  call.bills.push(bill)
  call.attempts.push(recordOf({ call, target, account, result, bill, begun }))
  return {
    target,
    ending: result,
    bill,
    ...(result.firstTokenMs !== undefined && { firstTokenMs: result.firstTokenMs }),
  }
}

/** What the upstream said, without what it was sent. */
function discreet(result: AttemptResult, account: Account): AttemptResult {
  if (result.kind !== 'failed') return result
  return { ...result, failure: withoutSecrets(result.failure, account) }
}

/** What the newest configuration says of a target. undefined: it has no such provider any more, or has it at another address. */
function targetNow({ gateway: { snapshot }, snapshot: ranked }: Call, target: Target): Target | undefined {
  if (snapshot === ranked) return target
  const provider = snapshot.providers.get(target.provider.name)
  if (!provider || addressOf(provider) !== addressOf(target.provider)) return undefined
  return snapshot.targets.get(target.id) ?? snapshot.targetOf(provider, target.model)
}

function addressOf({ accounts }: Provider): string | undefined {
  return accounts[0]?.baseUrl
}

/** By the newest configuration: its rules, and what it says of this target and this caller. */
function judgedNow({ gateway: { snapshot }, key }: Call, target: Target): readonly Objection[] {
  return judge(snapshot, key && (snapshot.keysById.get(key.id) ?? key), target)
}

/** No rule denies it, but nobody vouches for it any more: asked again, the caller gets what is there now. */
function takenOut({ id }: Target): Ending {
  const message = `\`${id}\` was taken out of the configuration while the request waited for it`
  return failedBy({ failure: failure('no_healthy_target', message, { retryAfterMs: 1000 }), retry: 'next' })
}

/** Accounts of one provider share its work: each request begins at another one, each further attempt takes the next. */
function accountOf(call: Call, target: Target): Account {
  const { accounts } = target.provider
  const index = (call.accountOffset + call.sent) % accounts.length
  const account = accounts[index]
  if (!account) throw new RangeError(`the provider of ${target.id} has no account`)
  return account
}

function refusal(
  code: 'policy_denied' | 'budget_exceeded',
  message: string,
  details?: { rule: string; reason: string },
): Ending {
  const more = code === 'budget_exceeded' ? { shouldRetry: false } : details && { details }
  return failedBy({ failure: failure(code, message, more), retry: 'next' })
}

function notSent(call: Call, target: Target, end: { outcome: 'denied' | 'over_budget'; ending: Ending }): Attempt {
  call.attempts.push({ target: target.id, outcome: end.outcome, latency_ms: 0 })
  return { target, ending: end.ending, bill: NO_BILL }
}

function billFor(call: Call, target: Target, result: AttemptResult): Bill {
  if (result.nothing) return NO_BILL
  const { generatedBytes, usage } = result
  const { facts } = target
  const unfinished = result.kind !== 'answered'
  return billOf({ price: facts.price, facts, signals: call.signals, generatedBytes, usage, unfinished })
}

interface Done {
  readonly call: Call
  readonly target: Target
  readonly account: Account
  readonly result: AttemptResult
  readonly bill: Bill
  readonly begun: number
}

/** What the next decisions know of this target's speed and health. A refusal that is the caller's own says nothing about it. */
function learn({ call, target, result, bill, begun }: Done): void {
  const { clock, estimates } = call.gateway.ports
  const now = clock.now()
  if (result.kind === 'failed' && result.retry !== 'no') {
    const { retryAfterMs } = result.failure
    return estimates.failed(target.id, { now, ...(retryAfterMs !== undefined && { retryAfterMs }) })
  }
  if (result.kind !== 'answered') return
  const outputTokens = bill.usage.output
  const totalMs = now - begun
  estimates.answered(target.id, {
    firstTokenMs: result.firstTokenMs ?? totalMs,
    totalMs,
    now,
    ...(outputTokens !== undefined && { outputTokens }),
  })
  if (outputTokens !== undefined) estimates.wrote(call.request.model, outputTokens / call.signals.choices)
}

function recordOf({ call, target, account, result, bill, begun }: Done): AttemptRecord {
  return {
    target: target.id,
    ...(target.provider.accounts.length > 1 && { account: account.id }),
    ...(result.status !== undefined && { status: result.status }),
    outcome: outcomeOf(result),
    ...(result.kind === 'failed' && { error: result.failure.code ?? String(result.failure.status) }),
    latency_ms: call.gateway.ports.clock.now() - begun,
    cost_usd: bill.cost === 'unknown' ? 'unknown' : toUsdNumber(bill.cost),
  }
}

function outcomeOf(result: AttemptResult): AttemptRecord['outcome'] {
  if (result.kind === 'answered') return 'answered'
  if (result.kind === 'gone') return 'aborted'
  return result.timeout ? 'timeout' : 'failed'
}

async function hold(call: Call, target: Target, id: string): Promise<boolean> {
  if (!call.key?.budget) return true
  const amount = target.facts.price && worstCase(target.facts.price, call.signals, target.facts)
  if (amount === undefined) return false
  const { clock, store } = call.gateway.ports
  const now = clock.now()
  const held = await store.hold({
    id,
    key: call.key,
    amount,
    now,
    expiresAt: now + call.decided.timeouts.total + HOLD_GRACE,
  })
  return held.ok
}

async function settle(call: Call, id: string, bill: Bill): Promise<void> {
  if (!call.key) return
  const { clock, store } = call.gateway.ports
  await store.settle(id, call.key, bill.cost === 'unknown' ? 0n : bill.cost, clock.now())
}

function exchange(call: Call, target: Target, account: Account): Promise<AttemptResult> {
  try {
    return runExchange(exchangeInput(call, target, account))
  } catch (cause) {
    // An adapter that throws must not leave its hold behind.
    const why = failure('internal_error', 'the request could not be written for its target', { cause })
    return Promise.resolve({ ...failedBy({ failure: why, retry: 'next' }), generatedBytes: 0, nothing: true })
  }
}

function exchangeInput(call: Call, target: Target, account: Account): ExchangeInput {
  const { request, dialect, decided, gateway } = call
  const { adapter, egress } = target.provider
  const askUsage = request.stream && !request.wantsUsage
  const encoded = adapter.encode({ request, model: target.model, account, askUsage })
  for (const warning of encoded.warnings) call.warnings.add(warning)
  return {
    transport: gateway.ports.transport,
    clock: gateway.ports.clock,
    adapter,
    encoded,
    egress: egressWithin(egress, decided.timeouts.connect),
    limits: request.stream ? decided.timeouts : wholeLimits(decided),
    stream: request.stream,
    rules: {
      adapter,
      dialect,
      wantsUsage: request.wantsUsage,
      choices: call.signals.choices,
      priced: (data, usage) =>
        dialect.addCost(data, {
          bill: billOfUsage(call, target, usage),
          ...(call.reply.early && { route: routeOf(call, target) }),
        }),
    },
    reply: call.reply,
    headers: () => routedHeaders(call, target),
    onStart: (stop) => call.onStop(stop),
    wrote: () => call.heartbeat.wrote(),
  }
}

/**
 * An answer that is not streamed is silent until it is whole: no first token can be waited for, so each attempt has its share of the total
 * time, and a target that hangs still leaves time for the next one. In ms.
 */
function wholeLimits({ timeouts, attempts }: Decided): { firstToken: number; idle: number } {
  const share = Math.max(timeouts.firstToken, Math.floor(timeouts.total / attempts))
  return { firstToken: share, idle: share }
}

/** Transport finds its pools by the object: one for each provider and connect timeout. */
const egresses = new WeakMap<Egress, Map<number, Egress>>()

function egressWithin(egress: Egress, connectTimeoutMs: number): Egress {
  if (egress.connectTimeoutMs === connectTimeoutMs) return egress
  const known = egresses.get(egress) ?? new Map<number, Egress>()
  egresses.set(egress, known)
  const own = known.get(connectTimeoutMs) ?? { ...egress, connectTimeoutMs }
  known.set(connectTimeoutMs, own)
  return own
}

function billOfUsage(call: Call, target: Target, usage: Usage): Bill {
  return billOf({ price: target.facts.price, facts: target.facts, signals: call.signals, usage })
}

function routeOf(call: Call, target: Target): { target: string; attempts: number } {
  return { target: target.id, attempts: call.sent }
}

/** The headers that say who answers; for a stream, before its cost is known. */
export function routedHeaders(call: Call, target: Target, bill?: Bill): Record<string, string> {
  return {
    'x-tutti-target': headerText(target.id),
    'x-tutti-attempts': String(call.sent),
    ...(bill && { 'x-tutti-cost-usd': bill.cost === 'unknown' ? 'unknown' : formatUsd(bill.cost) }),
    ...(call.warnings.size > 0 && { 'x-tutti-warnings': headerText([...call.warnings].join('; ')) }),
  }
}
