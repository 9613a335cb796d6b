import { failure, type Failure } from '#src/core/failure.ts'
import type { Snapshot } from '#src/core/snapshot.ts'
import type { Target } from '#src/core/target.ts'
import { judgeCarrying } from '#src/routing/judge.ts'
import { resolve } from '#src/routing/resolve.ts'
import type { Incoming } from './call.ts'
import { standingOf } from './decide.ts'
import type { Gateway } from './gateway.ts'
import { keyNow } from './judge-again.ts'
import { looked } from './look.ts'
import { recallPrevious } from './memory.ts'
import { refuse } from './refuse.ts'

/**
 * What stands today against giving this caller an answer that a target gave before (law 1); undefined: nothing. Whether the target could be asked now, and be
 * paid, is not asked. `id`: the target's; undefined where it is not known yet who answers.
 */
export async function objectionTo(
  gateway: Gateway,
  { snapshot: before, key: asking, request: came }: Incoming,
  id: string | undefined,
): Promise<Failure | undefined> {
  const { ports } = gateway
  const dialect = ports.dialects[came.endpoint]
  const { request } = await recallPrevious(gateway, dialect, { request: came, key: asking })
  await ports.killSwitch.refresh(gateway)
  const snapshot = (gateway.snapshot = ports.inventory.inform(gateway.snapshot))
  const key = asking && snapshot !== before ? keyNow(snapshot, asking) : asking
  const resolved = resolve(snapshot, key, request.model)
  if ('failure' in resolved) return resolved.failure
  const signals = looked(ports.findPii, { snapshot, key, request }, dialect.sense(request))
  const now = ports.clock.now()
  const { occasion, terms } = standingOf(snapshot, { request, signals, key }, now)
  const target = id === undefined ? undefined : targetNamed(snapshot, id)
  if (id !== undefined && !target)
    return failure('no_healthy_target', `\`${id}\`, which gave the answer, was taken out of the configuration`)
  const said = target ? judgeCarrying(snapshot, { key, occasion }, { target, signals }).objections : []
  const objections = [...said, ...terms.refusals]
  return objections.length > 0 ? refuse(request.model, [{ verdict: 'denied', objections }], now) : undefined
}

function targetNamed(snapshot: Snapshot, id: string): Target | undefined {
  const slash = id.indexOf('/')
  const provider = snapshot.providers.get(id.slice(0, slash))
  return snapshot.targets.get(id) ?? (provider && snapshot.targetOf(provider, id.slice(slash + 1)))
}
