import type { Failure } from '#src/core/failure.ts'
import { errorObject } from '../openai/errors.ts'

/** A failure after the first byte of a stream: an event at which the official SDK raises its API error. No `response.completed` follows it. */
export function renderStreamError(failure: Failure): string {
  const { type: _type, ...error } = errorObject(failure)
  return `event: error\ndata: ${JSON.stringify({ type: 'error', ...error, error: errorObject(failure), sequence_number: 0 })}\n\n`
}
