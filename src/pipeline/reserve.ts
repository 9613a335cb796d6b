import { covering, linesAt, payerOf, sharesOf, type Paying, type Share } from '#src/accounting/payer.ts'
import { worstCase } from '#src/accounting/price.ts'
import { failure, type Failure } from '#src/core/failure.ts'
import type { NanoUsd } from '#src/core/money.ts'
import type { Target } from '#src/core/target.ts'
import type { Bill } from '#src/core/usage.ts'
import type { Call } from './call.ts'
import { passGates, tokensAsked, totalOf } from './pass-gates.ts'

/** Room that an attempt has, until it is settled. */
export interface Reserved {
  /** Books the bill in the place of what was held, and leaves the gates with what was really used. */
  settle(bill: Bill): Promise<void>
}

export interface Refused {
  readonly outcome: 'over_budget' | 'over_limit'
  readonly failure: Failure
}

/** A hold outlives the longest request by this, in ms. */
const HOLD_GRACE = 60_000

const OVER_BUDGET = failure('budget_exceeded', 'a budget does not cover this request', { shouldRetry: false })

/** Room at the gates of its provider and for its worst case on every budget, or nowhere. `id`: the attempt's. */
export async function reserve(call: Call, target: Target, id: string): Promise<Reserved | Refused> {
  const { snapshot, key, request } = call
  const payer = payerOf(snapshot.shared, key)
  const spending = { model: request.model, target }
  const tokens = tokensAsked(call)
  const passed = await passGates(call, { id, tokens, gates: covering(payer.upstreamGates, spending), payer })
  if (!passed.ok) return { outcome: 'over_limit', failure: passed.failure }
  const shares = sharesOf(payer, covering(payer.budgets, spending))
  let held = false
  try {
    held = await hold(call, shares, { id, target })
  } finally {
    if (!held) await passed.withdraw()
  }
  if (!held) return { outcome: 'over_budget', failure: OVER_BUDGET }
  return {
    async settle({ cost, usage }) {
      await book(call, shares, { id, bill: cost === 'unknown' ? 0n : cost })
      await passed.leave(totalOf(usage) ?? tokens)
    },
  }
}

interface Holding {
  readonly id: string
  readonly target: Target
}

async function hold(call: Call, shares: readonly Share<Paying>[], { id, target }: Holding): Promise<boolean> {
  if (shares.length === 0) return true
  const amount = target.facts.price && worstCase(target.facts.price, call.signals, target.facts)
  if (amount === undefined) return false
  const { clock, store } = call.gateway.ports
  const now = clock.now()
  const expiresAt = now + call.decided.timeouts.total + HOLD_GRACE
  for (const [at, { shard, of }] of shares.entries()) {
    const { ok } = await store.hold({ id, shard, lines: linesAt(of, now), amount, now, expiresAt })
    if (ok) continue
    await book(call, shares.slice(0, at), { id, bill: 0n })
    return false
  }
  return true
}

async function book(
  call: Call,
  shares: readonly Share<Paying>[],
  { id, bill }: { readonly id: string; readonly bill: NanoUsd },
): Promise<void> {
  const { clock, store } = call.gateway.ports
  const now = clock.now()
  for (const { shard, of } of shares) await store.settle({ id, shard, lines: linesAt(of, now), bill, now })
}
