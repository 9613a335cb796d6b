import type { Route } from '#src/core/snapshot.ts'
import type { Target } from '#src/core/target.ts'
import type { Context } from './context.ts'
import type { Path } from './problem.ts'

const SOON_MS = 90 * 86_400_000

/** Warns of targets whose model no longer answers or will not for long, at the first place that names each. */
export function reportRetirements(
  routes: ReadonlyMap<string, Route>,
  targets: ReadonlyMap<string, Target>,
  context: Context,
): void {
  const told = new Set<string>()
  for (const route of routes.values()) {
    for (const [index, { target }] of route.targets.entries()) {
      if (!told.has(target.id)) warn(target, ['models', route.name, 'targets', index], context)
      told.add(target.id)
    }
  }
  for (const target of targets.values()) {
    if (!told.has(target.id)) warn(target, ['providers', target.provider.name, 'models', target.model], context)
  }
}

function warn({ model, facts: { retires } }: Target, path: Path, { report, options: { now } }: Context): void {
  if (retires === undefined) return
  const time = Date.parse(retires)
  if (Number.isNaN(time) || time - now > SOON_MS) return
  const message = time <= now ? `\`${model}\` was retired on ${retires}` : `\`${model}\` retires on ${retires}`
  report.warning({ path, message, mend: 'choose a newer model' })
}
