/** Keeps steps from waiting for a store that does not answer. */
export interface Breaker {
  /** Whether a step may be sent at that time (ms since 1970); while it is open, one now and then, to see. */
  admits(now: number): boolean
  succeeded(): void
  /** `silent`: nothing was answered within the time of a step. */
  failed(now: number, silent: boolean): void
}

/** Failures in a row that open it; of silence one is enough. */
export const FAILURES = 5

/** ms between two looks at whether the store is back. */
export const PROBE_MS = 500

export function createBreaker(): Breaker {
  let failures = 0
  let probedAt: number | undefined
  return {
    admits(now) {
      if (probedAt === undefined) return true
      // A clock that went back shuts nobody out.
      if (now >= probedAt && now < probedAt + PROBE_MS) return false
      probedAt = now
      return true
    },
    succeeded() {
      failures = 0
      probedAt = undefined
    },
    failed(now, silent) {
      failures++
      if (silent || failures >= FAILURES) probedAt = now
    },
  }
}
