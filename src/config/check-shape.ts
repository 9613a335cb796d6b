import type * as z from 'zod/mini'
import { NOT_YET } from './fields.ts'
import { didYouMean } from './nearest.ts'
import type { Path } from './problem.ts'
import type { Report } from './report.ts'

type Issue = z.core.$ZodIssue

/** Reports everything in which a value is not of the schema's shape. `above` is where the value stands. */
export function reportIssues(issues: readonly Issue[], report: Report, above: Path = []): void {
  for (const issue of issues) reportIssue(issue, report, [...above, ...issue.path.map(pathPart)])
}

function isRefused(issue: Issue): boolean {
  return issue.code === 'invalid_type' && issue.expected === 'never'
}

function reportIssue(issue: Issue, report: Report, path: Path): void {
  if (issue.code === 'unrecognized_keys') return reportUnknown(issue.keys, issue.message.split(' '), { report, path })
  const name = `\`${String(path.at(-1) ?? 'the file')}\``
  if (isRefused(issue)) return report.error({ path, message: `${name} is ${NOT_YET}`, mend: 'remove it', at: 'key' })
  if (issue.message === NOT_YET)
    return report.error({ path, message: `${report.shown(path)} is ${NOT_YET} for ${name}` })
  if (issue.code === 'invalid_union') {
    const inner = innerIssues(issue)
    if (inner !== undefined) return reportIssues(inner, report, path)
  }
  const label = typeof path.at(-1) === 'number' ? `\`${String(path.at(-2))}\`` : name
  const shown = report.shown(path)
  if (shown === 'nothing')
    return report.error({ path, message: `${label} is missing or empty: expected ${issue.message}` })
  if (shown === '') return report.error({ path, message: `${label} is not ${issue.message}` })
  const guess = issue.code === 'invalid_value' ? didYouMean(shown.slice(1, -1), issue.values.map(String)) : ''
  report.error({ path, message: `${label} is ${shown}: expected ${issue.message}${guess}` })
}

function reportUnknown(keys: readonly string[], known: readonly string[], to: { report: Report; path: Path }): void {
  for (const key of keys) {
    const message = `unknown field \`${key}\`${didYouMean(key, known)}`
    const mend = `known here: ${known.map((name) => `\`${name}\``).join(', ')}`
    to.report.error({ path: [...to.path, key], message, mend, at: 'key' })
  }
}

/** What is wrong inside the form that the value has: a mapping is compared with the mapping, a list with the list. */
function innerIssues(issue: Extract<Issue, { code: 'invalid_union' }>): readonly Issue[] | undefined {
  return issue.errors.find(
    (option) => option.every((inner) => inner.path.length > 0 || inner.code !== 'invalid_type') && isDeeper(option),
  )
}

function isDeeper(option: readonly Issue[]): boolean {
  return option.some((inner) => inner.path.length > 0 || inner.code === 'unrecognized_keys')
}

function pathPart(part: PropertyKey): string | number {
  return typeof part === 'number' ? part : String(part)
}
