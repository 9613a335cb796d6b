import type { Clock } from '#src/core/clock.ts'
import type { Key } from '#src/core/key.ts'
import type { ApiRequest } from '#src/core/request.ts'
import type { Snapshot } from '#src/core/snapshot.ts'
import { resolve } from '#src/routing/resolve.ts'
import { ANSWER_TIMEOUT } from './ask-host.ts'
import type { Gateway } from './gateway.ts'
import type { Asker } from './inventory.ts'

interface Waiting {
  readonly snapshot: Snapshot
  readonly key?: Key | undefined
  readonly request: Pick<ApiRequest, 'model' | 'timeoutMs'>
}

/**
 * The configuration that a request is decided by: with what hosts have said. One of whose candidates' hosts has not had the time for its first
 * answer waits for it, at most 2 s and never longer than the request may take.
 */
export async function informedFor(gateway: Gateway, { snapshot, key, request }: Waiting): Promise<Snapshot> {
  const { inventory, clock } = gateway.ports
  let total = request.timeoutMs ?? Infinity
  const first = inventory.first(gateway, () => {
    const resolved = resolve(snapshot, key, request.model)
    if ('failure' in resolved) return []
    total = Math.min(total, resolved.route?.timeouts.total ?? Infinity)
    return resolved.targets.map(({ target }) => target.provider)
  })
  if (first) await within(Math.min(ANSWER_TIMEOUT, total), first, clock)
  return inventory.inform(snapshot)
}

/** Resolves when the work is done, or its time is up. */
function within(ms: number, work: Promise<void>, clock: Clock): Promise<void> {
  const { promise, resolve: over } = Promise.withResolvers<void>()
  const cancel = clock.after(ms, over)
  void work.then(over)
  return promise.finally(cancel)
}

/** ms from one look whether a host is due to the next. */
const TICK = 5000

/** Asks at once and every minute, whether requests come or not, until it is stopped. */
export function followHosts(gateway: Asker & { readonly ports: Pick<Gateway['ports'], 'inventory'> }): () => void {
  let cancel = (): void => {}
  const next = (): void => {
    void gateway.ports.inventory.attend(gateway)
    cancel = gateway.ports.clock.after(TICK, next)
  }
  next()
  return () => {
    cancel()
    gateway.ports.inventory.stop()
  }
}
