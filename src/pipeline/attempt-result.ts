import type { UpstreamFailure } from '#src/core/adapter.ts'
import type { Part } from '#src/core/conversation.ts'
import { failure } from '#src/core/failure.ts'
import type { TransportFailure } from '#src/core/transport.ts'
import type { Usage } from '#src/core/usage.ts'
import type { Expired } from './watchdog.ts'

/** What an attempt is known to have used up, however it ended. */
export interface Consumption {
  readonly usage?: Usage | undefined
  /** UTF-8 bytes of what was generated, for an estimate where no usage came. */
  readonly generatedBytes: number
  /** The upstream cannot have worked for us: it saw nothing, or refused. */
  readonly nothing: boolean
}

/** How the upstream's side of an attempt ended. */
export type Ending =
  | {
      readonly kind: 'answered'
      /** A whole answer, or the end of a stream that still has to be written. */
      readonly rest: string | Uint8Array
      /** Of a whole answer that is no JSON. */
      readonly contentType?: string
    }
  | ({ readonly kind: 'failed'; readonly timeout: boolean } & UpstreamFailure)
  | { readonly kind: 'gone' }

/** One attempt, over. */
export type AttemptResult = Ending & Consumption & Timing & { readonly thoughts?: readonly Part[] | undefined }

export interface Timing {
  readonly status?: number | undefined
  /** ms from sending to the first content. */
  readonly firstTokenMs?: number | undefined
}

/** What is wrong with an upstream that cannot be reached or that breaks off. */
export function transportFailure(cause: TransportFailure): UpstreamFailure {
  return { ...unreached(cause), why: [cause.code, systemCode(cause.cause)].filter(Boolean).join(' ') }
}

function unreached(cause: TransportFailure): UpstreamFailure {
  if (cause.code === 'connect_timeout') return timedOut('the upstream did not accept a connection in time', 'same')
  if (cause.code === 'refused_address') return { failure: failure('upstream_error', cause.message), retry: 'next' }
  if (cause.code === 'unsigned') {
    const message = 'the account that tutti uses at the upstream could not prove who it is'
    return { failure: failure('upstream_error', message), retry: 'next' }
  }
  const message = cause.sentNothing ? 'the upstream could not be reached' : 'the upstream broke off its answer'
  return { failure: failure('upstream_error', message), retry: cause.sentNothing ? 'same' : 'next' }
}

/** `ECONNREFUSED` and the like, where the system gave one. */
function systemCode(cause: unknown): string {
  const code = typeof cause === 'object' && cause !== null && 'code' in cause ? cause.code : undefined
  return typeof code === 'string' ? code : ''
}

/** An attempt's own deadline ran out. */
export function expired(kind: Expired): UpstreamFailure {
  if (kind === 'reader') return unread()
  const message =
    kind === 'firstToken'
      ? 'the upstream sent no content in time'
      : 'the upstream fell silent in the middle of its answer'
  return timedOut(message, 'next')
}

/** The caller's own doing: it says nothing of the target, and no other one would fare better. */
function unread(): UpstreamFailure {
  const why = failure('invalid_request_error', 'the caller did not read its answer in time', { status: 499 })
  return { failure: why, retry: 'no' }
}

/** The time that the whole request has is over: no further attempt. */
export function outOfTime(): UpstreamFailure {
  return timedOut('the request took longer than it may', 'no')
}

/** A 200 that is no answer. */
export function unusable(message: string): UpstreamFailure {
  return { failure: failure('upstream_error', message), retry: 'next', why: message }
}

function timedOut(message: string, retry: UpstreamFailure['retry']): UpstreamFailure {
  return { failure: failure('upstream_timeout', message), retry, why: message }
}

/** An attempt's end by a failure. */
export function failedBy(cause: UpstreamFailure): Ending {
  return { kind: 'failed', timeout: cause.failure.code === 'upstream_timeout', ...cause }
}
