import type { Catalog } from '#src/core/catalog.ts'
import type { Ancestry } from '#src/core/facts.ts'
import type { Snapshot } from '#src/core/snapshot.ts'
import type { Target } from '#src/core/target.ts'
import type { ProviderEntry } from './facts.ts'
import { createRecentlyUsed } from '#src/core/recently-used.ts'

/** A caller can invent hosts without end. */
const MAX_HOSTS = 1000

const UNKNOWN: Ancestry = { ancestors: [], complete: false }

/**
 * Who may be at a host: the providers of the file with that address, else whose the catalog says that it is. Beside or below a known host that
 * counts against only, and so does what the operator's name says of models.
 */
export function createCalled(entries: ReadonlyMap<string, ProviderEntry>, catalog: Catalog): Snapshot['calledAt'] {
  const known = createRecentlyUsed<readonly Target[]>(MAX_HOSTS)
  const look: Snapshot['calledAt'] = (provider, host) => {
    const vendor = catalog.vendorNear(host)
    const suspect = vendor === undefined ? undefined : catalog.suspect(vendor)
    const target = { id: host, provider, model: '', ancestry: UNKNOWN, source: provider.source }
    const owner = vendor === undefined ? {} : catalog.vendor(vendor)
    const suspicion = { facts: { ...suspect?.facts, ...owner }, ancestry: suspect?.ancestry ?? UNKNOWN }
    const there = [...entries.values()].filter(({ hostname }) => hostname === host || host.endsWith(`.${hostname}`))
    if (there.length === 0) {
      const facts = catalog.vendorOfHost(host) === undefined ? {} : { ...owner }
      return [{ ...target, facts, suspicion }]
    }
    return there.map((entry) => {
      const facts = { ...entry.defaults, ...entry.declared }
      const own = { ...target, provider: entry.provider, source: entry.provider.source }
      if (entry.hostname === host) return { ...own, facts, suspicion }
      return { ...own, facts: {}, suspicion: { ...suspicion, facts: { ...suspicion.facts, ...facts } } }
    })
  }
  return (provider, host) => {
    const id = `${provider.name}\n${host}`
    const targets = known.get(id) ?? look(provider, host)
    known.set(id, targets)
    return targets
  }
}
