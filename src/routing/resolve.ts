import { failure, type Failure } from '#src/core/failure.ts'
import type { Key } from '#src/core/key.ts'
import type { Route, Snapshot, WeightedTarget } from '#src/core/snapshot.ts'
import type { Provider, Target } from '#src/core/target.ts'
import { nearestNames } from './names.ts'
import { permits } from './permit.ts'

/** What a name stands for: a route's targets, or one target that was asked for directly. */
export interface Resolved {
  readonly route?: Route
  readonly targets: readonly WeightedTarget[]
}

export type Resolution = Resolved | { readonly failure: Failure }

/**
 * Looks a name up as the request writes it (INTERFACE.md section 9, Names): first a route, else `provider/model` where direct requests are
 * permitted. A name that does not exist and one that the key may not use give the same 404. A route that a key may use grants its targets
 * through the route only.
 */
export function resolve(snapshot: Snapshot, key: Key | undefined, name: string): Resolution {
  const found = permits(key, name) ? lookUp(snapshot, name) : undefined
  return found ?? { failure: notFound(name, nearestNames(snapshot, key, name)) }
}

function lookUp(snapshot: Snapshot, name: string): Resolved | undefined {
  const route = snapshot.routes.get(name)
  if (route) return { route, targets: route.targets }
  const target = snapshot.direct ? directTarget(snapshot, name) : undefined
  return target && { targets: [{ target, weight: 1 }] }
}

function directTarget(snapshot: Snapshot, name: string): Target | undefined {
  const written = snapshot.targets.get(name)
  if (written) return written
  const slash = name.indexOf('/')
  const provider = slash < 0 ? undefined : snapshot.providers.get(name.slice(0, slash))
  const model = name.slice(slash + 1)
  if (!provider || model === '' || provider.adapter.modelsMustBeDeclared || steers(provider, model)) return undefined
  return remembered(snapshot, name, () => snapshot.targetOf(provider, model))
}

/** A mark in the name would let the caller choose who serves it: only the file may (law 1). */
function steers({ adapter }: Provider, model: string): boolean {
  return adapter.steeringMarks?.some((mark) => model.includes(mark)) ?? false
}

/** Direct targets that the file does not write, kept so that rules judge each once; the one that came first makes room. */
const KEPT = 1024
const direct = new WeakMap<Snapshot, Map<string, Target>>()

function remembered(snapshot: Snapshot, name: string, make: () => Target): Target {
  const kept = direct.get(snapshot) ?? new Map<string, Target>()
  direct.set(snapshot, kept)
  const known = kept.get(name)
  if (known) return known
  const target = make()
  const [oldest] = kept.keys()
  if (kept.size >= KEPT && oldest !== undefined) kept.delete(oldest)
  kept.set(name, target)
  return target
}

/** Names in messages are cut to this length. */
const SHOWN_LENGTH = 128

function notFound(name: string, near: readonly string[]): Failure {
  const shown = name.length > SHOWN_LENGTH ? `${name.slice(0, SHOWN_LENGTH)}…` : name
  const hint = near.length > 0 ? `; did you mean ${near.map((other) => `\`${other}\``).join(', ')}?` : ''
  const message = `the model \`${shown}\` does not exist or you do not have access to it${hint}`
  return failure('model_not_found', message, { param: 'model' })
}
