import type { UpstreamFailure } from '#src/core/adapter.ts'
import { failure } from '#src/core/failure.ts'
import { objectAt, stringAt, type JsonObject } from '#src/core/json.ts'
import type { UpstreamHead } from '#src/core/transport.ts'
import { readErrorBody, readErrorValue, type ErrorShape } from '#providers/openai-compatible/error-shape.ts'
import { statusFromSigns } from '#providers/openai-compatible/error-signs.ts'
import { mapError } from '#providers/openai-compatible/map-error.ts'

/** Statuses that Anthropic's types stand for, where an error comes inside a 200. */
const STATUS: ReadonlyMap<string, number> = new Map([
  ['invalid_request_error', 400],
  ['authentication_error', 401],
  ['billing_error', 402],
  ['permission_error', 403],
  ['not_found_error', 404],
  ['request_too_large', 413],
  ['rate_limit_error', 429],
  ['api_error', 500],
  ['timeout_error', 504],
  ['overloaded_error', 529],
])

/** Limits that no waiting lifts, by their stable codes. */
const SPENT: ReadonlySet<string> = new Set(['enforced_spend_limit_reached', 'contract_spend_limit_reached'])
/** Says 400 and means the operator's account. */
const NO_CREDIT = 'credit balance is too low'
/** Beside the words that all vendors have for it. */
const TOO_LONG = 'exceed context limit'

/** A refusal of Anthropic's. Never throws. */
export function decodeError(head: UpstreamHead, body: string): UpstreamFailure {
  return mapped(head, head.status, readErrorBody(body))
}

/** The error that an event or an answer of status 200 is. */
export function failureInside(value: JsonObject): UpstreamFailure {
  const shape = readErrorValue(value)
  const status = STATUS.get(shape.type ?? '') ?? shape.status ?? statusFromSigns(shape)
  return mapped({ status: 200, headers: {} }, status, shape)
}

/** Events that cannot follow each other: two streams in one, or one that has lost a part. */
export function outOfOrder(): UpstreamFailure {
  return unusable('the upstream sent an event that cannot stand where it stands')
}

/** A 200 that is no message. */
export function noMessage(): UpstreamFailure {
  return unusable('the upstream sent an answer that is no message')
}

function unusable(message: string): UpstreamFailure {
  return { failure: failure('upstream_error', message), retry: 'next', why: message }
}

function mapped(head: UpstreamHead, status: number, shape: ErrorShape): UpstreamFailure {
  const own = withCode(shape)
  const said = (shape.message ?? '').toLowerCase()
  if (status === 400 && said.includes(NO_CREDIT)) return mapError(head, 402, own)
  if (status === 400 && own.code === undefined && said.includes(TOO_LONG)) {
    return mapError(head, status, { ...own, code: 'context_length_exceeded' })
  }
  // The type is what tells a limit that no waiting lifts from one that it does.
  return mapError(
    head,
    status,
    own.code !== undefined && SPENT.has(own.code) ? { ...own, type: 'insufficient_quota' } : own,
  )
}

/** The stable code stands in `details`, among what belongs to it. */
function withCode(shape: ErrorShape): ErrorShape {
  const details = objectAt(shape.more, 'details') ?? {}
  const { error_code: _code, ...others } = details
  const { details: _details, ...more } = shape.more
  const code = stringAt(details, 'error_code')
  return { ...shape, more: { ...more, ...others }, ...(code !== undefined && { code }) }
}
