import type { UpstreamFailure } from '#src/core/adapter.ts'
import { failure, type Failure } from '#src/core/failure.ts'
import { isObject, type Json, type JsonObject } from '#src/core/json.ts'
import type { UpstreamHead } from '#src/core/transport.ts'
import type { Quirks } from './definition.ts'
import { looksLikeError, readErrorBody, readErrorValue, type ErrorShape } from './error-shape.ts'
import { isOutOfQuota, isOverflow, isUnknownModel, isWrongKey, statusFromSigns } from './error-signs.ts'
import { redactKeys } from './redact-keys.ts'
import { retryAfterMs } from './retry-after.ts'

/** Statuses of an upstream that the caller gets as they are; every 5xx too. */
const PASSED = new Set([400, 404, 408, 409, 413, 422, 429])
/** What other refusals mean to the caller. */
const INSTEAD: Readonly<Record<number, number>> = {
  405: 404,
  410: 404,
  414: 413,
  425: 503,
  431: 413,
  498: 503,
  499: 502,
}
const SAME = new Set([408, 425, 429])
const NO_HEAD: UpstreamHead = { status: 200, headers: {} }

/** An upstream's 3xx, 4xx or 5xx as a failure in tutti's form, and who may be asked again. Never throws. */
export function decodeError(head: UpstreamHead, body: string, quirks: Quirks): UpstreamFailure {
  const shape = readErrorBody(body)
  const overflow =
    quirks.emptyBadRequestIsOverflow && body.trim() === '' && (head.status === 400 || head.status === 413)
  return mapError(
    head,
    head.status,
    overflow ? { ...shape, code: 'context_length_exceeded', message: 'the prompt is too long' } : shape,
  )
}

/** The error that an answer or an event of status 200 is, or carries; undefined: it is none. */
export function failureInside(value: JsonObject, event: string | undefined): UpstreamFailure | undefined {
  if (event !== 'error' && !looksLikeError(value)) return undefined
  const shape = readErrorValue(value)
  return mapError(NO_HEAD, shape.status ?? statusFromSigns(shape), shape)
}

/** An event that is no JSON object. */
export function brokenEvent(text: string): UpstreamFailure {
  const message = 'the upstream sent an event that is not JSON'
  const shape = readErrorBody(text)
  const known = statusFromSigns(shape)
  return known === 502
    ? { failure: failure('upstream_error', message), retry: 'next', why: message }
    : mapError(NO_HEAD, known, shape)
}

/** A choice that ended in an error: its own error object if it has one, else what the finish reason says. */
export function unfinished(raw: string | undefined, error: Json | undefined): UpstreamFailure {
  const shape = isObject(error) ? readErrorValue({ error }) : { more: {} }
  const message = shape.message ?? `the upstream ended its answer with \`${raw ?? 'error'}\``
  return mapError(NO_HEAD, shape.status ?? statusFromSigns(shape), { ...shape, message })
}

/** An error whose status and shape are known, as a failure in tutti's form. */
export function mapError(head: UpstreamHead, status: number, shape: ErrorShape): UpstreamFailure {
  if (status === 401 || status === 402 || status === 403 || (status < 500 && isWrongKey(shape))) return ours(status)
  if (status === 429) return tooMany(head, shape)
  const mapped = statusFor(status)
  const wait = retryAfterMs(head, shape)
  return {
    failure: {
      ...asFailure(mapped, status, shape),
      ...(wait === undefined || mapped < 500 ? {} : { retryAfterMs: wait }),
    },
    retry: retryFor(status, shape),
  }
}

/** Credentials, money and rights are the operator's: the caller learns that, and nothing of the upstream's text. */
function ours(status: number): UpstreamFailure {
  const what = status === 402 ? 'has no credit left' : status === 403 ? 'has no right to this' : 'was not accepted'
  const message = `the account that tutti uses at the upstream ${what} (${status})`
  return { failure: failure('upstream_error', message, { upstreamStatus: status }), retry: 'next' }
}

function tooMany(head: UpstreamHead, shape: ErrorShape): UpstreamFailure {
  const base = asFailure(429, 429, shape)
  if (isOutOfQuota(shape)) {
    const code = base.code ?? 'insufficient_quota'
    return { failure: { ...base, code, type: 'insufficient_quota', shouldRetry: false }, retry: 'next' }
  }
  const wait = retryAfterMs(head, shape)
  return {
    failure: {
      ...base,
      // Its own word (OpenAI's `tokens` and `requests`), unless that blames the request.
      type: base.type === 'invalid_request_error' ? 'rate_limit_error' : base.type,
      code: base.code ?? 'rate_limit_exceeded',
      ...(wait === undefined ? {} : { retryAfterMs: wait }),
    },
    retry: 'same',
  }
}

function asFailure(status: number, upstreamStatus: number, shape: ErrorShape): Failure {
  const fallback = status >= 500 ? 'server_error' : 'invalid_request_error'
  const more = Object.keys(shape.more).length > 0 ? { details: shape.more } : {}
  return {
    status,
    code: shape.code ?? codeFor(status, shape),
    type: status >= 500 && shape.type === 'invalid_request_error' ? fallback : (shape.type ?? fallback),
    message: redactKeys(shape.message ?? `the upstream answered ${upstreamStatus} without saying why`),
    param: shape.param ?? null,
    upstreamStatus,
    ...more,
  }
}

/** A code where the upstream gave none. */
function codeFor(status: number, shape: ErrorShape): string | null {
  if (isOverflow(shape)) return 'context_length_exceeded'
  return status >= 500 ? 'upstream_error' : null
}

function statusFor(status: number): number {
  if (PASSED.has(status) || (status >= 500 && status <= 599)) return status
  return INSTEAD[status] ?? (status > 400 && status < 500 && status !== 415 ? 400 : 502)
}

function retryFor(status: number, shape: ErrorShape): UpstreamFailure['retry'] {
  if (isOverflow(shape) || isUnknownModel(shape)) return 'next'
  // What it cannot do now it cannot do a second later.
  if (status === 501 || status === 505) return 'next'
  if (SAME.has(status) || status >= 500) return 'same'
  return status === 400 || status === 409 || status === 422 ? 'no' : 'next'
}
