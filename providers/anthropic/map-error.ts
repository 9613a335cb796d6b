import type { UpstreamFailure } from '#src/core/adapter.ts'
import { objectAt, stringAt, type JsonObject } from '#src/core/json.ts'
import type { UpstreamHead } from '#src/core/transport.ts'
import { readErrorBody, readErrorValue, type ErrorShape } from '#providers/openai-compatible/error-shape.ts'
import { mapError } from '#providers/openai-compatible/map-error.ts'

/** Statuses that Anthropic's types stand for, where an error comes inside a 200. */
const STATUS: Readonly<Record<string, number>> = {
  invalid_request_error: 400,
  authentication_error: 401,
  billing_error: 402,
  permission_error: 403,
  not_found_error: 404,
  request_too_large: 413,
  rate_limit_error: 429,
  api_error: 500,
  timeout_error: 504,
  overloaded_error: 529,
}

/** Limits that no waiting lifts, by their stable codes. */
const SPENT = ['enforced_spend_limit_reached', 'contract_spend_limit_reached']
/** Says 400 and means the operator's account. */
const NO_CREDIT = 'credit balance is too low'

/** A refusal of Anthropic's. Never throws. */
export function decodeError(head: UpstreamHead, body: string): UpstreamFailure {
  return mapped(head, head.status, readErrorBody(body))
}

/** The error that an event or an answer of status 200 is. */
export function failureInside(value: JsonObject): UpstreamFailure {
  const type = stringAt(objectAt(value, 'error'), 'type') ?? ''
  return mapped({ status: 200, headers: {} }, STATUS[type] ?? 502, readErrorValue(value))
}

function mapped(head: UpstreamHead, status: number, shape: ErrorShape): UpstreamFailure {
  const code = stringAt(objectAt(shape.more, 'details'), 'error_code')
  const own = code === undefined ? shape : { ...shape, code }
  if (status === 400 && shape.message?.toLowerCase().includes(NO_CREDIT)) return mapError(head, 402, own)
  if (code !== undefined && SPENT.includes(code)) return mapError(head, status, { ...own, code: 'insufficient_quota' })
  return mapError(head, status, own)
}
