import type { Clock } from '#src/core/clock.ts'

export interface Heartbeat {
  /** Something was written: the silence starts again. */
  wrote(): void
  stop(): void
}

/** Calls `beat` whenever nothing was written for `every` ms; 0 switches it off. */
export function createHeartbeat(clock: Clock, every: number, beat: () => void): Heartbeat {
  if (every <= 0) return { wrote() {}, stop() {} }
  let last = clock.now()
  let cancel = clock.after(every, check)

  function check(): void {
    const left = last + every - clock.now()
    if (left <= 0) {
      last = clock.now()
      beat()
    }
    cancel = clock.after(left <= 0 ? every : left, check)
  }

  return {
    wrote() {
      last = clock.now()
    },
    stop: () => cancel(),
  }
}
