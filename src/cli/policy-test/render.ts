import { formatPath } from '#src/config/problem.ts'
import { renderDecision } from '../explain.ts'
import type { Coverage, Ran } from './run.ts'

/** A case as a person reads it: one line where it passes, else each expectation with its place, then the decision. */
export function renderCase({ tested, came, misses }: Ran): string {
  if (misses.length === 0) return `ok    ${tested.name}`
  const lines = misses.flatMap(({ path, expected, came: got }) => [
    `  ${tested.place(path)}: \`${formatPath(path)}\` does not hold`,
    `    expected: ${expected}`,
    `    came:     ${got}`,
  ])
  const decided = came.decision
    ? renderDecision(came.decision)
    : `no decision: ${came.failure?.message ?? 'the request is refused'}`
  const decision = decided.split('\n').map((line) => `    ${line}`)
  return [`FAIL  ${tested.name}`, ...lines, ...decision].join('\n')
}

/** What no case touches, and the counts. */
export function renderSummary(ran: readonly Ran[], { rules, percent }: Coverage): string {
  const failed = ran.filter(({ misses }) => misses.length > 0).length
  const untouched = rules.filter(({ touched }) => !touched)
  const gaps = untouched.map(({ name, source }) => `${source} rule \`${name}\` is touched by no case`)
  const counts = `${ran.length - failed} passed, ${failed} failed`
  const covered = `${rules.length - untouched.length} of ${rules.length} rules touched, ${percent}%`
  return ['', ...gaps, `${counts}; ${covered}`].join('\n')
}

/** The same for machines. */
export function jsonOf(ran: readonly Ran[], coverage: Coverage): object {
  const failed = ran.filter(({ misses }) => misses.length > 0).length
  const cases = ran.map(({ file, tested, came, misses }) => ({
    name: tested.name,
    file,
    source: tested.place([]),
    passed: misses.length === 0,
    failures: misses.map(({ path, expected, came: got }) => ({
      source: tested.place(path),
      path: formatPath(path),
      expected,
      came: got,
    })),
    ...(came.decision && { decision: came.decision }),
    ...(came.failure && {
      error: { code: came.failure.code, status: came.failure.status, message: came.failure.message },
    }),
  }))
  return { cases, coverage, passed: ran.length - failed, failed }
}
