import { byRequest, csvOf, CSV_HEAD } from '#src/pipeline/ledger-lines.ts'
import { readLedger, type LedgerSpan } from '#src/pipeline/read-ledger.ts'
import { bookLeftovers, type Leftovers } from '#src/pipeline/book-leftovers.ts'
import type { Difference } from '#src/core/ledger.ts'
import { formatUsd } from '#src/core/money.ts'
import { beginOf, endOf } from '#src/core/moment.ts'
import type { StateStore } from '#src/core/state-store.ts'
import { NAME_FILE, parseArguments } from './arguments.ts'
import type { Command } from './command.ts'
import { openState } from './open-state.ts'
import type { ProgramRuntime } from './runtime.ts'
import { UsageError } from './usage-error.ts'

/**
 * `tutti ledger`: what was paid for, and whether accounts agree with it. Exits 1 where `verify` finds a difference, where `rebuild` cannot know whether
 * a bill was booked, or the state cannot be opened.
 */
export const ledgerCommand: Command = {
  usage: 'tutti ledger verify|rebuild|export [-c FILE] [--from TIME] [--to TIME] [--format jsonl|csv] [--json]',
  summary:
    'Compares what accounts have spent with the ledger, mends it by the ledger, or writes the ledger: a line a request (jsonl) or an attempt (csv).',
  async run(args, runtime) {
    const { values, positionals } = parseArguments(args, {
      config: { type: 'string', short: 'c' },
      from: { type: 'string' },
      to: { type: 'string' },
      format: { type: 'string' },
      json: { type: 'boolean' },
    })
    const [what, more] = positionals
    if (what === undefined || !isWork(what) || more !== undefined)
      throw new UsageError(`say \`verify\`, \`rebuild\` or \`export\`${NAME_FILE}`)
    const exporting = what === 'export'
    if (!exporting && (values.from ?? values.to ?? values.format) !== undefined)
      throw new UsageError('`--from`, `--to` and `--format` belong to `export`')
    const span = spanOf(values)
    const format = formatOf(values.format)
    const opened = await openState(values.config, 'GET /-/usage', runtime)
    if (!opened) return 1
    const { store } = opened
    try {
      if (exporting) return await write(store, { span, format }, runtime)
      return await audit(store, { repair: what === 'rebuild', json: values.json ?? false }, runtime)
    } finally {
      await store.close()
    }
  },
}

const WORK = ['verify', 'rebuild', 'export'] as const

function isWork(text: string): text is (typeof WORK)[number] {
  return WORK.some((work) => work === text)
}

interface Audit {
  readonly repair: boolean
  readonly json: boolean
}

async function audit(store: StateStore, { repair, json }: Audit, runtime: ProgramRuntime): Promise<number> {
  const left = repair ? await bookLeftovers(store, Date.now()) : undefined
  const found = await store.audit(repair)
  const report = {
    agrees: found.length === 0,
    ...(left && { mended: found.length, booked: left.booked, unknown: left.unknown.map(shownUnknown) }),
    differences: found.map(shown),
  }
  if (json) runtime.out(JSON.stringify(report, null, 2))
  else runtime.out(rendered(found, left))
  return (left ? left.unknown : found).length === 0 ? 0 : 1
}

function shownUnknown({ id, at, bill, lines }: Leftovers['unknown'][number]): object {
  const accounts = lines.map(({ account }) => account)
  return { id, time: new Date(at).toISOString(), bill_usd: formatUsd(bill), accounts }
}

function shown({ account, per, ends, counted, ledger }: Difference): object {
  return { account, per, ends: endShown(ends), counted_usd: formatUsd(counted), ledger_usd: formatUsd(ledger) }
}

function endShown(ends: number): string | null {
  return Number.isFinite(ends) ? new Date(ends).toISOString() : null
}

/** `left`: of what was rebuilt. */
function rendered(found: readonly Difference[], left: Leftovers | undefined): string {
  const lines = found.map(
    ({ account, per, counted, ledger }) =>
      `${account} (${per}): counted ${formatUsd(counted)} USD, by the ledger ${formatUsd(ledger)} USD`,
  )
  const differ = `${found.length} ${found.length === 1 ? 'account differs' : 'accounts differ'} from the ledger`
  const verdict = found.length === 0 ? 'every account agrees with the ledger' : differ + (left ? ': mended' : '')
  const also = left && left.booked > 0 ? [`booked what was left open: ${left.booked}`] : []
  const unknown = left?.unknown.map(
    ({ id, at, bill, lines: of }) =>
      `${id} of ${new Date(at).toISOString()}, ${formatUsd(bill)} USD: not booked on ${of.map(({ account }) => account).join(', ')}, where it may have been: rows of its time are forgotten there`,
  )
  const mend = found.length > 0 && !left ? ['`tutti ledger rebuild` makes accounts what the ledger says'] : []
  return [...lines, verdict, ...also, ...(unknown ?? []), ...mend].join('\n')
}

interface Export {
  readonly span: LedgerSpan
  readonly format: 'jsonl' | 'csv'
}

async function write(store: StateStore, { span, format }: Export, runtime: ProgramRuntime): Promise<number> {
  const rows = readLedger(store, span)
  if (format === 'csv') {
    runtime.out(CSV_HEAD)
    for await (const row of rows) {
      const line = csvOf(row)
      if (line !== undefined) runtime.out(line)
    }
  } else for await (const line of byRequest(rows)) runtime.out(JSON.stringify(line))
  return 0
}

function formatOf(text = 'jsonl'): Export['format'] {
  if (text === 'jsonl' || text === 'csv') return text
  throw new UsageError(`\`--format ${text}\`: it is \`jsonl\` or \`csv\``)
}

function spanOf({ from, to }: { readonly from?: string; readonly to?: string }): LedgerSpan {
  const span = {
    ...(from !== undefined && { from: timeOf('from', from, beginOf(from)) }),
    ...(to !== undefined && { to: timeOf('to', to, endOf(to)) }),
  }
  if ((span.to ?? Infinity) <= (span.from ?? 0)) throw new UsageError('`--to` is before `--from`')
  return span
}

function timeOf(flag: string, text: string, time: number | undefined): number {
  if (time !== undefined) return time
  throw new UsageError(`\`--${flag} ${text}\`: give a day, \`2026-11-26\`, or an instant, \`2026-11-26T09:00:00Z\``)
}
