import { median } from './rounds.ts'
import type { SubjectId } from './subjects.ts'

export interface Row {
  readonly id: SubjectId
  readonly title: string
  readonly cells: readonly string[]
  /** One value a round: ratios are taken round by round. */
  readonly values: readonly number[]
}

export interface Table {
  readonly title: string
  readonly columns: readonly string[]
  readonly rows: readonly Row[]
}

/** What was promised, and what it is. */
export interface Check {
  readonly promise: string
  readonly limit: string
  readonly measured: string
  readonly holds: boolean
}

export interface Measured {
  readonly requests: Table
  readonly streams: Table
  readonly largeEvent: Table
}

/** The figures of docs and issue, from the tables; one whose subjects are missing is left out. */
export function checksOf({ requests, streams, largeEvent }: Measured): readonly Check[] {
  return [
    ratio(requests, { promise: 'a request, against Hono + undici', of: 'tutti', to: 'hono-undici', most: 1.5 }),
    ratio(requests, { promise: 'a request, against Portkey', of: 'tutti', to: 'portkey', most: 0.125 }),
    ratio(streams, { promise: 'an event, against node:http + undici', of: 'tutti', to: 'node-undici', most: 1.3 }),
    ratio(requests, {
      promise: 'budgets and limits of 100,000 keys, against 10',
      of: 'tutti-callers-many',
      to: 'tutti-callers',
      most: 1.3,
    }),
    ratio(requests, { promise: '10,000 rules and keys, against 10', of: 'tutti-many', to: 'tutti-few', most: 1.3 }),
    absolute(largeEvent, { promise: 'delay of the loop by a 4 MiB event', of: 'tutti', most: 30 }),
  ].filter((check) => check !== undefined)
}

interface Promised {
  readonly promise: string
  readonly of: SubjectId
  readonly most: number
}

/** The values of two subjects, round by round; undefined: one of them was not measured. */
function pairs(table: Table, of: SubjectId, to: SubjectId): readonly (readonly [number, number])[] | undefined {
  const [own, other] = [of, to].map((id) => table.rows.find((row) => row.id === id)?.values)
  return own && other && own.map((value, round) => [value, other[round] ?? Number.NaN])
}

function ratio(table: Table, { promise, of, to, most }: Promised & { to: SubjectId }): Check | undefined {
  const rounds = pairs(table, of, to)
  if (!rounds) return undefined
  const times = median(rounds.map(([own, other]) => own / other))
  return {
    promise,
    limit: `${most} times`,
    measured: `${times.toFixed(times < 1 ? 3 : 2)} times`,
    holds: times <= most,
  }
}

function absolute(table: Table, { promise, of, most }: Promised): Check | undefined {
  const rounds = pairs(table, of, of)
  if (!rounds) return undefined
  const value = median(rounds.map(([own]) => own))
  return { promise, limit: `${most} ms`, measured: `${value.toFixed(1)} ms`, holds: value < most }
}

/** A table in Markdown. */
export function renderTable({ title, columns, rows }: Table): string {
  return `## ${title}\n\n${grid([columns, ...rows.map((row) => [row.title, ...row.cells])])}\n`
}

export function renderChecks(checks: readonly Check[]): string {
  const rows = checks.map(({ promise, limit, measured, holds }) => [promise, limit, measured, holds ? 'yes' : 'NO'])
  return `## Promises\n\n${grid([['', 'at most', 'measured', 'holds'], ...rows])}\n`
}

function grid([head = [], ...rows]: readonly (readonly string[])[]): string {
  const widths = head.map((_, column) => Math.max(3, ...[head, ...rows].map((row) => row[column]?.length ?? 0)))
  const line = (row: readonly string[]): string =>
    `| ${widths.map((width, column) => pad(row[column] ?? '', width, column)).join(' | ')} |`
  const rule = `| ${widths.map((width, column) => (column === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`)).join(' | ')} |`
  return [line(head), rule, ...rows.map(line)].join('\n')
}

function pad(text: string, width: number, column: number): string {
  return column === 0 ? text.padEnd(width) : text.padStart(width)
}
