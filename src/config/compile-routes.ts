import { isObject, type Json } from '#src/core/json.ts'
import type { Route, StrategyName, Timeouts, WeightedTarget } from '#src/core/snapshot.ts'
import type { Target } from '#src/core/target.ts'
import { type Context, salvage } from './context.ts'
import { DEFAULT_ATTEMPTS } from './defaults.ts'
import type { ProviderEntry } from './facts.ts'
import { didYouMean } from './nearest.ts'
import type { Path } from './problem.ts'
import { type RouteFile, routeSchema } from './schema.ts'

export interface RoutesInput {
  readonly value: Json | undefined
  readonly context: Context
  readonly entries: ReadonlyMap<string, ProviderEntry>
  /** Every provider name that the file writes, the broken ones too. */
  readonly providerNames: readonly string[]
  readonly timeouts: Timeouts
  readonly targetOf: (entry: ProviderEntry, model: string) => Target
}

/** The names under `models`, each with its targets in the order of the file. */
export function compileRoutes(input: RoutesInput): ReadonlyMap<string, Route> {
  const routes = new Map<string, Route>()
  const { value } = input
  if (!isObject(value)) return routes
  for (const name of Object.keys(value)) {
    if (name === '') input.context.report.error({ path: ['models', name], message: 'a model needs a name', at: 'key' })
    const file = salvage(routeSchema, value[name])
    if (file !== undefined) routes.set(name, compileRoute(name, file, input))
  }
  return routes
}

function compileRoute(name: string, file: RouteFile, input: RoutesInput): Route {
  const path = ['models', name]
  const strategy = file.strategy ?? 'priority'
  const fallback = file.fallback ?? true
  const placed: Placed[] = []
  for (const [index, written] of file.targets.entries()) {
    const at = typeof written === 'string' ? [...path, 'targets', index] : [...path, 'targets', index, 'target']
    const text = typeof written === 'string' ? written : written.target
    const weight = typeof written === 'string' ? undefined : written.weight
    const entry = entryOf(text, at, input)
    if (weight !== undefined && strategy !== 'weighted') warnOfWeight([...path, 'targets', index, 'weight'], input)
    if (entry !== undefined) addTarget(placed, { ...entry, path: at, weight: weight ?? 1 }, input)
  }
  if (fallback) warnOfSharedFailure(placed, input.context)
  return {
    name,
    targets: placed.map(({ target, weight }): WeightedTarget => ({ target, weight })),
    strategy,
    fallback,
    timeouts: { ...input.timeouts, ...withoutUndefined(file.timeouts ?? {}) },
    attempts: file.retry?.attempts ?? DEFAULT_ATTEMPTS,
    sticky: (file.promptCache?.sticky ?? true) && isChoice(placed, strategy),
    mark: file.promptCache?.mark ?? false,
    ...(file.cache && { cacheFor: file.cache.ttl }),
    source: input.context.report.place(path),
  }
}

/** Strategies in which money or chance decides. */
const MOVABLE: readonly StrategyName[] = ['weighted', 'cheapest', 'balanced']

/** A conversation could go on elsewhere: at another target, or in another account. */
function isChoice(placed: readonly Placed[], strategy: StrategyName): boolean {
  return (
    (placed.length > 1 && MOVABLE.includes(strategy)) ||
    placed.some(({ target }) => target.provider.accounts.length > 1)
  )
}

interface Placed {
  readonly target: Target
  readonly entry: ProviderEntry
  readonly path: Path
  readonly weight: number
}

function addTarget(
  placed: Placed[],
  found: Omit<Placed, 'target'> & { readonly model: string },
  input: RoutesInput,
): void {
  const { report } = input.context
  const target = input.targetOf(found.entry, found.model)
  if (placed.some((other) => other.target.id === target.id)) {
    return report.error({
      path: found.path,
      message: `${report.shown(found.path)} is named twice here`,
      mend: 'remove one of them',
    })
  }
  placed.push({ ...found, target })
}

function warnOfWeight(path: Path, { context }: RoutesInput): void {
  const message = '`weight` counts with `strategy: weighted` only'
  context.report.warning({ path, message, mend: 'write `strategy: weighted`, or remove the weight', at: 'key' })
}

/** The provider that a target names; what is wrong with the name is reported. */
function entryOf(text: string, path: Path, input: RoutesInput): { entry: ProviderEntry; model: string } | undefined {
  const { report } = input.context
  const slash = text.indexOf('/')
  const name = text.slice(0, slash)
  const model = text.slice(slash + 1)
  const shown = report.shown(path)
  if (slash === -1 || name === '' || model === '') {
    const nested = isObject(input.value) && Object.hasOwn(input.value, text)
    const mend = nested ? 'names do not nest: write its targets here' : 'write `provider/model`'
    report.error({ path, message: `${shown} is no target`, mend })
    return undefined
  }
  const entry = input.entries.get(name)
  if (entry === undefined) {
    if (!input.providerNames.includes(name)) {
      const message = `${shown} names a provider that is not under \`providers\`${didYouMean(name, input.providerNames)}`
      report.error({
        path,
        message,
        mend: `known here: ${input.providerNames.map((known) => `\`${known}\``).join(', ')}`,
      })
    }
    return undefined
  }
  if (entry.provider.adapter.modelsMustBeDeclared && !Object.hasOwn(entry.file.models ?? {}, model)) {
    const message = `${shown} is not declared: on ${entry.provider.adapter.title} a name does not say which model it is`
    report.error({ path, message, mend: `declare it under \`providers.${name}.models\`, at least its \`developer\`` })
  }
  return { entry, model }
}

/** Two providers on one host look like a fallback and fall together. Several models of one provider are an ordinary choice. */
function warnOfSharedFailure(placed: readonly Placed[], { report }: Context): void {
  const first = new Map<string, Placed>()
  for (const one of placed) {
    const other = first.get(one.entry.hostname) ?? one
    first.set(one.entry.hostname, other)
    if (other.entry.provider.name === one.entry.provider.name) continue
    const message = `${report.shown(one.path)} and ${report.shown(other.path)} are both on the same host: one failure takes both out`
    report.warning({ path: one.path, message, mend: 'add a target on another provider' })
  }
}

function withoutUndefined(timeouts: NonNullable<RouteFile['timeouts']>): Partial<Timeouts> {
  return Object.fromEntries(Object.entries(timeouts).filter(([, value]) => value !== undefined))
}
