import type { Clock } from '#src/core/clock.ts'

/** The time of the machine, in any runtime. */
export const systemClock: Clock = {
  now: () => Date.now(),
  after(ms, run) {
    const timer = setTimeout(run, ms)
    return () => clearTimeout(timer)
  },
}
