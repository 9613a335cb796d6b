import type { Clock } from '#src/core/clock.ts'
import type { TransportFailure } from '#src/core/transport.ts'

export interface SigningOptions {
  readonly clock: Clock
  /** What one request waits for must not be another's: a Worker ends it with the request that began it. */
  readonly isolated?: boolean
}

/** Headers that prove who asks, or why there are none. */
export type Proof =
  | { readonly headers: Readonly<Record<string, string>>; readonly failure?: undefined }
  | { readonly failure: TransportFailure; readonly headers?: undefined }

/** No proof could be made: nothing was sent, and another try would fare no better. */
export function unsigned(message: string, cause?: unknown): { readonly failure: TransportFailure } {
  return { failure: { code: 'unsigned', message, sentNothing: true, ...(cause !== undefined && { cause }) } }
}
