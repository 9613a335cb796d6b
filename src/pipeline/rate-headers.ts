import type { Room, Rooms } from '#src/core/state-store.ts'

/**
 * OpenAI's headers of limits: of all gates that a request passes the ones with the least room. Their resets are durations (`6m0s`, `120ms`).
 * Source: OpenAI's guide on rate limits.
 */
export function rateHeaders(rooms: Iterable<Rooms>): Record<string, string> {
  let requests: Room | undefined
  let tokens: Room | undefined
  for (const { rpm, tpm } of rooms) {
    requests = tighter(requests, rpm)
    tokens = tighter(tokens, tpm)
  }
  return { ...ofRequests(requests), ...ofTokens(tokens) }
}

function tighter(least: Room | undefined, room: Room | undefined): Room | undefined {
  return room && (!least || room.remaining < least.remaining) ? room : least
}

function ofRequests(room: Room | undefined): Record<string, string> | undefined {
  return (
    room && {
      'x-ratelimit-limit-requests': String(room.limit),
      'x-ratelimit-remaining-requests': String(room.remaining),
      'x-ratelimit-reset-requests': durationOf(room.resetMs),
    }
  )
}

function ofTokens(room: Room | undefined): Record<string, string> | undefined {
  return (
    room && {
      'x-ratelimit-limit-tokens': String(room.limit),
      'x-ratelimit-remaining-tokens': String(room.remaining),
      'x-ratelimit-reset-tokens': durationOf(room.resetMs),
    }
  )
}

/** Whole seconds with minutes before them, below a second ms. */
function durationOf(ms: number): string {
  if (ms < 1000) return `${Math.ceil(ms)}ms`
  const seconds = Math.ceil(ms / 1000)
  return seconds < 60 ? `${seconds}s` : `${Math.floor(seconds / 60)}m${seconds % 60}s`
}
