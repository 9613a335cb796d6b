import { covering, linesAt, payerOf, sharesOf } from '#src/accounting/payer.ts'
import { worstAt } from '#src/accounting/price.ts'
import type { Done } from '#src/core/done.ts'
import type { Admission } from '#src/core/state-store.ts'
import type { Call } from './call.ts'
import { expiryOf, giveBack } from './give-back.ts'

/** Attempts of a request have its id and their number, from 1. */
export function attemptId({ request, attempts }: Call): string {
  return `${request.id}-${attempts.length + 1}`
}

/**
 * What the first attempt is to hold, where that can be done by the step that lets its request in: on the caller's own shard alone, and with nothing to
 * be asked or passed in between. undefined: it is held when its turn comes.
 */
export function firstHold(call: Call): Admission['hold'] {
  const { decided, snapshot, key, request, terms, signals, gateway } = call
  const [target] = decided.plan
  if (!target || (terms.asking?.length ?? 0) > 0 || call.cache !== undefined) return undefined
  const payer = payerOf(snapshot.shared, key)
  const spending = { model: request.model, target }
  const [share, ...others] = sharesOf(payer, covering(payer.budgets, spending))
  if (share?.shard !== payer.shard || others.length > 0 || covering(payer.upstreamGates, spending).length > 0)
    return undefined
  const amount = worstAt(target, request.endpoint, signals)
  return typeof amount === 'bigint'
    ? { id: attemptId(call), lines: linesAt(share.of, gateway.ports.clock.now()), amount, expiresAt: expiryOf(call) }
    : undefined
}

/** Gives back what no attempt has taken over. */
export function giveBackUpfront(call: Call): Done {
  const { upfront } = call
  call.upfront = undefined
  return upfront && giveBack(call, { what: 'hold', id: upfront.id }, [upfront.shard])
}
