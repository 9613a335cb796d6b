import type { Clock } from '#src/core/clock.ts'

/** Timers take a signed 32-bit number of ms. */
const MAX_TIMEOUT = 2 ** 31 - 1

/** The time of the machine, in any runtime. */
export const systemClock: Clock = {
  now: () => Date.now(),
  after(ms, run) {
    const timer = setTimeout(run, Math.min(ms, MAX_TIMEOUT))
    return () => clearTimeout(timer)
  },
}
