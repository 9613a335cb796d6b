import { foldText } from '#src/core/fold.ts'
import { isObject, type Json } from '#src/core/json.ts'
import type { Target } from '#src/core/target.ts'
import { compilePattern } from '#src/core/wildcard.ts'
import { type Context, isList } from './context.ts'
import type { ProviderEntry } from './facts.ts'
import { didYouMean } from './nearest.ts'
import type { Path } from './problem.ts'

/** What the file has, whose names a rule may ask for beside the catalog's. */
export interface Named {
  readonly entries: ReadonlyMap<string, ProviderEntry>
  readonly targets: ReadonlyMap<string, Target>
}

type Field = 'developer' | 'operator' | 'provider'

/** Warns of names that rules ask for and nobody has: a `deny` with a slip in it would find nothing and say nothing. */
export function checkSelectors(policies: Json | undefined, named: Named, context: Context): void {
  if (!isList(policies) || context.options.catalog.names === undefined) return
  const known = {
    developer: developersOf(named, context),
    operator: operatorsOf(named, context),
    provider: providersOf(named, context),
  }
  for (const [index, rule] of policies.entries()) {
    if (!isObject(rule)) continue
    for (const field of ['deny', 'require', 'transfer', 'prefer']) {
      for (const selector of selectorsIn(rule[field], ['policies', index, field])) check(selector, known, context)
    }
  }
}

interface Placed {
  readonly selector: Readonly<Record<string, Json | undefined>>
  readonly path: Path
}

/** A rule's own selector, and those of `except`, `anyOf` and `permit`. */
function* selectorsIn(value: Json | undefined, path: Path): Generator<Placed> {
  if (isList(value)) {
    for (const [index, item] of value.entries()) yield* selectorsIn(item, [...path, index])
    return
  }
  if (!isObject(value)) return
  yield { selector: value, path }
  for (const more of ['except', 'anyOf', 'permit']) yield* selectorsIn(value[more], [...path, more])
}

function check({ selector, path }: Placed, known: Readonly<Record<Field, ReadonlySet<string>>>, { report }: Context) {
  for (const field of ['developer', 'operator', 'provider'] as const) {
    for (const { text, path: at } of textsIn(selector[field], [...path, field])) {
      if (isAmong(text, known[field])) continue
      const where = field === 'provider' ? 'here' : 'here or in the catalog'
      const message = `no ${field} ${where} is called ${report.shown(at)}${didYouMean(text, known[field])}`
      report.warning({ path: at, message, mend: 'the rule would find nobody by it' })
    }
  }
  for (const { text, path: at } of textsIn(selector['operatorCountry'], [...path, 'operatorCountry'])) {
    if (text.includes('*') || foldText(text).length === 2) continue
    const message = `${report.shown(at)} is no country as two letters like \`KR\` (ISO 3166)`
    report.warning({ path: at, message, mend: 'the rule would find nobody by it' })
  }
}

function textsIn(value: Json | undefined, path: Path): readonly { text: string; path: Path }[] {
  if (typeof value === 'string') return [{ text: value, path }]
  if (!isList(value)) return []
  return value.flatMap((text, index) => (typeof text === 'string' ? [{ text, path: [...path, index] }] : []))
}

function isAmong(text: string, names: ReadonlySet<string>): boolean {
  if (text === '*') return true
  const matches = compilePattern(text, foldText)
  return [...names].some(matches)
}

function developersOf({ targets }: Named, { options: { catalog } }: Context): ReadonlySet<string> {
  const own = [...targets.values()].flatMap(({ facts }) => facts.developer ?? [])
  return new Set([...(catalog.names?.('developer') ?? []), ...own])
}

function operatorsOf({ entries }: Named, { options: { adapters, catalog } }: Context): ReadonlySet<string> {
  const own = [...entries.values()].flatMap(({ declared, defaults }) => declared.operator ?? defaults.operator ?? [])
  const types = [...adapters.values()].flatMap(({ facts }) => facts.operator ?? [])
  return new Set([...(catalog.names?.('operator') ?? []), ...types, ...own])
}

/** The names of the file, the types, and the vendors whose hosts these are. */
function providersOf({ entries }: Named, { options: { adapters } }: Context): ReadonlySet<string> {
  const vendors = [...entries.values()].flatMap(({ vendor }) => vendor ?? [])
  return new Set([...entries.keys(), ...adapters.keys(), ...vendors])
}
