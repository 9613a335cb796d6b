import type { Account } from '#src/core/adapter.ts'
import type { Failure } from '#src/core/failure.ts'
import { isObject, type Json, type JsonObject } from '#src/core/json.ts'

/** Shorter words are no secrets, and stand in ordinary sentences. */
const LEAST = 8
const REDACTED = '[redacted]'
/** Details that an upstream nests deeper are left out: nobody reads them, and writing them would exhaust the stack. */
const MAX_DEPTH = 16

/** What an upstream says of a failure, without what it was sent: upstreams quote keys and headers in their errors (law 12). */
export function withoutSecrets(failure: Failure, account: Account): Failure {
  const clean = redactorOf(account)
  const { details, param } = failure
  return {
    ...failure,
    message: clean(failure.message),
    type: clean(failure.type),
    code: failure.code === null ? null : clean(failure.code),
    ...(typeof param === 'string' && { param: clean(param) }),
    ...(details && { details: cleanObject(details, clean, MAX_DEPTH) }),
  }
}

/** A text without what the account was sent with. */
export function redactorOf(account: Account): (text: string) => string {
  const secrets = secretsOf(account)
  return (text) => secrets.reduce((rest, secret) => rest.replaceAll(secret, REDACTED), text)
}

/** The longest first, so that no part of one is left. */
function secretsOf({ apiKey, headers, secrets = [] }: Account): readonly string[] {
  const values = [apiKey ?? '', ...Object.values(headers), ...secrets]
  // `Bearer KEY`: the key alone is a secret too; and so is each line of a private key.
  const words = [...values, ...values.flatMap((value) => value.split('\n')).flatMap((line) => line.split(' '))]
  return [...new Set(words.filter((word) => word.length >= LEAST))].toSorted((a, b) => b.length - a.length)
}

function cleanObject(object: JsonObject, clean: (text: string) => string, depth: number): JsonObject {
  const entries = Object.entries(object).map(([name, value]) => [clean(name), cleanValue(value ?? null, clean, depth)])
  return Object.fromEntries(entries)
}

function cleanValue(value: Json, clean: (text: string) => string, depth: number): Json {
  if (typeof value === 'string') return clean(value)
  if (depth === 0 && typeof value === 'object') return null
  if (Array.isArray(value)) return value.map((item: Json) => cleanValue(item, clean, depth - 1))
  return isObject(value) ? cleanObject(value, clean, depth - 1) : value
}
