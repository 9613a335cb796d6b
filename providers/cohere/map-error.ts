import type { UpstreamFailure } from '#src/core/adapter.ts'
import { failure } from '#src/core/failure.ts'
import { parseJson, stringAt, type JsonObject } from '#src/core/json.ts'
import type { UpstreamHead } from '#src/core/transport.ts'
import { readErrorBody, readErrorValue, type ErrorShape } from '#providers/openai-compatible/error-shape.ts'
import { mapError } from '#providers/openai-compatible/map-error.ts'

const NO_HEAD: UpstreamHead = { status: 200, headers: {} }

/** Cohere's word for a key that it does not take, beside 401. */
const INVALID_TOKEN = 498

/** A refusal: `{ id, message }`, sometimes with an `error_type`. Never throws. */
export function decodeError(head: UpstreamHead, body: string): UpstreamFailure {
  const shape = known(readErrorBody(body), stringAt(parseJson(body), 'error_type'))
  return mapError(head, head.status === INVALID_TOKEN ? 401 : head.status, shape)
}

/** An error inside a 200: its own words, else how it ended. */
export function failureInside(value: JsonObject, raw?: string): UpstreamFailure {
  const shape = known(readErrorValue(value), stringAt(value, 'error_type'))
  const message = shape.message ?? `the upstream ended its answer with \`${raw ?? 'error'}\``
  return mapError(NO_HEAD, raw === 'TIMEOUT' ? 504 : (shape.status ?? 502), { ...shape, message })
}

/** Version 1 answers so, and so does what is no Cohere at all. */
export function noMessage(): UpstreamFailure {
  const message = 'the upstream gave an answer without a message'
  return { failure: failure('upstream_error', message), retry: 'next', why: message }
}

/** What Cohere says in a word or a sentence of its own, in the words that are known. */
function known(shape: ErrorShape, type: string | undefined): ErrorShape {
  const message = shape.message?.toLowerCase() ?? ''
  if (type === 'TOO_MANY_TOKENS' || message.startsWith('too many tokens')) {
    return { ...shape, code: 'context_length_exceeded' }
  }
  // The calls of a month are used up: a second later they still are.
  if (message.includes('trial key') && message.includes('month')) return { ...shape, code: 'insufficient_quota' }
  if (message.startsWith('model') && message.includes('not found')) return { ...shape, code: 'model_not_found' }
  return shape
}
