import type { Key } from '#src/core/key.ts'

export const START = Date.UTC(2026, 10, 18, 12)

/** What the dying process and the one that comes after it agree on. */
export const CRASH_KEY: Key = {
  id: 'k',
  tags: [],
  budget: { limit: 120n, per: 'day' },
  limits: { rpm: 10, tpm: 1000, concurrency: 3 },
}
