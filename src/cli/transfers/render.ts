import { stringAt, parseJson } from '#src/core/json.ts'
import type { Transfer, Wanted } from './register.ts'

const COLUMNS = [
  'caller',
  'personal data',
  'recipient',
  'country',
  'processed in',
  'target',
  'told to ask',
  'requests',
  'attempts',
  'input tokens',
  'output tokens',
  'first',
  'last',
  'why permitted',
  'permitted by epoch',
] as const

/** What is not known is said: an auditor must not read it as nothing. */
const UNKNOWN = 'unknown'

function cellsOf(row: Transfer): readonly string[] {
  const { key, operator, operatorCountry, region, target, told } = row
  return [
    key ?? '(no key)',
    dataOf(row),
    operator ?? UNKNOWN,
    operatorCountry ?? UNKNOWN,
    region ?? UNKNOWN,
    target,
    told ?? '',
    ...[row.requests, row.attempts, row.inputTokens, row.outputTokens].map(String),
    row.first,
    row.last,
    basesOf(row).join('; '),
    [...row.epochs].toSorted().join(' '),
  ]
}

/** What a rule took out did not leave with the request. */
function dataOf({ pii, redacted }: Transfer): string {
  if (pii === undefined) return 'not looked for'
  const all = pii.map((type) => (redacted.includes(type) ? `${type} (taken out)` : type))
  return all.length === 0 ? 'none found' : all.join(', ')
}

function basesOf({ permitted }: Transfer): readonly string[] {
  const bases = permitted === undefined ? undefined : parseJson(permitted)
  if (!Array.isArray(bases)) return ['no rule denied it']
  return bases.map((one) => `${stringAt(one, 'basis')} (rule ${stringAt(one, 'rule')})`)
}

/** RFC 4180. */
export function transfersCsv(rows: readonly Transfer[]): string {
  const line = (cells: readonly string[]): string => cells.map(csvCell).join(',')
  return [line(COLUMNS), ...rows.map((row) => line(cellsOf(row)))].join('\r\n')
}

/** A cell that a spreadsheet would take for a formula is text all the same. */
function csvCell(text: string): string {
  const safe = '=+-@\t'.includes(text.charAt(0)) && text !== '' ? `'${text}` : text
  return [...'",\r\n'].some((mark) => safe.includes(mark)) ? `"${safe.replaceAll('"', '""')}"` : safe
}

export function transfersJson(rows: readonly Transfer[], wanted: Wanted): object {
  return {
    from: wanted.from,
    until: wanted.until,
    home: [...wanted.home],
    transfers: rows.map((row) => ({
      key: row.key ?? null,
      pii: row.pii ?? null,
      redacted: row.redacted,
      operator: row.operator ?? null,
      operator_country: row.operatorCountry ?? null,
      region: row.region ?? null,
      target: row.target,
      transfer: row.permitted === undefined ? null : parseJson(row.permitted),
      told: row.told === undefined ? null : parseJson(row.told),
      requests: row.requests,
      attempts: row.attempts,
      input_tokens: row.inputTokens,
      output_tokens: row.outputTokens,
      first: row.first,
      last: row.last,
      epochs: [...row.epochs].toSorted(),
    })),
  }
}

/** For people: what the register holds, and what a register under PIPA Article 28-8 needs that no log can know. */
export function transfersText(rows: readonly Transfer[], { from, until, home }: Wanted): string {
  const head = [
    `transfers out of ${[...home].join(', ')}, ${from} to ${until}`,
    'Method: HTTPS at the time of each request. Where no basis is named, no rule of the epoch denied it.',
    'Not in a log: the purpose, how long the recipient keeps it, and how people refuse; add them by hand.',
  ]
  if (rows.length === 0) return [...head, '', 'none'].join('\n')
  const body = rows.map((row) => {
    const cells = cellsOf(row)
    return COLUMNS.flatMap((name, index) => (cells[index] === '' ? [] : [`  ${name}: ${cells[index] ?? ''}`])).join(
      '\n',
    )
  })
  return [...head, '', body.join('\n\n')].join('\n')
}
