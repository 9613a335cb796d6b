import type { Limits } from '#src/core/key.ts'
import type { Admitted, Gate, Room, Rooms } from '#src/core/state-store.ts'
import { emptyAfter, REQUESTS, sumOf, TOKENS, waitFor, type Column, type Window } from './window.ts'

/** What is in flight at a gate and was asked for in the last minute. */
export interface GateState {
  slots: number
  window: Window
}

/** What nobody asked about, or a step that was known. */
export const ADMITTED: Admitted = { ok: true, rooms: [] }

/** When a slot is given back is not known; a second is what a busy key frees one in. */
export const SLOT_RETRY_MS = 1000

/** A gate with what is in flight there. */
export type OpenGate = Gate & { readonly state: GateState }

type Refused = Pick<Extract<Admitted, { ok: false }>, 'gate' | 'limit' | 'retryAfterMs'>

interface Asked {
  readonly tokens: number
  readonly now: number
}

/**
 * Whether one more request with that many tokens fits, all limits of all gates or none; changes nothing. The windows must be advanced
 * to `now`. Where several limits refuse, the one with the longest wait is named.
 */
export function judgeLimits(gates: readonly OpenGate[], asked: Asked): Refused | undefined {
  let verdict: Refused | undefined
  let longest = 0
  for (const { gate, limits, state } of gates)
    for (const [limit, retryAfterMs] of waits(state, limits, asked)) {
      if (retryAfterMs <= longest) continue
      verdict = { gate, limit, retryAfterMs }
      longest = retryAfterMs
    }
  return verdict
}

/** What is left at each gate. */
export function roomsOf(gates: readonly OpenGate[], now: number): readonly Rooms[] {
  return gates.map(({ limits: { rpm, tpm }, state: { window } }) => ({
    ...(rpm !== undefined && { rpm: roomIn(window, REQUESTS, { limit: rpm, now }) }),
    ...(tpm !== undefined && { tpm: roomIn(window, TOKENS, { limit: tpm, now }) }),
  }))
}

function roomIn(
  window: Window,
  column: Column,
  { limit, now }: { readonly limit: number; readonly now: number },
): Room {
  return { limit, remaining: Math.max(0, limit - sumOf(window, column)), resetMs: emptyAfter(window, now) }
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
