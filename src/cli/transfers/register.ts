import { compare } from '#src/core/compare.ts'
import { arrayAt, isObject, numberAt, objectAt, stringAt, type Json, type JsonObject } from '#src/core/json.ts'

/** Whose transfers are wanted: from the first moment on, before the last, seen from these countries. */
export interface Wanted {
  /** ISO times, the second one exclusive. */
  readonly from: string
  readonly until: string
  /** ISO 3166 alpha-2, upper case. */
  readonly home: ReadonlySet<string>
}

/** Everything that one caller sent to one target, of one class of data. What is not known is absent: it is never taken for home. */
export interface Transfer {
  readonly key?: string
  readonly target: string
  readonly operator?: string
  readonly operatorCountry?: string
  readonly region?: string
  /** Types of personal data that were found, sorted; absent: nobody looked. */
  readonly pii?: readonly string[]
  /** Those of them that rules took out of the request, sorted. */
  readonly redacted: readonly string[]
  /** On which basis, by each rule about transfers: a list of `{ rule, basis }` as JSON. */
  readonly permitted?: string
  /** Whom an upstream that sends requests on was told to ask. */
  readonly told?: string
  requests: number
  attempts: number
  /** Of answers. */
  inputTokens: number
  outputTokens: number
  first: string
  last: string
  /** The configurations that let them through. */
  readonly epochs: Set<string>
}

/** The register, filled line by line. */
export interface Register {
  /** A line of a log, parsed; what is no decision is left out. */
  add(record: Json): void
  /** Sorted by caller, target and class. */
  rows(): readonly Transfer[]
  /** Decisions in the period, and attempts of them that stayed at home. */
  readonly seen: { decisions: number; atHome: number }
}

/** Outcomes of attempts that sent nothing, and what the reason of one begins with that found nobody to send to. */
const UNSENT: ReadonlySet<string> = new Set(['denied', 'over_budget', 'over_limit'])
const UNMET = 'connect_failed'

export function createRegister(wanted: Wanted): Register {
  const rows = new Map<string, Transfer>()
  const seen = { decisions: 0, atHome: 0 }
  return {
    seen,
    add(record) {
      const time = stringAt(record, 'time')
      if (!isObject(record) || time === undefined || stringAt(record, 'outcome') === undefined) return
      if (time < wanted.from || time >= wanted.until) return
      seen.decisions++
      const counted = new Set<string>()
      for (const attempt of arrayAt(record, 'attempts') ?? []) {
        const target = stringAt(attempt, 'target')
        if (target === undefined || !wasSent(attempt)) continue
        const candidate = candidateOf(record, target)
        if (isAtHome(candidate, wanted.home)) seen.atHome++
        else book({ record, time, target, candidate, rows, counted })
      }
    },
    rows: () => [...rows].toSorted(([a], [b]) => compare(a, b)).map(([, row]) => row),
  }
}

function wasSent(attempt: Json): boolean {
  const [outcome, reason] = [stringAt(attempt, 'outcome') ?? '', stringAt(attempt, 'reason') ?? '']
  return !UNSENT.has(outcome) && !reason.startsWith(UNMET)
}

interface Booking {
  readonly record: JsonObject
  readonly time: string
  readonly target: string
  readonly candidate: JsonObject
  readonly rows: Map<string, Transfer>
  /** Rows in which this request is counted. */
  readonly counted: Set<string>
}

function book({ record, time, target, candidate, rows, counted }: Booking): void {
  const fresh = transferOf(record, candidate, { target, time })
  const { key, operator, region, pii, redacted, permitted, told } = fresh
  const name = JSON.stringify([
    key ?? '',
    target,
    operator ?? '',
    fresh.operatorCountry ?? '',
    region ?? '',
    pii ?? null,
    redacted,
    permitted ?? '',
    told ?? '',
  ])
  const row = rows.get(name) ?? fresh
  rows.set(name, row)
  row.attempts++
  if (!counted.has(name)) row.requests++
  counted.add(name)
  if (time < row.first) row.first = time
  if (time > row.last) row.last = time
  const epoch = stringAt(record, 'epoch')
  if (epoch !== undefined) row.epochs.add(epoch)
  if (stringAt(record, 'served_by') !== target) return
  row.inputTokens += numberAt(record['usage'], 'input_tokens') ?? 0
  row.outputTokens += numberAt(record['usage'], 'output_tokens') ?? 0
}

function transferOf(
  record: JsonObject,
  candidate: JsonObject,
  at: { readonly target: string; readonly time: string },
): Transfer {
  const key = stringAt(record, 'key')
  const [operator, country, region] = ['operator', 'operator_country', 'region'].map((name) =>
    stringAt(candidate, name),
  )
  const pii = arrayAt(objectAt(record, 'request'), 'pii')?.filter((type) => typeof type === 'string')
  const redacted = arrayAt(objectAt(record, 'redacted'), 'types')?.filter((type) => typeof type === 'string')
  const permitted = arrayAt(candidate, 'transfer')
  const told = objectAt(candidate, 'told')
  return {
    target: at.target,
    ...(key !== undefined && { key }),
    ...(operator !== undefined && { operator }),
    ...(country !== undefined && { operatorCountry: country }),
    ...(region !== undefined && { region }),
    ...(pii && { pii }),
    redacted: redacted?.toSorted() ?? [],
    ...(permitted && { permitted: JSON.stringify(permitted) }),
    ...(told && { told: JSON.stringify(told) }),
    requests: 0,
    attempts: 0,
    inputTokens: 0,
    outputTokens: 0,
    first: at.time,
    last: at.time,
    epochs: new Set(),
  }
}

function candidateOf(record: JsonObject, target: string): JsonObject {
  const found = (arrayAt(record, 'candidates') ?? []).find((candidate) => stringAt(candidate, 'target') === target)
  return isObject(found) ? found : {}
}

/** In the house, or processed at home by an operator of home; whatever of it is not known might be elsewhere. */
function isAtHome(candidate: JsonObject, home: ReadonlySet<string>): boolean {
  if (candidate['local'] === true) return true
  const [region, country] = [stringAt(candidate, 'region'), stringAt(candidate, 'operator_country')]
  return (
    region !== undefined && country !== undefined && home.has(region.toUpperCase()) && home.has(country.toUpperCase())
  )
}
