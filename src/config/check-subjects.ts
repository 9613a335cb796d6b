import { isObject, type Json } from '#src/core/json.ts'
import { type Context, isList } from './context.ts'
import { didYouMean } from './nearest.ts'
import type { Path } from './problem.ts'

/** Who is there to be named, as the file writes them. */
export interface Subjects {
  readonly keys: ReadonlySet<string>
  readonly tenants: ReadonlySet<string>
  readonly teams: ReadonlySet<string>
  readonly users: ReadonlySet<string>
  readonly tags: ReadonlySet<string>
}

/** Everybody that the file's `keys` name. */
export function subjectsIn(value: Json | undefined): Subjects {
  const keys = (isList(value) ? value : []).filter(isObject)
  const texts = (values: readonly (Json | undefined)[]) => new Set(values.filter((item) => typeof item === 'string'))
  return {
    keys: texts(keys.map((key) => key.id)),
    tenants: texts(keys.map((key) => key.tenant)),
    teams: texts(keys.map((key) => key['team'])),
    users: texts(keys.map((key) => key['user'])),
    tags: texts(keys.flatMap((key) => (isList(key.tags) ? key.tags : []))),
  }
}

/** A key that is not there is an error; of what keys only carry it may come with another file. */
const FAULTS = [
  ['keys', 'error', 'no key has the id'],
  ['tenants', 'warning', 'no key has the tenant'],
  ['teams', 'warning', 'no key has the team'],
  ['users', 'warning', 'no key has the user'],
  ['tags', 'warning', 'no key has the tag'],
] as const

interface Among {
  readonly known: Subjects
  readonly context: Context
  readonly mend: string
}

/** Whoever is named and is not there would be nobody. */
export function checkSubjects(
  named: Partial<Record<keyof Subjects, readonly string[] | undefined>> | undefined,
  path: Path,
  { known, context: { report }, mend }: Among,
): void {
  for (const [field, says, what] of FAULTS)
    for (const [index, name] of (named?.[field] ?? []).entries()) {
      if (known[field].has(name)) continue
      const at = [...path, field, index]
      report[says]({ path: at, message: `${what} ${report.shown(at)}${didYouMean(name, known[field])}`, mend })
    }
}
