import type { Limits } from '#src/core/key.ts'
import type { Admitted, Gate } from '#src/core/state-store.ts'
import { REQUESTS, TOKENS, waitFor, type Window } from './window.ts'

/** What is in flight at a gate and was asked for in the last minute. */
export interface GateState {
  slots: number
  window: Window
}

export const ADMITTED: Admitted = { ok: true }

/** When a slot is given back is not known; a second is what a busy key frees one in. */
export const SLOT_RETRY_MS = 1000

interface Asked {
  readonly tokens: number
  readonly now: number
}

/**
 * Whether one more request with that many tokens fits, all limits of all gates or none; changes nothing. The windows must be advanced
 * to `now`. Where several limits refuse, the one with the longest wait is named.
 */
export function judgeLimits(gates: readonly (Gate & { readonly state: GateState })[], asked: Asked): Admitted {
  let verdict = ADMITTED
  let longest = 0
  for (const { gate, limits, state } of gates)
    for (const [limit, retryAfterMs] of waits(state, limits, asked)) {
      if (retryAfterMs <= longest) continue
      verdict = { ok: false, gate, limit, retryAfterMs }
      longest = retryAfterMs
    }
  return verdict
}

/** For each limit ms until it has room; 0: it has. */
function waits(
  { slots, window }: GateState,
  { rpm, tpm, concurrency }: Limits,
  { tokens, now }: Asked,
): readonly (readonly [keyof Limits, number])[] {
  return [
    ['concurrency', concurrency !== undefined && slots >= concurrency ? SLOT_RETRY_MS : 0],
    ['rpm', rpm === undefined ? 0 : waitFor(window, REQUESTS, { room: rpm - 1, now })],
    ['tpm', tpm === undefined ? 0 : waitFor(window, TOKENS, { room: tpm - tokens, now })],
  ]
}

/** Token counts as the window keeps them: whole, not negative. */
export function wholeTokens(tokens: number): number {
  return tokens > 0 ? Math.min(Math.ceil(tokens), Number.MAX_SAFE_INTEGER) : 0
}
