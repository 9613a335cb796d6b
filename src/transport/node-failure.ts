import type { TransportFailure } from '#src/core/transport.ts'
import { RefusedAddress } from './node-lookup.ts'

const CONNECT_TIMEOUTS: ReadonlySet<string> = new Set([
  'UND_ERR_CONNECT_TIMEOUT',
  'UND_ERR_HEADERS_TIMEOUT',
  'ETIMEDOUT',
])

/**
 * An error of undici or of a socket, named. `started`: the request was handed to a connection. From then on it may have been seen,
 * also where a kept connection was closed before any byte of the answer.
 */
export function failureOf(error: Error, started: boolean): TransportFailure {
  const refused = find(error, (one) => one instanceof RefusedAddress)
  if (refused instanceof RefusedAddress) return refused.failure
  const text = textOf(error)
  if (started) return { code: 'closed', message: `the connection broke (${text})`, sentNothing: false, cause: error }
  const timedOut = CONNECT_TIMEOUTS.has(codeOf(error))
  return timedOut
    ? { code: 'connect_timeout', message: `no connection in time (${text})`, sentNothing: true, cause: error }
    : { code: 'connect_failed', message: `no connection (${text})`, sentNothing: true, cause: error }
}

/** An error for several addresses has no text of its own. */
function textOf(error: Error): string {
  const code = codeOf(error)
  const first = error instanceof AggregateError ? error.errors.find((one) => one instanceof Error) : undefined
  const message = error.message !== '' ? error.message : first instanceof Error ? first.message : ''
  return message === '' ? code : message
}

function codeOf(error: Error): string {
  return 'code' in error && typeof error.code === 'string' ? error.code : error.name
}

function find(error: unknown, wanted: (error: Error) => boolean): Error | undefined {
  for (let current = error; current instanceof Error; current = current.cause) if (wanted(current)) return current
  return undefined
}
