import {
  covering,
  linesAt,
  payerOf,
  shardsOf,
  sharesOf,
  type Gated,
  type Payer,
  type Paying,
  type Share,
} from '#src/accounting/payer.ts'
import { worstAt } from '#src/accounting/price.ts'
import { afterwards, type Done } from '#src/core/done.ts'
import { failure, type Failure } from '#src/core/failure.ts'
import { subjectOf } from '#src/core/key.ts'
import type { Elsewhere } from '#src/core/ledger.ts'
import { toUsdNumber, type NanoUsd } from '#src/core/money.ts'
import { mayHaveHappened } from '#src/core/state-unavailable.ts'
import type { Target } from '#src/core/target.ts'
import type { Bill } from '#src/core/usage.ts'
import { later, type Call } from './call.ts'
import { expiryOf, giveBack } from './give-back.ts'
import { FREE, passGates, tokensAsked, totalOf, unavailable } from './pass-gates.ts'
import { paidFor, type Paying as PaidBy } from './paid-for.ts'

/** Room that an attempt has, until it is settled or given back. */
export interface Reserved {
  /** Books the bill in the place of what was held, and leaves the gates with what was really used. */
  settle(bill: Bill, outcome: PaidBy['outcome']): Done
  /** Nothing was sent. */
  release(): Done
}

export interface Refused {
  readonly outcome: 'over_budget' | 'over_limit' | 'unavailable'
  readonly failure: Failure
}

const OVER_BUDGET: Refused = {
  outcome: 'over_budget',
  failure: failure('budget_exceeded', 'a budget does not cover this request', { shouldRetry: false }),
}

/** Room at the gates of its provider and for its worst case on every budget, or nowhere. `id`: the attempt's. */
export async function reserve(call: Call, target: Target, id: string): Promise<Reserved | Refused> {
  const { snapshot, key, request, gateway } = call
  const { bookkeeper, fairShares } = gateway.ports
  const payer = payerOf(snapshot.shared, key)
  const spending = { model: request.model, target }
  const tokens = tokensAsked(call)
  const gates = covering(payer.upstreamGates, spending)
  const shared = gates.filter(({ each }) => each === undefined)
  const caller = (key && subjectOf(key).id) ?? ''
  for (const { gate } of shared) fairShares.asks(gate, { caller, tokens })
  const passed = gates.length === 0 ? FREE : await passGates(call, { id, tokens, gates, payer })
  if (!passed.ok) return { outcome: passed.outcome, failure: passed.failure }
  const scarce = shared.find((one) =>
    fairShares.yields(one.gate, { caller, tokens, rooms: passed.left.get(one) ?? {} }),
  )
  if (scarce) {
    await passed.withdraw()
    return { outcome: 'over_limit', failure: overShare(scarce) }
  }
  const paying = covering(payer.budgets, spending)
  const shares = sharesOf(payer, paying)
  const upfront = takeOver(call, id)
  const held = upfront?.sure ? upfront.amount : await hold(call, shares, { id, target, unsure: upfront !== undefined })
  if (typeof held === 'object') {
    await passed.withdraw()
    return held
  }
  return {
    settle(bill, outcome) {
      const places = placesOf(payer, shares, gateway.ports.clock.now())
      const paid = paidFor(call, { target, bill, outcome })
      if (held !== undefined && bill.cost !== 'unknown' && bill.cost > held)
        gateway.ports.telemetry.event({
          event: 'bill_over_hold',
          request_id: paid.request,
          target: paid.target,
          held_usd: toUsdNumber(held),
          cost_usd: toUsdNumber(bill.cost),
        })
      const whole = gateway.ports.alerts.lookAt(gateway, payer, paying)
      const booking = { id, ...places, bill: bill.cost === 'unknown' ? 0n : bill.cost, paid, whole }
      const booked = bookkeeper.book(booking, (work) => call.unsettled.push(work))
      return afterwards(booked, () => passed.leave(totalOf(bill.usage) ?? tokens))
    },
    release: () => afterwards(giveBack(call, { what: 'hold', id }, shardsOf(shares)), passed.withdraw),
  }
}

/** The row of the ledger lies with the caller's own tree, also where no budget of it counts. */
function placesOf(
  { shard }: Payer,
  shares: readonly Share<Paying>[],
  now: number,
): { readonly root: Elsewhere; readonly elsewhere: readonly Elsewhere[] } {
  const places = shares.map((share): Elsewhere => ({ shard: share.shard, lines: linesAt(share.of, now) }))
  const [first, ...others] = places
  return first?.shard === shard ? { root: first, elsewhere: others } : { root: { shard, lines: [] }, elsewhere: places }
}

/** ms; when others leave room is not known. */
const SHARE_RETRY = 1000

function overShare({ name = '' }: Gated): Failure {
  const message = `little is left of the limit \`${name}\`, and this key has had more than its share of it`
  return failure('rate_limit_exceeded', message, { retryAfterMs: SHARE_RETRY })
}

/** What was held for this attempt by the step that let its request in. */
function takeOver(call: Call, id: string): Call['upfront'] {
  const { upfront } = call
  if (upfront?.id !== id) return undefined
  call.upfront = undefined
  return upfront
}

interface Holding {
  readonly id: string
  readonly target: Target
  /** It may be held already: holding it once more changes nothing where it is. */
  readonly unsure: boolean
}

/** What is held on all of them; undefined: nothing. What was taken before one that has no room is given back. */
async function hold(
  call: Call,
  shares: readonly Share<Paying>[],
  { id, target, unsure }: Holding,
): Promise<Refused | NanoUsd | undefined> {
  if (shares.length === 0) return undefined
  const amount = worstAt(target, call.request.endpoint, call.signals)
  if (typeof amount !== 'bigint') return OVER_BUDGET
  const { clock, store } = call.gateway.ports
  const now = clock.now()
  const expiresAt = expiryOf(call)
  const release = (taken: number): Done => giveBack(call, { what: 'hold', id }, shardsOf(shares.slice(0, taken)))
  let held = 0
  try {
    for (const { shard, of } of shares) {
      const { ok } = await store.hold({ id, shard, lines: linesAt(of, now), amount, now, expiresAt })
      if (!ok) {
        await release(held)
        return OVER_BUDGET
      }
      held++
    }
    return amount
  } catch (cause) {
    if (call.snapshot.shared.onFailure.budgets === 'allow') return undefined
    // Of a step without an answer nobody knows whether it happened: it is given back like the others.
    later(call, release(mayHaveHappened(cause) || unsure ? held + 1 : held))
    return { outcome: 'unavailable', failure: unavailable('budgets', cause) }
  }
}
