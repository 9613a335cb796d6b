import type { Done } from '#src/core/done.ts'
import type { Taken } from '#src/accounting/give-back.ts'
import type { Call } from './call.ts'

/** A slot or a hold outlives the longest request by this, in ms. */
const GRACE = 60_000

/** When what a call takes now is free by itself, in ms since 1970. */
export function expiryOf({ gateway, decided }: Pick<Call, 'gateway' | 'decided'>): number {
  return gateway.ports.clock.now() + decided.timeouts.total + GRACE
}

/** Gives back on these shards what may have been taken there under an id. Done when it was tried once: what fails goes on behind the answer. */
export function giveBack(call: Call, what: Pick<Taken, 'what' | 'id' | 'used'>, shards: readonly string[]): Done {
  const expiresAt = expiryOf(call)
  const taken = shards.map((shard) => ({ ...what, shard, expiresAt }))
  return call.gateway.ports.bookkeeper.giveBack(taken, (work) => call.unsettled.push(work))
}
