import type { UpstreamFailure } from '#src/core/adapter.ts'
import { MAX_RETRY_AFTER_MS } from '#src/core/limits.ts'
import type { Target } from '#src/core/target.ts'

/** Where the next attempt goes, and how long to wait before it, in ms. */
export interface Leg {
  readonly target: Target
  readonly wait: number
}

export interface Itinerary {
  /** undefined: nothing is left to try. */
  next(): Leg | undefined
  /** Tells how the last attempt on a target failed. */
  failed(target: Target, cause: UpstreamFailure): void
}

const FIRST_BACKOFF_MS = 250
const MAX_BACKOFF_MS = 8000

/**
 * Goes down the plan; when no untried target is left, back to those that may be asked again, in the same order (INTERFACE.md section 9, Plan).
 * Waits double from 250 ms to 8 s, half of each by chance (`draw` gives 0 to 1), and are at least what the upstream asked for.
 */
export function createItinerary(plan: readonly Target[], draw: () => number): Itinerary {
  const untried = [...plan]
  const again: { target: Target; tries: number; retryAfterMs: number }[] = []
  const tries = new Map<Target, number>()
  let final = false

  return {
    next() {
      if (final) return undefined
      const target = untried.shift()
      if (target) return { target, wait: 0 }
      const repeat = again.shift()
      return repeat && { target: repeat.target, wait: Math.max(repeat.retryAfterMs, backoff(repeat.tries, draw())) }
    },
    failed(target, cause) {
      const count = (tries.get(target) ?? 0) + 1
      tries.set(target, count)
      const retryAfterMs = cause.failure.retryAfterMs ?? 0
      if (cause.retry === 'no') final = true
      else if (cause.retry === 'same' && retryAfterMs <= MAX_RETRY_AFTER_MS)
        again.push({ target, tries: count, retryAfterMs })
    },
  }
}

function backoff(tries: number, draw: number): number {
  const full = Math.min(FIRST_BACKOFF_MS * 2 ** (tries - 1), MAX_BACKOFF_MS)
  return full / 2 + (full / 2) * draw
}
