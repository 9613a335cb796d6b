/** What is told of requests that came without a key that is known here. */
export interface Unauthorized {
  readonly count: number
  /** Those that came most often by their addresses, as many as are remembered; absent: no address is known. */
  readonly clients?: readonly { readonly ip: string; readonly count: number }[]
}

export interface UnauthorizedCounter {
  /** Another one; `ip` is the other end of the connection. */
  add(ip: string | undefined): void
  /** Tells what was not told yet, if it is time. */
  due(): void
  /** Tells it whatever the time. */
  end(): void
}

/** ms between two lines: who knocks without end fills no disk. */
const INTERVAL = 60_000
/** Addresses between two lines that are counted one by one. */
const MOST_CLIENTS = 16

/** Counts refusals, and tells the first at once, those of the minute after it together. It has no timer: whoever writes a line asks. */
export function countUnauthorized(tell: (told: Unauthorized) => void, now: () => number): UnauthorizedCounter {
  let count = 0
  let toldAt = Number.NEGATIVE_INFINITY
  const clients = new Map<string, number>()

  function end(): void {
    if (count === 0) return
    const listed = [...clients].map(([ip, own]) => ({ ip, count: own })).toSorted((a, b) => b.count - a.count)
    tell({ count, ...(listed.length > 0 && { clients: listed }) })
    count = 0
    toldAt = now()
    clients.clear()
  }

  function due(): void {
    if (count > 0 && now() - toldAt >= INTERVAL) end()
  }

  return {
    add(ip) {
      count++
      if (ip !== undefined && (clients.has(ip) || clients.size < MOST_CLIENTS))
        clients.set(ip, (clients.get(ip) ?? 0) + 1)
      due()
    },
    due,
    end,
  }
}
