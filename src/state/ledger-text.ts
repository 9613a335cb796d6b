import { arrayAt, booleanAt, isObject, numberAt, parseJson, stringAt, type Json } from '#src/core/json.ts'
import { isPeriod } from '#src/core/key.ts'
import type { Booked, Paid } from '#src/core/ledger.ts'

/** Accounts with their periods, as stores keep them: `[["key/a","month",1764547200000]]`, null for a period that never ends. */
export function writeLines(lines: readonly Booked[]): string {
  return JSON.stringify(lines.map(({ account, per, ends }) => [account, per, Number.isFinite(ends) ? ends : null]))
}

/** What cannot be read is left out. */
export function readLines(text: string): readonly Booked[] {
  const lines = parseJson(text)
  return Array.isArray(lines) ? lines.flatMap(readLine) : []
}

function readLine(line: Json): readonly Booked[] {
  const [account, per, ends] = Array.isArray(line) ? line : []
  if (typeof account !== 'string' || !isPeriod(per)) return []
  return [{ account, per, ends: typeof ends === 'number' ? ends : Infinity }]
}

/** undefined: it is not what `JSON.stringify` wrote of it. */
export function readPaid(text: string): Paid | undefined {
  const value = parseJson(text)
  if (!isObject(value)) return undefined
  const tags = arrayAt(value, 'tags')?.filter((tag) => typeof tag === 'string')
  return {
    request: stringAt(value, 'request') ?? '',
    endpoint: stringAt(value, 'endpoint') ?? '',
    model: stringAt(value, 'model') ?? '',
    target: stringAt(value, 'target') ?? '',
    outcome: stringAt(value, 'outcome') ?? '',
    ...present(value, ['key', 'tenant', 'team', 'user'] as const, stringAt),
    ...present(value, ['input', 'cachedInput', 'output'] as const, numberAt),
    ...(tags && { tags }),
    ...(booleanAt(value, 'estimated') === true && { estimated: true as const }),
    ...(booleanAt(value, 'unpriced') === true && { unpriced: true as const }),
  }
}

function present<Name extends keyof Paid, Value>(
  value: Json,
  names: readonly Name[],
  read: (value: Json, name: string) => Value | undefined,
): Partial<Record<Name, Value>> {
  const found: Partial<Record<Name, Value>> = {}
  for (const name of names) {
    const one = read(value, name)
    if (one !== undefined) found[name] = one
  }
  return found
}
