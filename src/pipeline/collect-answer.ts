import type { Clock } from '#src/core/clock.ts'
import type { Egress, Transport, UpstreamRequest } from '#src/core/transport.ts'

export interface Means {
  readonly transport: Transport
  readonly clock: Clock
}

export interface Bounds {
  /** ms within which the answer must be whole. */
  readonly timeoutMs: number
  readonly maxBytes: number
}

/** A whole answer; `silent`: none came, not in time, or too much of it. */
export type Answer = { readonly status: number; readonly text: string } | 'silent'

/** A small answer to a question of tutti's own. `answer` never rejects; after `stop` it is silent. */
export function collectAnswer(
  { upstream, egress }: { readonly upstream: UpstreamRequest; readonly egress: Egress },
  { transport, clock }: Means,
  { timeoutMs, maxBytes }: Bounds,
): { readonly answer: Promise<Answer>; readonly stop: () => void } {
  const { promise, resolve } = Promise.withResolvers<Answer>()
  const decoder = new TextDecoder()
  let [status, text, bytes] = [0, '', 0]
  const exchange = transport.send(upstream, egress, {
    head: (head) => {
      status = head.status
    },
    data: (chunk) => {
      bytes += chunk.length
      if (bytes > maxBytes) stop()
      else text += decoder.decode(chunk, { stream: true })
    },
    end: () => resolve({ status, text: text + decoder.decode() }),
    fail: () => resolve('silent'),
  })
  const stop = (): void => {
    exchange.abort()
    resolve('silent')
  }
  return { answer: promise.finally(clock.after(timeoutMs, stop)), stop }
}
