import type { Settled } from '#src/core/decision.ts'
import { toUsdNumber, type NanoUsd } from '#src/core/money.ts'
import type { Usage } from '#src/core/usage.ts'
import type { DecisionRecord } from '#src/telemetry/telemetry.ts'
import type { Call } from './call.ts'
import type { Outcome } from './dispatch.ts'

/** Completes the decision with what became of it, and tells telemetry: one record a request, whatever its outcome (law 4). */
export function settleCall(call: Call, outcome: Outcome): void {
  const { clock, telemetry } = call.gateway.ports
  const now = clock.now()
  const record = discreet(call, { ...call.decided.decision, ...settled(call, outcome, now) })
  telemetry.decided(record, (target) => call.snapshot.targets.has(target))
}

/** Names of models that the caller made up hold whatever it wrote into them. */
function discreet({ change: { redactor }, snapshot }: Call, record: DecisionRecord): DecisionRecord {
  if (!redactor) return record
  const named = (id: string): string => (snapshot.targets.has(id) ? id : redactor.text(id))
  const renamed = <Item extends { readonly target: string }>(item: Item): Item => ({
    ...item,
    target: named(item.target),
  })
  const { inputs, served_by: served } = record
  return {
    ...record,
    model: snapshot.routes.has(record.model) ? record.model : named(record.model),
    plan: record.plan.map(named),
    candidates: record.candidates.map(renamed),
    attempts: record.attempts.map(renamed),
    inputs: { ...inputs, ...(inputs.candidates && { candidates: inputs.candidates.map(renamed) }) },
    ...(served !== undefined && { served_by: named(served) }),
  }
}

/** 499, as the field writes a caller that hung up. */
const GONE = 499

function settled(call: Call, outcome: Outcome, now: number): Settled {
  const answered = outcome.kind === 'answered' ? outcome.attempt : undefined
  const usage = answered?.bill.usage
  return {
    time: new Date(now).toISOString(),
    request_id: call.request.id,
    status: outcome.kind === 'answered' ? 200 : outcome.kind === 'gone' ? GONE : outcome.failure.status,
    attempts: call.attempts,
    ...(answered && { served_by: answered.target.id }),
    ...(call.cache === 'hit' ? { cache: call.cache } : usage && { usage: usageRecord(usage) }),
    ...costOf(call),
    latency_ms: now - call.startedAt,
    ...(answered?.firstTokenMs !== undefined && { first_token_ms: answered.firstTokenMs }),
    ...(outcome.kind === 'failed' && { error: outcome.failure.code ?? String(outcome.failure.status) }),
  }
}

/** What all attempts cost together; one unknown makes the sum unknown. */
function costOf({ bills }: Call): Pick<Settled, 'cost_usd' | 'estimated' | 'cache_savings_usd'> {
  const saved = bills.flatMap((bill) => bill.saved ?? [])
  let sum: NanoUsd | undefined = 0n
  for (const { cost } of bills) sum = sum === undefined || cost === 'unknown' ? undefined : sum + cost
  // Tokens may be an estimate also where nobody knows their price.
  const estimated = bills.some((bill) => bill.estimated)
  return {
    cost_usd: sum === undefined ? 'unknown' : toUsdNumber(sum),
    ...(estimated && { estimated }),
    ...(saved.length > 0 && { cache_savings_usd: toUsdNumber(saved.reduce((all, one) => all + one)) }),
  }
}

function usageRecord(usage: Usage): NonNullable<Settled['usage']> {
  return {
    ...(usage.input !== undefined && { input_tokens: usage.input }),
    ...(usage.output !== undefined && { output_tokens: usage.output }),
    ...(usage.cachedInput !== undefined && { cached_input_tokens: usage.cachedInput }),
    ...(usage.reasoning !== undefined && { reasoning_tokens: usage.reasoning }),
  }
}
