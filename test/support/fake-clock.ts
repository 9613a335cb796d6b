import type { Clock } from '#src/core/clock.ts'

export interface FakeClock extends Clock {
  /** Moves the time on and runs what falls due, in the order of its time. */
  advance(ms: number): void
  /** Timers that have not run and were not cancelled. */
  readonly waiting: number
}

/** A clock that only moves when it is told to. */
export function createFakeClock(start = 1_000_000): FakeClock {
  let now = start
  let timers: { readonly at: number; readonly run: () => void }[] = []
  return {
    now: () => now,
    after(ms, run) {
      const timer = { at: now + ms, run }
      timers.push(timer)
      return () => {
        timers = timers.filter((other) => other !== timer)
      }
    },
    advance(ms) {
      const until = now + ms
      for (;;) {
        const [next] = timers.filter((timer) => timer.at <= until).sort((a, b) => a.at - b.at)
        if (!next) break
        timers = timers.filter((timer) => timer !== next)
        now = Math.max(now, next.at)
        next.run()
      }
      now = until
    },
    get waiting() {
      return timers.length
    },
  }
}

/** Lets the clock run on until something is settled. */
export async function inTime<T>(clock: FakeClock, settled: Promise<T>): Promise<T> {
  const state = { over: false }
  const mark = (): void => {
    state.over = true
  }
  void settled.then(mark, mark)
  while (!state.over) {
    await new Promise(setImmediate)
    if (!state.over) clock.advance(10_000)
  }
  return settled
}
