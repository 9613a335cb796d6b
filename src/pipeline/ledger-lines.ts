import type { LedgerRow, Paid } from '#src/core/ledger.ts'
import { toUsdNumber } from '#src/core/money.ts'

/** A request with its attempts, as it is exported: one line of JSON. */
export interface RequestLine {
  readonly request: string
  readonly time: string
  readonly [name: string]: unknown
}

/** ms after its last attempt's row for which a request may have another one. */
const OVER_AFTER = 3_600_000

/**
 * Rows gathered by request, in the order in which requests are over: what no row was written for within an hour is. Rows that are booked for
 * another shard's are passed over.
 */
export async function* byRequest(rows: AsyncIterable<LedgerRow>): AsyncGenerator<RequestLine> {
  const open = new Map<string, (LedgerRow & { readonly paid: Paid })[]>()
  for await (const { paid, ...row } of rows) {
    if (!paid) continue
    for (const [request, attempts] of open) {
      if ((attempts.at(-1)?.at ?? 0) > row.at - OVER_AFTER) break
      open.delete(request)
      yield lineOf(request, attempts)
    }
    const attempts = open.get(paid.request) ?? []
    open.delete(paid.request)
    open.set(paid.request, [...attempts, { ...row, paid }])
  }
  for (const [request, attempts] of open) yield lineOf(request, attempts)
}

function lineOf(request: string, rows: readonly (LedgerRow & { readonly paid: Paid })[]): RequestLine {
  const [first] = rows
  const last = rows.at(-1)
  const { key, tenant, team, user, tags, model, endpoint } = { ...first?.paid }
  return {
    request,
    time: new Date(last?.at ?? 0).toISOString(),
    ...(key !== undefined && { key }),
    ...(tenant !== undefined && { tenant }),
    ...(team !== undefined && { team }),
    ...(user !== undefined && { user }),
    ...(tags && { tags }),
    endpoint,
    model,
    outcome: last?.paid.outcome,
    cost_usd: toUsdNumber(rows.reduce((sum, { bill }) => sum + bill, 0n)),
    attempts: rows.map(attemptOf),
  }
}

function attemptOf({ id, at, bill, paid }: LedgerRow & { readonly paid: Paid }): object {
  const { target, outcome, input, cachedInput, output, estimated, unpriced } = paid
  return {
    id,
    time: new Date(at).toISOString(),
    target,
    outcome,
    ...(input !== undefined && { input_tokens: input }),
    ...(cachedInput !== undefined && { cached_input_tokens: cachedInput }),
    ...(output !== undefined && { output_tokens: output }),
    cost_usd: unpriced ? 'unknown' : toUsdNumber(bill),
    ...(estimated && { estimated }),
  }
}

const COLUMNS = [
  'id',
  'request',
  'time',
  'key',
  'tenant',
  'team',
  'user',
  'tags',
  'endpoint',
  'model',
  'target',
  'outcome',
  'input_tokens',
  'cached_input_tokens',
  'output_tokens',
  'cost_usd',
  'estimated',
] as const

export const CSV_HEAD = COLUMNS.join(',')

/** One attempt as a line of CSV (RFC 4180); undefined: it is booked for another shard's row. */
export function csvOf({ id, at, bill, paid }: LedgerRow): string | undefined {
  if (!paid) return undefined
  const cells: Record<(typeof COLUMNS)[number], string | number | undefined> = {
    ...paid,
    id,
    time: new Date(at).toISOString(),
    key: paid.key,
    tenant: paid.tenant,
    team: paid.team,
    user: paid.user,
    tags: paid.tags?.join(' '),
    input_tokens: paid.input,
    cached_input_tokens: paid.cachedInput,
    output_tokens: paid.output,
    cost_usd: paid.unpriced ? 'unknown' : toUsdNumber(bill),
    estimated: paid.estimated ? 'true' : undefined,
  }
  return COLUMNS.map((column) => cell(cells[column])).join(',')
}

/** What a spreadsheet would take for a formula is text. */
function cell(value: string | number | undefined): string {
  if (value === undefined) return ''
  const text = typeof value === 'string' && '=+-@\t\r'.includes(value.charAt(0)) ? `'${value}` : String(value)
  return text.includes(',') || text.includes('"') || text.includes('\n') || text.includes('\r')
    ? `"${text.replaceAll('"', '""')}"`
    : text
}
