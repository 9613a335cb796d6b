import type { Account } from '#src/core/adapter.ts'
import type { AttemptRecord } from '#src/core/decision.ts'
import type { Failure } from '#src/core/failure.ts'
import { stringAt } from '#src/core/json.ts'
import { toUsdNumber } from '#src/core/money.ts'
import type { Target } from '#src/core/target.ts'
import type { Bill } from '#src/core/usage.ts'
import type { AttemptResult } from './attempt-result.ts'
import type { Call } from './call.ts'

/** One attempt with all that is known of it. */
export interface Done {
  readonly call: Call
  readonly target: Target
  readonly account: Account
  readonly result: AttemptResult
  readonly bill: Bill
  readonly begun: number
}

/** What the next decisions know of this target's speed and health. A refusal that is the caller's own says nothing about it. */
export function learn(done: Done): void {
  const { call, target, result, bill, begun } = done
  const { clock, estimates } = call.gateway.ports
  const now = clock.now()
  if (result.kind === 'failed' && result.retry !== 'no') {
    const { retryAfterMs } = result.failure
    return estimates.failed(target.id, { now, ...(retryAfterMs !== undefined && { retryAfterMs }) })
  }
  if (result.kind !== 'answered') return
  keepWarm(done)
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

/** ms: the shortest that vendors keep what nobody marked (OpenAI, Anthropic), and Anthropic's longer one. */
const LIFE = 300_000
const LONG_LIFE = 3_600_000
/** Tokens: shorter prompts are in nobody's cache (OpenAI, Google). */
const LEAST = 1024

/** Remembers where an answered conversation is warm: what the upstream reports of its cache, or what one that caches unasked will have by now. */
function keepWarm({ call, target, account, bill, begun }: Done): void {
  const { thread, warm } = call.promptCache
  if (!thread) return
  const { input = 0, cachedInput = 0, cacheWrite = 0, cacheWriteLong = 0 } = bill.usage
  const known = warm?.target === target.id && warm.account === account.id ? warm : undefined
  const reports = target.facts.price?.cacheWrite !== undefined
  // Where it was to be warm and nothing was read, it is not kept there.
  const unasked = cachedInput > 0 || (!known && input >= LEAST) ? input : 0
  const held = reports ? cachedInput + cacheWrite : unasked
  const life = cacheWriteLong > 0 || (cachedInput > 0 && known?.life === LONG_LIFE) ? LONG_LIFE : LIFE
  call.gateway.ports.estimates.warmed(thread.whole, {
    target: target.id,
    account: account.id,
    // Counted as the next request will be.
    tokens: held === 0 ? 0 : Math.floor((call.signals.inputTokens * held) / input),
    life,
    until: begun + life,
  })
}

/** The attempt's line of the decision. */
export function recordOf({ call, target, account, result, bill, begun }: Done): AttemptRecord {
  return {
    target: target.id,
    ...(target.provider.accounts.length > 1 && { account: account.id }),
    ...(result.status !== undefined && { status: result.status }),
    outcome: outcomeOf(result),
    ...(result.kind === 'failed' && { error: result.failure.code ?? String(result.failure.status) }),
    ...(result.kind === 'failed' && result.why !== undefined && { reason: result.why }),
    ...(result.kind === 'failed' && mismatchOf(result.failure)),
    ...(result.kind === 'failed' && result.guard !== undefined && { rule: result.guard }),
    ...(call.shadow.length > 0 && { shadow: call.shadow.splice(0) }),
    ...(call.marks.length > 0 && { cache_marks: call.marks.splice(0) }),
    latency_ms: call.gateway.ports.clock.now() - begun,
    cost_usd: bill.cost === 'unknown' ? 'unknown' : toUsdNumber(bill.cost),
    ...(!result.nothing && billRecord(bill)),
  }
}

function billRecord(
  bill: Bill,
): Pick<AttemptRecord, 'cache_savings_usd' | 'cost_from' | 'price' | 'cost_usd_by_price'> {
  const { estimated, reported, saved, price, expected } = bill
  return {
    ...(saved !== undefined && { cache_savings_usd: toUsdNumber(saved) }),
    cost_from: estimated ? 'estimate' : reported ? 'upstream' : 'usage',
    ...(price && { price: { source: price.source, ...(price.asOf !== undefined && { as_of: price.asOf }) } }),
    ...(expected !== undefined && { cost_usd_by_price: toUsdNumber(expected) }),
  }
}

function outcomeOf(result: AttemptResult): AttemptRecord['outcome'] {
  if (result.kind === 'answered') return 'answered'
  if (result.kind === 'gone') return 'aborted'
  if (result.failure.code === MISMATCH) return 'mismatch'
  if (result.guard !== undefined) return 'guarded'
  return result.timeout ? 'timeout' : 'failed'
}

const MISMATCH = 'served_model_mismatch'

function mismatchOf({ code, details }: Failure): Pick<AttemptRecord, 'rule' | 'served_as'> {
  if (code !== MISMATCH) return {}
  const [rule, served] = [stringAt(details, 'rule'), stringAt(details, 'served_as')]
  return { ...(rule !== undefined && { rule }), ...(served !== undefined && { served_as: served }) }
}
