import type { Timeouts } from '#src/core/snapshot.ts'

/** In ms. The values of INTERFACE.md's example. */
export const DEFAULT_TIMEOUTS: Timeouts = {
  connect: 5000,
  firstToken: 30_000,
  idle: 120_000,
  total: 1_800_000,
  heartbeat: 15_000,
}
export const DEFAULT_ATTEMPTS = 3
export const DEFAULT_HOST = '127.0.0.1'
export const DEFAULT_PORT = 8787
export const DEFAULT_BODY_LIMIT = 20 * 1024 * 1024
export const DEFAULT_DRAIN = 120_000
/** In ms. */
export const DEFAULT_KEEP_REPEATS = 86_400_000
/** What keys in Redis begin with. */
export const DEFAULT_STATE_PREFIX = 'tutti'

export const DEFAULT_STATE_PATH = './tutti.db'
