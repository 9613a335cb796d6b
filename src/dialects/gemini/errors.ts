import type { RenderedFailure } from '#src/core/dialect.ts'
import type { Failure } from '#src/core/failure.ts'
import { arrayAt, stringAt, type Json, type JsonObject } from '#src/core/json.ts'
import { failureHeaders } from '../shared/failure-headers.ts'

/** Google's word for a status (google.rpc.Code); its SDK goes by the number, people read the word. */
const WORDS: Readonly<Record<number, string>> = {
  401: 'UNAUTHENTICATED',
  403: 'PERMISSION_DENIED',
  404: 'NOT_FOUND',
  408: 'DEADLINE_EXCEEDED',
  409: 'ABORTED',
  429: 'RESOURCE_EXHAUSTED',
  500: 'INTERNAL',
  501: 'UNIMPLEMENTED',
  502: 'UNAVAILABLE',
  503: 'UNAVAILABLE',
  504: 'DEADLINE_EXCEEDED',
}

/** A failure as Google writes it. */
export function renderFailure(failure: Failure): RenderedFailure {
  return { status: failure.status, headers: failureHeaders(failure), body: errorText(failure) }
}

/** A failure after the first byte of a stream: an event at which the official SDK raises its ApiError. */
export function renderStreamError(failure: Failure): string {
  return `data: ${errorText(failure)}\r\n\r\n`
}

/** The error's JSON text. */
export function errorText(failure: Failure): string {
  return JSON.stringify({ error: errorObject(failure) })
}

/** An upstream that is Google's has its own word and details: they stay, tutti's come behind. */
function errorObject({ status, message, code, param, type, retryAfterMs, details = {} }: Failure): JsonObject {
  const { details: theirs, status: word, ...more } = details
  const own = [...(arrayAt({ theirs }, 'theirs') ?? []), infoOf({ code, type, more })]
  if (typeof param === 'string') own.push(badRequest(param, message))
  if (retryAfterMs !== undefined && !own.some((one) => stringAt(one, 'retryDelay') !== undefined))
    own.push({ '@type': `${TYPES}RetryInfo`, retryDelay: `${Math.ceil(Math.max(0, retryAfterMs) / 1000)}s` })
  const known = typeof word === 'string' ? word : (WORDS[status] ?? (status >= 500 ? 'INTERNAL' : 'INVALID_ARGUMENT'))
  return { code: status, message, status: known, details: own }
}

const TYPES = 'type.googleapis.com/google.rpc.'

interface Info {
  readonly code: string | null
  readonly type: string
  readonly more: JsonObject
}

/** tutti's own code, and whatever says more (`rule`, `reason`). Google's metadata are texts. */
function infoOf({ code, type, more }: Info): JsonObject {
  const metadata = Object.entries(more).map(([key, value]) => [key, textOf(value ?? null)] as const)
  return {
    '@type': `${TYPES}ErrorInfo`,
    reason: code ?? type,
    domain: 'tutti',
    metadata: Object.fromEntries([['type', type], ...metadata]),
  }
}

function textOf(value: Json): string {
  return typeof value === 'string' ? value : JSON.stringify(value)
}

function badRequest(field: string, description: string): JsonObject {
  return { '@type': `${TYPES}BadRequest`, fieldViolations: [{ field, description }] }
}
