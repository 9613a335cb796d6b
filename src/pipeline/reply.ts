import type { Dialect } from '#src/core/dialect.ts'
import type { Failure } from '#src/core/failure.ts'
import type { Sink } from '#src/core/sink.ts'

const STREAM_HEADERS = { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-cache' }

/** Headers that every answer to one request carries. */
export type ReplyHeaders = Readonly<Record<string, string>>

/**
 * The one owner of a caller's answer. Whatever happens, the caller gets exactly one ending: a whole answer, an error answer,
 * a stream with its proper end, or a stream that shows that it broke (law 5). A sink that throws is destroyed, never ended.
 */
export interface Reply {
  /** The head went out with a heartbeat, before it was known who answers. */
  readonly early: boolean
  /** The caller hung up. */
  readonly gone: boolean
  /** Content is out: there is no other attempt after this (law 10). */
  readonly committed: boolean
  /** What the answer's head carries besides. */
  tell(headers: ReplyHeaders): void
  open(headers: ReplyHeaders): void
  /** A comment: opens the stream where needed, commits to nothing. */
  comment(text: string): void
  /** Content. False asks to wait for `onDrain`. */
  content(bytes: Uint8Array): boolean
  sendWhole(body: string | Uint8Array, headers: ReplyHeaders): void
  endStream(tail: string | Uint8Array): void
  fail(failure: Failure, headers: ReplyHeaders): void
  onDrain(run: () => void): void
}

/** Wraps a sink for one request; `always` stands on every answer, `labels` on those of models. */
export function createReply(
  sink: Sink,
  dialect: Dialect,
  { always, labels }: { readonly always: ReplyHeaders; readonly labels: ReplyHeaders },
): Reply {
  let ended = false
  let common = always
  const streamHeaders = dialect.streaming
    ? { ...STREAM_HEADERS, 'content-type': dialect.streaming.contentType }
    : STREAM_HEADERS

  /** Runs one step on the sink; a step that throws leaves the caller with a visibly broken answer. */
  function guarded<T>(step: () => T, otherwise: T): T {
    if (ended || reply.gone) return otherwise
    try {
      return step()
    } catch (error) {
      ended = true
      sink.destroy()
      throw error
    }
  }

  const open = (headers: ReplyHeaders) =>
    guarded(() => {
      if (sink.opened) sink.tell?.(headers)
      else sink.open(200, { ...streamHeaders, ...common, ...labels, ...headers })
    }, undefined)

  const reply: Reply & { early: boolean; gone: boolean; committed: boolean } = {
    early: false,
    gone: false,
    committed: false,
    tell(headers) {
      common = { ...common, ...headers }
    },
    open,
    comment(text) {
      reply.early ||= !sink.opened
      open({})
      guarded(() => sink.write(text), true)
    },
    content(bytes) {
      reply.committed = true
      return guarded(() => sink.write(bytes), true)
    },
    sendWhole(body, headers) {
      reply.committed = true
      guarded(
        () => sink.send(200, { 'content-type': 'application/json', ...common, ...labels, ...headers }, body),
        undefined,
      )
      ended = true
    },
    endStream(tail) {
      guarded(() => {
        if (tail.length > 0) sink.write(tail)
        sink.end()
      }, undefined)
      ended = true
    },
    fail(failure, headers) {
      guarded(() => {
        if (sink.opened) {
          // There is no error that a sound could hold: the caller sees that it is cut (law 5).
          if (dialect.raw !== undefined) return sink.destroy()
          sink.write(dialect.renderStreamError(failure, reply.committed))
          sink.end()
          return
        }
        const { status, headers: own, body } = dialect.renderFailure(failure, common['x-tutti-request-id'])
        sink.send(status, { 'content-type': 'application/json', ...common, ...headers, ...own }, body)
      }, undefined)
      ended = true
    },
    onDrain: (run) => sink.onDrain(run),
  }
  sink.onGone(() => {
    reply.gone = !ended
  })
  return reply
}
