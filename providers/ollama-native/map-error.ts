import type { UpstreamFailure } from '#src/core/adapter.ts'
import { failure } from '#src/core/failure.ts'
import type { UpstreamHead } from '#src/core/transport.ts'
import { decodeError as decode } from '#providers/openai-compatible/map-error.ts'
import { QUIRKS } from './wire.ts'

/** A refusal: `{ "error": "text" }`. Never throws. */
export function decodeError(head: UpstreamHead, body: string): UpstreamFailure {
  const read = decode(head, body, QUIRKS)
  // `… does not support tools`, `… thinking`: another model may.
  return read.retry === 'no' && read.failure.message.includes('does not support') ? { ...read, retry: 'next' } : read
}

/** An answer without its message. */
export function noMessage(): UpstreamFailure {
  const message = 'the upstream gave an answer without a message'
  return { failure: failure('upstream_error', message), retry: 'next', why: message }
}
