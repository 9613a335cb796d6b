import type { Write } from '#src/core/changes.ts'
import type { Dialect } from '#src/core/dialect.ts'
import { isObject, parseJson } from '#src/core/json.ts'
import type { Finder } from '#src/core/pii/types.ts'
import type { ApiRequest } from '#src/core/request.ts'
import { outputLimitsIn } from '#src/core/output-limits.ts'
import { placesIn, valueAt, writeAt, type Place } from '#src/core/setting.ts'
import type { Terms } from '#src/routing/terms.ts'
import { createRedactor, type Redactor } from './redactor.ts'

/** A request as the rules want it sent, and what of that the caller is told. */
export interface Changed {
  readonly request: ApiRequest
  /** For `x-tutti-warnings`. */
  readonly warnings: readonly string[]
}

/** How the rules change a request, in every form in which it is sent. */
export interface Change {
  /** The very request where they want nothing; all that they do not name stays byte for byte. */
  of(request: ApiRequest): Changed
  readonly redactor?: Redactor
}

/** What rules write into a request and take out of it. */
export function createChange(came: ApiRequest, dialect: Dialect, { terms, find }: Changing): Change {
  const redactor = terms.redaction && createRedactor(terms.redaction, came, find)
  return {
    ...(redactor && { redactor }),
    of(request) {
      const warnings: string[] = []
      let after = redactor?.request(request) ?? request
      for (const write of terms.writes) after = written(after, write, { dialect, warnings })
      return { request: after, warnings }
    },
  }
}

interface Changing {
  readonly terms: Terms
  readonly find: Finder
}

interface On {
  readonly dialect: Dialect
  readonly warnings: string[]
}

function written(request: ApiRequest, { setting, value, most, rules }: Write, { dialect, warnings }: On): ApiRequest {
  const by = `by ${rules.map((rule) => `\`${rule}\``).join(', ')}`
  // Forms have no settings that rules know, and what a dialect has no place for it does not do.
  const places = request.form ? [] : placesIn(request.body, dialect.settings?.[setting] ?? [])
  const due = most
    ? [...places, ...beside(request, places)].filter((place) => isOver(valueAt(request.body, place), value))
    : places
  if (places.length === 0 && !most) warnings.push(`\`${setting}\` has no place here and was not set ${by}`)
  if (due.length === 0) return request
  const text = due.reduce((before, place) => writeAt(before, place, value), request.text)
  const body = parseJson(text)
  if (!isObject(body)) throw new TypeError(`a request was not JSON any more once \`${setting}\` was written into it`)
  warnings.push(
    ...due.map((place) => `\`${place.join('.')}\` was ${most ? 'limited' : 'set'} to ${JSON.stringify(value)} ${by}`),
  )
  return { ...request, text, body }
}

/** Limits under names that are not the dialect's: an upstream may prefer one of them. */
function beside({ body, form }: ApiRequest, places: readonly Place[]): readonly Place[] {
  if (form) return []
  return outputLimitsIn(body).flatMap((name) => (places.some(([own]) => own === name) ? [] : [[name]]))
}

/** No number at all is over every cap, and so is one below 0, which is without end to those that take it. */
function isOver(value: unknown, most: unknown): boolean {
  return typeof value !== 'number' || typeof most !== 'number' || value > most || value < 0
}
