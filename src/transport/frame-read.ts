import type { WireEvent } from '#src/core/wire-event.ts'

/** What one chunk leads to, in every framing. */
export interface FrameRead<State> {
  readonly state: State
  /** What came before the failure, if there is one. */
  readonly events: readonly WireEvent[]
  /** What is wrong with the stream: nothing more can be read from it. */
  readonly failure?: string
}

/** What the input's end leaves. */
export interface FrameEnd {
  readonly events: readonly WireEvent[]
  /** The input ended in the middle of something, or had failed before. */
  readonly failure?: string
}

/** Bytes that one event may have. */
export const EVENT_LIMIT = 8 * 1024 * 1024

export const TOO_LARGE = 'an event of the upstream is too large'
export const ENDED_INSIDE = 'the upstream ended in the middle of an event'
