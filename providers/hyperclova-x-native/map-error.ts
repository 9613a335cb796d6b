import type { UpstreamFailure } from '#src/core/adapter.ts'
import { failure } from '#src/core/failure.ts'
import { numberAt, objectAt, stringAt, type JsonObject } from '#src/core/json.ts'
import type { UpstreamHead } from '#src/core/transport.ts'
import { readErrorBody, readErrorValue, type ErrorShape } from '#providers/openai-compatible/error-shape.ts'
import { mapError } from '#providers/openai-compatible/map-error.ts'

/** A refusal: `{ status: { code, message } }`, or the API gateway's `{ error: { errorCode, message } }`. Never throws. */
export function decodeError(head: UpstreamHead, body: string): UpstreamFailure {
  return mapError(head, head.status, known(readErrorBody(body)))
}

/** An error inside a 200. The first three digits of its code are an HTTP status. */
export function failureInside(value: JsonObject): UpstreamFailure {
  const status = Number(codeOf(value)?.slice(0, 3))
  return mapError(
    { status: 200, headers: {} },
    status >= 400 && status <= 599 ? status : 502,
    known(readErrorValue(value)),
  )
}

/** `status.code`: text of five digits, or a number. */
export function codeOf(value: JsonObject): string | undefined {
  const status = objectAt(value, 'status')
  return stringAt(status, 'code') ?? numberAt(status, 'code')?.toString()
}

/** An answer without its result. */
export function noResult(): UpstreamFailure {
  const message = 'the upstream gave an answer without a result'
  return { failure: failure('upstream_error', message), retry: 'next', why: message }
}

/** `Text too long`, and what says the same. */
function known(shape: ErrorShape): ErrorShape {
  return shape.message?.toLowerCase().includes('too long') ? { ...shape, code: 'context_length_exceeded' } : shape
}
