import type { Key } from '#src/core/key.ts'
import type { Snapshot } from '#src/core/snapshot.ts'
import type { Target } from '#src/core/target.ts'
import { judgeAlways } from '#src/routing/judge.ts'
import { permits } from '#src/routing/permit.ts'

/** A name that a caller may ask for. */
export interface VisibleModel {
  readonly id: string
  /** `tutti` for a route, else the model's developer. */
  readonly ownedBy: string
}

/** The routes, and the `provider/model`s that the file writes, that the key may use and that the rules leave a target for. */
export function visibleModels(snapshot: Snapshot, key: Key | undefined): readonly VisibleModel[] {
  const permitted = (target: Target): boolean => judgeAlways(snapshot, key, target).objections.length === 0
  const visible: VisibleModel[] = []
  for (const route of snapshot.routes.values()) {
    if (permits(key, route.name) && route.targets.some(({ target }) => permitted(target)))
      visible.push({ id: route.name, ownedBy: 'tutti' })
  }
  if (!snapshot.direct) return visible
  for (const target of snapshot.targets.values()) {
    if (snapshot.routes.has(target.id) || !permits(key, target.id) || !permitted(target)) continue
    visible.push({ id: target.id, ownedBy: target.facts.developer ?? target.provider.name })
  }
  return visible
}
