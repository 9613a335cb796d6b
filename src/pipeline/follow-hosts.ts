import type { Clock } from '#src/core/clock.ts'
import type { Key } from '#src/core/key.ts'
import type { ApiRequest } from '#src/core/request.ts'
import type { Snapshot } from '#src/core/snapshot.ts'
import { resolve } from '#src/routing/resolve.ts'
import { ANSWER_TIMEOUT } from './ask-host.ts'
import type { Gateway } from './gateway.ts'
import { askedOf, EVERY } from './inventory.ts'

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
  if (askedOf(snapshot).length > 0) {
    const resolved = resolve(snapshot, key, request.model)
    const providers = 'failure' in resolved ? [] : resolved.targets.map(({ target }) => target.provider)
    const first = inventory.first(gateway, providers)
    const total = ('route' in resolved ? resolved.route?.timeouts.total : undefined) ?? Infinity
    if (first) await within(Math.min(ANSWER_TIMEOUT, request.timeoutMs ?? Infinity, total), first, clock)
  }
  return inventory.inform(snapshot)
}

/** Resolves when the work is done, or its time is up. */
function within(ms: number, work: Promise<void>, clock: Clock): Promise<void> {
  const { promise, resolve: over } = Promise.withResolvers<void>()
  const cancel = clock.after(ms, over)
  void work.then(over)
  return promise.finally(cancel)
}

/** Asks at once and every minute, whether requests come or not, until it is stopped. */
export function followHosts(gateway: Gateway): () => void {
  let cancel = (): void => {}
  const next = (): void => {
    void gateway.ports.inventory.attend(gateway)
    cancel = gateway.ports.clock.after(EVERY, next)
  }
  next()
  return () => {
    cancel()
    gateway.ports.inventory.stop()
  }
}
