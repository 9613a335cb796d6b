import type { Facts } from '#src/core/facts.ts'
import type { Objection } from '#src/core/policy.ts'
import type { Order, Promised } from '#src/core/routes.ts'
import type { Relayed, Snapshot } from '#src/core/snapshot.ts'
import type { Target } from '#src/core/target.ts'

/** What rules say of whom an upstream may ask in its turn: nothing against it as long as it keeps to the order, or why it may not be asked. */
export interface Behind {
  readonly order?: Order
  readonly objections: readonly Objection[]
}

/** Each promise holds the ones before it. */
const PROMISED: Readonly<Record<Promised, Facts>> = {
  'no-training': { trainsOnData: false },
  'no-retention': { trainsOnData: false, retainsData: false },
}

/** What stands against the upstream itself, and against somebody whom it may ask. */
export interface Against {
  own(target: Target): readonly Objection[]
  relayed(target: Target): readonly Objection[]
}

/**
 * Turns rules into an upstream's own terms (law 1): the least that it must be told so that neither it nor anybody whom it may ask is denied.
 * Where no host that it knows is permitted, or it cannot be told, it is denied itself.
 */
export function behind(snapshot: Snapshot, target: Target, against: Against): Behind {
  const { provider, model } = target
  const { hosts = {}, promises = [], fixed, tell } = provider.adapter.routes ?? {}
  const relayedBy = (more: Omit<Relayed, 'model' | 'promised'>, promised: Promised | undefined): Target =>
    snapshot.relayedBy(provider, { model, ...more, promised: promised ? PROMISED[promised] : {} })
  const own = (promised?: Promised) => against.own(promised ? relayedBy({ own: true }, promised) : target)
  const host = (name: string | undefined, promised?: Promised) =>
    against.relayed(relayedBy(name === undefined ? {} : { vendor: hosts[name] ?? name }, promised))
  const chosen = fixed?.(model)
  const levels = tell ? [undefined, ...promises].filter((promised) => own(promised).length === 0) : [undefined]
  if (levels.length === 0 || (!tell && own().length > 0)) return { objections: own() }
  for (const promised of levels)
    if (host(chosen, promised).length === 0) return { objections: [], ...(promised && { order: { promised } }) }
  for (const promised of tell ? levels : []) {
    const only = Object.keys(hosts).filter((name) => host(name, promised).length === 0)
    if (only.length > 0) return { objections: [], order: { only, ...(promised && { promised }) } }
  }
  return { objections: untold(target, host(chosen, levels.at(-1))) }
}

function untold({ provider }: Target, objections: readonly Objection[]): readonly Objection[] {
  const why = `${provider.adapter.title} sends requests on and cannot be told to ask only whom the rules permit`
  return objections.map((objection) => ({
    ...objection,
    code: 'host_unknown',
    reason: `${why}: ${objection.reason}`,
    evidence: [],
  }))
}
