import { endpointAt, ENDPOINTS } from '#src/core/endpoint.ts'
import { isObject, type Json } from '#src/core/json.ts'
import type { Snapshot } from '#src/core/snapshot.ts'
import { reportIssues } from './check-shape.ts'
import { isList } from './context.ts'
import { didYouMean } from './nearest.ts'
import type { Path, Problem } from './problem.ts'
import { createReport, type Report } from './report.ts'
import { type CaseFile, casesSchema } from './schema-cases.ts'
import { readSource } from './source.ts'
import { rawValue } from './values.ts'

/** One policy test as its file has it. */
export interface PolicyCase extends CaseFile {
  /** `file:line:col` of a path below the case; of a mapping's entry the place of its key. */
  readonly place: (path: Path) => string
}

export type ReadCases =
  | { readonly ok: true; readonly cases: readonly PolicyCase[] }
  | { readonly ok: false; readonly problems: readonly Problem[] }

/** A file of policy tests for a configuration, or all its problems in the order of the file. References are text here. Never throws. */
export function readCases(text: string, file: string, snapshot: Snapshot): ReadCases {
  const source = readSource(text, file)
  const report = createReport(source, file)
  if (source.root === undefined) {
    const mend = { mend: 'begin with `cases:`' }
    for (const { at, ...remark } of source.problems)
      report.errorAt(at, remark.message === 'the file is empty' ? { ...remark, ...mend } : remark)
    return { ok: false, problems: report.problems() }
  }
  for (const { at, ...remark } of source.problems) report.errorAt(at, remark)
  const value = rawValue(source.root)
  const parsed = casesSchema.safeParse(value)
  if (!parsed.success) reportIssues(parsed.error.issues, report)
  checkNames(isObject(value) ? value['cases'] : undefined, snapshot, report)
  if (!parsed.success || report.failed()) return { ok: false, problems: report.problems() }
  const cases = parsed.data.cases.map((one, index) => ({
    ...one,
    place: (path: Path) => report.place(['cases', index, ...path]),
  }))
  return { ok: true, cases }
}

/** What the shape cannot say: names that are written twice, or that the configuration does not have. */
function checkNames(cases: Json | undefined, snapshot: Snapshot, report: Report): void {
  const seen = new Set<string>()
  for (const [index, one] of (isList(cases) ? cases : []).entries()) {
    if (!isObject(one)) continue
    const path = ['cases', index]
    const { name, endpoint } = one
    if (typeof name === 'string') {
      const at = [...path, 'name']
      if (seen.has(name))
        report.error({ path: at, message: `two cases have the name ${report.shown(at)}`, mend: 'rename one' })
      seen.add(name)
    }
    if (typeof endpoint === 'string' && endpointAt(endpoint) === undefined) {
      const at = [...path, 'endpoint']
      const guess = didYouMean(endpoint, Object.values(ENDPOINTS))
      report.error({ path: at, message: `no endpoint is at ${report.shown(at)}${guess}` })
    }
    checkKey(one['key'], path, { snapshot, report })
    checkRules(one['expect'], [...path, 'expect'], { snapshot, report })
  }
}

interface Known {
  readonly snapshot: Snapshot
  readonly report: Report
}

function checkKey(key: Json | undefined, above: Path, { snapshot, report }: Known): void {
  const path = [...above, 'key']
  const known = [...snapshot.keysById.keys()]
  if (key === undefined && snapshot.access.mode === 'keys') {
    const mend = `known here: ${known.map((id) => `\`${id}\``).join(', ')}`
    report.error({ path, message: '`key` is missing: the configuration has keys, so say whose request it is', mend })
  }
  if (typeof key === 'string' && !snapshot.keysById.has(key))
    report.error({ path, message: `no key has the id ${report.shown(path)}${didYouMean(key, known)}` })
}

function checkRules(expected: Json | undefined, above: Path, { snapshot, report }: Known): void {
  if (!isObject(expected)) return
  const known = snapshot.rules.map(({ name }) => name)
  const check = (name: Json | undefined, path: Path): void => {
    if (typeof name !== 'string' || name === '' || known.includes(name)) return
    report.error({ path, message: `no rule has the name ${report.shown(path)}${didYouMean(name, known)}` })
  }
  check(expected['rule'], [...above, 'rule'])
  const list = isObject(expected['rules']) ? expected['rules']['contains'] : undefined
  for (const [index, name] of (isList(list) ? list : []).entries()) check(name, [...above, 'rules', 'contains', index])
}
