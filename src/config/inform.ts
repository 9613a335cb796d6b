import type { Catalog } from '#src/core/catalog.ts'
import { saidOf, type Inventory } from '#src/core/inventory.ts'
import type { Route, Snapshot } from '#src/core/snapshot.ts'
import type { Target } from '#src/core/target.ts'
import { withHosted } from './hosted.ts'

/** A compiled configuration that can be told what hosts say: each telling starts from the file again. */
export function informable(file: Omit<Snapshot, 'inform'>, catalog: Catalog): Snapshot {
  const inform = (inventory: Inventory): Snapshot => (inventory.size === 0 ? bare : informed(bare, inventory, catalog))
  const bare: Snapshot = { ...file, inform }
  return bare
}

function informed(bare: Snapshot, inventory: Inventory, catalog: Catalog): Snapshot {
  // The rules' answers are kept by target: the same one is told once.
  const told = new WeakMap<Target, Target>()
  const tell = (target: Target): Target => {
    const known = told.get(target)
    if (known) return known
    const { name, adapter } = target.provider
    const said = saidOf(inventory.get(name) ?? [], target.model, adapter.inventory)
    const now = said ? withHosted(target, said, catalog) : target
    told.set(target, now)
    return now
  }
  const routeOf = (route: Route): Route => ({
    ...route,
    targets: route.targets.map(({ target, weight }) => ({ target: tell(target), weight })),
  })
  return {
    ...bare,
    routes: new Map([...bare.routes].map(([name, route]) => [name, routeOf(route)])),
    targets: new Map([...bare.targets].map(([id, target]) => [id, tell(target)])),
    targetOf: (provider, model) => tell(bare.targetOf(provider, model)),
    servedOf: (provider, served) => tell(bare.servedOf(provider, served)),
  }
}
