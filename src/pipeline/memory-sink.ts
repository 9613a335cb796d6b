import type { Sink } from '#src/core/sink.ts'

/** Where the whole answer to a request of tutti's own goes. */
export interface MemorySink extends Sink {
  /** undefined: there was none, or it was no whole one. */
  readonly answer: { readonly status: number; readonly body: string } | undefined
  /** Nobody waits for it any more. */
  leave(): void
}

const utf8 = new TextDecoder()

/** Keeps a whole answer; a stream is none. */
export function createMemorySink(): MemorySink {
  let gone: (() => void) | undefined
  const sink: MemorySink & { answer: MemorySink['answer']; opened: boolean } = {
    answer: undefined,
    opened: false,
    send(status, _headers, body) {
      sink.opened = true
      sink.answer = { status, body: typeof body === 'string' ? body : utf8.decode(body) }
    },
    open() {
      sink.opened = true
    },
    write: () => true,
    end() {},
    destroy() {},
    onDrain() {},
    // Each who is told tells whoever was told before.
    onGone(run) {
      const before = gone
      gone = () => {
        before?.()
        run()
      }
    },
    leave: () => gone?.(),
  }
  return sink
}
