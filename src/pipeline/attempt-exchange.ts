import { billOf } from '#src/accounting/bill.ts'
import type { Account } from '#src/core/adapter.ts'
import { failure } from '#src/core/failure.ts'
import { headerText } from '#src/core/header.ts'
import { formatUsd } from '#src/core/money.ts'
import type { Target } from '#src/core/target.ts'
import type { Egress } from '#src/core/transport.ts'
import type { Bill, Usage } from '#src/core/usage.ts'
import { failedBy, type AttemptResult } from './attempt-result.ts'
import type { Call } from './call.ts'
import type { Decided } from './decide.ts'
import { runExchange, type ExchangeInput } from './exchange.ts'

/** Sends the request to one target in its own words; what it answers goes to the caller as it comes. */
export function exchange(call: Call, target: Target, account: Account): Promise<AttemptResult> {
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
