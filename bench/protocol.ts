// What the bench's processes say to each other over their control channels.

/** How the upstream answers every request, until it is told otherwise. */
export type Plan =
  | { readonly kind: 'whole' }
  /** `events` content chunks a stream, one each `everyMs` ms, each one write. */
  | { readonly kind: 'stream'; readonly events: number; readonly everyMs: number }
  /** One event of `bytes` in writes of `writeBytes`. */
  | { readonly kind: 'large-event'; readonly bytes: number; readonly writeBytes: number }

/** What the load generator is asked to do. It stops at `count`, or after `ms` when that comes first. */
export interface Load {
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  /** Callers that take turns, each with its own key. */
  readonly callers: number
  /** UTF-8 bytes of the request's body. */
  readonly bodyBytes: number
  readonly stream: boolean
  /** Requests at one time. */
  readonly concurrency: number
  readonly count: number
  readonly ms: number
}

export interface LoadResult {
  readonly requests: number
  /** Answers that were not a whole 200. */
  readonly failed: number
  readonly bytes: number
  readonly ms: number
  /** From sending to the last byte, in ms. */
  readonly p50: number
  readonly p99: number
  /** What the first failed answer said. */
  readonly firstFailure?: string
}

/** The name that is asked for, everywhere. */
export const MODEL = 'bench-model'
/** The credential that tutti knows; the others pass it on. */
export const KEY = 'sk-bench-0123456789abcdef'

/** The credential of the caller of this number, from 0. */
export function credentialOf(caller: number): string {
  return caller === 0 ? KEY : `sk-other-${caller}`
}
