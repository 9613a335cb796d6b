/**
 * A sliding window of 60 s in steps of one second, oldest first: `[second, requests, tokens]` again and again, flat so
 * that a store can keep it as bytes. A second counts until its last millisecond is 60 s old: what was admitted in any
 * 60 s never exceeds the limit, and a request counts for at most 61 s. At most 61 steps.
 */
export type Window = number[]

export const WINDOW_MS = 60_000
const STEP_MS = 1000
const WIDTH = 3

/** Which number of a step: requests or tokens. */
export const REQUESTS = 1
export const TOKENS = 2
export type Column = typeof REQUESTS | typeof TOKENS

/** Drops the seconds that no longer count at `now` (ms). */
export function advance(window: Window, now: number): void {
  let dead = 0
  while (dead < window.length && endOf(window[dead] ?? 0) <= now) dead += WIDTH
  if (dead > 0) window.splice(0, dead)
}

/**
 * Counts one request with its tokens; returns the second that it was counted in. A clock that goes back counts in the
 * last one.
 */
export function count(window: Window, now: number, tokens: number): number {
  const last = window.length - WIDTH
  const second = Math.max(Math.floor(now / STEP_MS), window[last] ?? 0)
  if (window[last] === second) {
    window[last + REQUESTS] = (window[last + REQUESTS] ?? 0) + 1
    window[last + TOKENS] = (window[last + TOKENS] ?? 0) + tokens
  } else window.push(second, 1, tokens)
  return second
}

/** Takes back what `count` counted in that second, if it still counts. */
export function uncount(window: Window, second: number, tokens: number): void {
  correct(window, second, -tokens)
  for (let at = window.length - WIDTH; at >= 0; at -= WIDTH) {
    if (window[at] !== second) continue
    window[at + REQUESTS] = Math.max(0, (window[at + REQUESTS] ?? 0) - 1)
    return
  }
}

/** Adds `delta` tokens to what was counted in that second, if it still counts. */
export function correct(window: Window, second: number, delta: number): void {
  for (let at = window.length - WIDTH; at >= 0; at -= WIDTH) {
    if (window[at] !== second) continue
    window[at + TOKENS] = Math.max(0, (window[at + TOKENS] ?? 0) + delta)
    return
  }
}

/**
 * ms until the column's sum is at most `room`, if nothing else is counted; 0: it is now. A room below 0 never comes:
 * the time until the window is empty.
 */
export function waitFor(window: Window, column: Column, fit: { readonly room: number; readonly now: number }): number {
  const { room, now } = fit
  let sum = sumOf(window, column)
  if (room < 0) return Math.max(WINDOW_MS, endOf(window[window.length - WIDTH] ?? 0) - now)
  for (let at = 0; sum > room && at < window.length; at += WIDTH) {
    sum -= window[at + column] ?? 0
    if (sum <= room) return endOf(window[at] ?? 0) - now
  }
  return 0
}

/** Of all seconds that are kept. */
export function sumOf(window: Window, column: Column): number {
  let sum = 0
  for (let at = 0; at < window.length; at += WIDTH) sum += window[at + column] ?? 0
  return sum
}

/** ms until nothing of it counts any more. */
export function emptyAfter(window: Window, now: number): number {
  const last = window[window.length - WIDTH]
  return last === undefined ? 0 : Math.max(0, endOf(last) - now)
}

function endOf(second: number): number {
  return (second + 1) * STEP_MS + WINDOW_MS
}
