import type { Room, Rooms } from '#src/core/state-store.ts'

/**
 * OpenAI's headers of limits: of all gates that a request passes the ones with the least room. Their resets are durations (`6m0s`, `120ms`).
 * Source: OpenAI's guide on rate limits.
 */
export function rateHeaders(rooms: readonly Rooms[]): Record<string, string> {
  return {
    ...headersOf('requests', tightest(rooms.flatMap(({ rpm }) => rpm ?? []))),
    ...headersOf('tokens', tightest(rooms.flatMap(({ tpm }) => tpm ?? []))),
  }
}

function tightest(rooms: readonly Room[]): Room | undefined {
  return rooms.reduce<Room | undefined>(
    (least, room) => (least && least.remaining <= room.remaining ? least : room),
    undefined,
  )
}

function headersOf(what: 'requests' | 'tokens', room: Room | undefined): Record<string, string> {
  if (!room) return {}
  return {
    [`x-ratelimit-limit-${what}`]: String(room.limit),
    [`x-ratelimit-remaining-${what}`]: String(room.remaining),
    [`x-ratelimit-reset-${what}`]: durationOf(room.resetMs),
  }
}

/** Whole seconds with minutes before them, below a second ms. */
function durationOf(ms: number): string {
  if (ms < 1000) return `${Math.ceil(ms)}ms`
  const seconds = Math.ceil(ms / 1000)
  return seconds < 60 ? `${seconds}s` : `${Math.floor(seconds / 60)}m${seconds % 60}s`
}
