import type { Clock } from '#src/core/clock.ts'

/** Which limit of an attempt ran out; `reader`: the caller took nothing for the idle time. */
export type Expired = 'firstToken' | 'idle' | 'reader'

export interface Watchdog {
  /** Content came: the idle time starts again. Comments are not content. */
  content(): void
  /** The caller does not keep up: until `resume` the silence is not the upstream's. */
  pause(): void
  resume(): void
  stop(): void
}

/**
 * Watches one attempt: `firstToken` ms until the first content, then `idle` ms between contents. Calls `expire` at most once.
 * One timer that is armed again when it fires too early, so that an event of the stream costs one clock reading.
 */
export function createWatchdog(
  clock: Clock,
  limits: { readonly firstToken: number; readonly idle: number },
  expire: (kind: Expired) => void,
): Watchdog {
  let last = clock.now()
  let limit = limits.firstToken
  let kind: Expired = 'firstToken'
  let paused = false
  let cancel = clock.after(limit, check)

  function check(): void {
    const left = last + limit - clock.now()
    if (left <= 0) expire(paused ? 'reader' : kind)
    else cancel = clock.after(left, check)
  }

  return {
    content() {
      last = clock.now()
      if (kind === 'idle') return
      kind = 'idle'
      limit = limits.idle
      // The first check may lie further away than the idle time now allows.
      cancel()
      cancel = clock.after(limit, check)
    },
    pause() {
      paused = true
      last = clock.now()
    },
    resume() {
      paused = false
      last = clock.now()
    },
    stop: () => cancel(),
  }
}
