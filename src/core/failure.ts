import type { JsonObject } from './json.ts'
import { StateUnavailable } from './state-unavailable.ts'

/** tutti's own error codes (INTERFACE.md section 3). An upstream's own code travels as it came. */
export type FailureCode =
  | 'invalid_request_error'
  | 'invalid_api_key'
  | 'model_not_found'
  | 'policy_denied'
  | 'policy_error'
  | 'policy_conflict'
  | 'request_too_large'
  | 'unsupported_encoding'
  | 'rate_limit_exceeded'
  | 'budget_exceeded'
  | 'upstream_error'
  | 'served_model_mismatch'
  | 'no_capable_target'
  | 'no_healthy_target'
  | 'overloaded'
  | 'state_unavailable'
  | 'upstream_timeout'
  | 'not_found'
  | 'not_in_this_version'
  | 'internal_error'

export type FailureType =
  | 'invalid_request_error'
  | 'permission_error'
  | 'rate_limit_error'
  | 'insufficient_quota'
  | 'server_error'

/** Why a request was not answered, in no dialect yet: a renderer turns it into the caller's. */
export interface Failure {
  readonly status: number
  readonly code: string | null
  readonly type: string
  readonly message: string
  readonly param?: string | null
  readonly retryAfterMs?: number
  /** false: `x-should-retry: false`, so that an SDK does not try again. */
  readonly shouldRetry?: boolean
  /** The status that the upstream gave, where it is not ours. */
  readonly upstreamStatus?: number
  /** For the operator's log only: never rendered. */
  readonly cause?: unknown
  /** More members of the error object: `rule`, `rules`, `reason`. */
  readonly details?: JsonObject
}

/** A failure on its way through code that returns something else. */
export class FailureError extends Error {
  readonly failure: Failure
  constructor(failure: Failure, options?: ErrorOptions) {
    super(failure.message, options)
    this.name = 'FailureError'
    this.failure = failure
  }
}

const STATUS: Record<FailureCode, number> = {
  invalid_request_error: 400,
  invalid_api_key: 401,
  model_not_found: 404,
  policy_denied: 403,
  policy_error: 403,
  policy_conflict: 403,
  request_too_large: 413,
  unsupported_encoding: 415,
  rate_limit_exceeded: 429,
  budget_exceeded: 429,
  upstream_error: 502,
  served_model_mismatch: 502,
  no_capable_target: 400,
  no_healthy_target: 503,
  overloaded: 503,
  state_unavailable: 503,
  upstream_timeout: 504,
  not_found: 404,
  not_in_this_version: 501,
  internal_error: 500,
}

export function isFailureCode(code: string | null): code is FailureCode {
  return code !== null && Object.hasOwn(STATUS, code)
}

/** A failure of tutti's own, with the status and type that its code has. */
export function failure(code: FailureCode, message: string, more: Partial<Failure> = {}): Failure {
  const status = STATUS[code]
  return { status, code, type: typeOf(code, status), message, ...more }
}

/** What was sent cannot be taken: 400. `param`: the field that is wrong. */
export function badRequest(message: string, param: string | null = null): FailureError {
  return new FailureError(failure('invalid_request_error', message, { param }))
}

/** A thrown thing as a failure; what is not one of ours says nothing about the inside. */
export function toFailure(error: unknown): Failure {
  if (error instanceof FailureError) return error.failure
  if (error instanceof StateUnavailable)
    return failure('state_unavailable', `the state does not answer: ${error.why}`, { cause: error, retryAfterMs: 1000 })
  return failure('internal_error', 'something went wrong inside the gateway', { cause: error })
}

function typeOf(code: FailureCode, status: number): FailureType {
  if (code === 'budget_exceeded') return 'insufficient_quota'
  if (status === 429) return 'rate_limit_error'
  if (status === 403) return 'permission_error'
  return status >= 500 ? 'server_error' : 'invalid_request_error'
}
