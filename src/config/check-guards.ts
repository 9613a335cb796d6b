import { isObject, type Json } from '#src/core/json.ts'
import { type Context, isList } from './context.ts'
import { didYouMean } from './nearest.ts'

/** What a guard may name as the model that it asks. */
export interface Askable {
  readonly routes: ReadonlySet<string>
  readonly providers: ReadonlySet<string>
  /** `provider/model` may be asked for. */
  readonly direct: boolean
}

/** Refuses guards that ask a model that nobody could ask. */
export function checkGuards(policies: Json | undefined, known: Askable, { report }: Context): void {
  for (const [index, rule] of (isList(policies) ? policies : []).entries()) {
    const guard = isObject(rule) ? rule['guard'] : undefined
    for (const way of ['moderation', 'decision']) {
      const asked = isObject(guard) ? guard[way] : undefined
      const model = isObject(asked) ? asked['model'] : undefined
      if (typeof model !== 'string' || isKnown(model, known)) continue
      const path = ['policies', index, 'guard', way, 'model']
      const message = `no model here is called ${report.shown(path)}${didYouMean(model, known.routes)}`
      const mend = known.direct ? 'name one under `models`, or write `provider/model`' : 'name one under `models`'
      report.error({ path, message, mend })
    }
  }
}

function isKnown(model: string, { routes, providers, direct }: Askable): boolean {
  const slash = model.indexOf('/')
  return routes.has(model) || (direct && slash > 0 && slash < model.length - 1 && providers.has(model.slice(0, slash)))
}
