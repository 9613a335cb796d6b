import type { Key } from '#src/core/key.ts'
import type { Admitted } from '#src/core/state-store.ts'
import { REQUESTS, TOKENS, waitFor, type Window } from './window.ts'

/** What a key has in flight and has asked for in the last minute. */
export interface Gate {
  slots: number
  window: Window
}

export type Limits = NonNullable<Key['limits']>

export const ADMITTED: Admitted = { ok: true }

/** When a slot is given back is not known; a second is what a busy key frees one in. */
export const SLOT_RETRY_MS = 1000

/**
 * Whether one more request with that many tokens fits, all limits or none; changes nothing. The window must be advanced
 * to `now`. Where several limits refuse, the one with the longest wait is named.
 */
export function judgeLimits(
  gate: Gate,
  limits: Limits,
  asked: { readonly tokens: number; readonly now: number },
): Admitted {
  const { rpm, tpm, concurrency } = limits
  const { tokens, now } = asked
  let limit: 'rpm' | 'tpm' | 'concurrency' = 'concurrency'
  let wait = concurrency !== undefined && gate.slots >= concurrency ? SLOT_RETRY_MS : 0
  const requests = rpm === undefined ? 0 : waitFor(gate.window, REQUESTS, { room: rpm - 1, now })
  if (requests > wait) {
    limit = 'rpm'
    wait = requests
  }
  const wanted = tpm === undefined ? 0 : waitFor(gate.window, TOKENS, { room: tpm - tokens, now })
  if (wanted > wait) {
    limit = 'tpm'
    wait = wanted
  }
  return wait === 0 ? ADMITTED : { ok: false, limit, retryAfterMs: wait }
}

/** Token counts as the window keeps them: whole, not negative. */
export function wholeTokens(tokens: number): number {
  return tokens > 0 ? Math.min(Math.ceil(tokens), Number.MAX_SAFE_INTEGER) : 0
}
