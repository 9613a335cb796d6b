import type { RenderedFailure } from '#src/core/dialect.ts'
import type { Failure } from '#src/core/failure.ts'
import type { JsonObject } from '#src/core/json.ts'
import { failureHeaders } from '../shared/failure-headers.ts'

/** Anthropic's word for a status: its SDK chooses the class by the status, people and other clients read the word. */
const TYPES: ReadonlyMap<number, string> = new Map([
  [401, 'authentication_error'],
  [402, 'billing_error'],
  [403, 'permission_error'],
  [404, 'not_found_error'],
  [409, 'conflict_error'],
  [413, 'request_too_large'],
  [429, 'rate_limit_error'],
  [503, 'overloaded_error'],
  [504, 'timeout_error'],
  [529, 'overloaded_error'],
])

/** A failure as Anthropic writes it. */
export function renderFailure(failure: Failure, requestId?: string): RenderedFailure {
  const headers = failureHeaders(failure)
  if (requestId !== undefined) {
    headers['x-tutti-request-id'] = requestId
    headers['request-id'] = requestId
  }
  const body = { ...errorObject(failure), ...(requestId !== undefined && { request_id: requestId }) }
  return { status: failure.status, headers, body: JSON.stringify(body) }
}

/** A failure after the first byte of a stream: an event at which the official SDK raises an APIError. No `message_stop` follows it. */
export function renderStreamError(failure: Failure): string {
  return `event: error\ndata: ${JSON.stringify(errorObject(failure))}\n\n`
}

/** The code stands where Anthropic has its stable ones, beside what belongs to it. */
function errorObject({ status, code, message, param, details = {} }: Failure): JsonObject {
  const { message: _message, type: _type, error_code: _code, ...more } = details
  const type = TYPES.get(status) ?? (status >= 500 ? 'api_error' : 'invalid_request_error')
  const own = {
    ...(code !== null && { error_code: code }),
    ...(typeof param === 'string' && { param }),
    ...more,
  }
  return { type: 'error', error: { type, message, ...(Object.keys(own).length > 0 && { details: own }) } }
}
