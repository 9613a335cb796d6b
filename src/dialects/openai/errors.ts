import type { RenderedFailure } from '#src/core/dialect.ts'
import type { Failure } from '#src/core/failure.ts'
import type { JsonObject } from '#src/core/json.ts'
import { failureHeaders } from '../shared/failure-headers.ts'

/** The event that ends a whole stream, and only a whole one. */
export const DONE = 'data: [DONE]\n\n'

/** A failure as OpenAI writes it: the official SDK raises the class that belongs to the status. */
export function renderFailure(failure: Failure, requestId?: string): RenderedFailure {
  const headers = failureHeaders(failure)
  if (requestId !== undefined) {
    headers['x-tutti-request-id'] = requestId
    headers['x-request-id'] = requestId
  }
  return { status: failure.status, headers, body: JSON.stringify({ error: errorObject(failure) }) }
}

/** A failure after the first byte of a stream: an event at which the official SDK raises an APIError. No `[DONE]` follows it. */
export function renderStreamError(failure: Failure): string {
  return `data: ${JSON.stringify({ error: errorObject(failure) })}\n\n`
}

/** The error object of every form in which OpenAI writes a failure. */
export function errorObject(failure: Failure): JsonObject {
  const { message, type, param = null, code } = failure
  return { message, type, param, code, ...omitOwn(failure.details) }
}

/** Details add members; they never stand in the place of the four that every error has. */
function omitOwn(details: JsonObject = {}): JsonObject {
  const { message: _message, type: _type, param: _param, code: _code, ...more } = details
  return more
}
