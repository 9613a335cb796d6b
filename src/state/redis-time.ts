/** What is known of another machine's clock, from its replies. */
export interface ServerTime {
  /** A reply says that it was `server` there, at some moment between these two of one's own; all ms since 1970. */
  observe(reply: { readonly sent: number; readonly received: number; readonly server: number }): void
  /** ms by which that clock is ahead; undefined: it never replied. */
  offset(): number | undefined
}

/**
 * Each reply says between which bounds the difference lies; together they narrow it to less than half of the quickest round trip. One that
 * contradicts them, because a clock was set or drifted, begins anew.
 */
export function createServerTime(): ServerTime {
  let least = -Infinity
  let most = Infinity
  return {
    observe({ sent, received, server }) {
      const [low, high] = [server - received, server - sent + 1]
      const agrees = low <= most && high >= least
      least = agrees ? Math.max(least, low) : low
      most = agrees ? Math.min(most, high) : high
    },
    offset: () => (most === Infinity ? undefined : Math.round((least + most) / 2)),
  }
}
