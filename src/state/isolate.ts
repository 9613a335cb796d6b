import { failure, FailureError } from '#src/core/failure.ts'
import type { StateStore } from '#src/core/state-store.ts'
import { HELD } from './budget.ts'
import { ADMITTED } from './limits.ts'
import { createMemoryKeepsakes } from './memory-keepsakes.ts'
import { createMemoryNotes } from './memory-notes.ts'

const NO_LEDGER =
  'the ledger needs state that instances share: on a worker the Durable Object that wrangler.toml binds as `TUTTI_STATE`'

/**
 * State of one isolate of a worker whose deployment has none that isolates share: it keeps what callers store, while it lives. It counts nothing and
 * has no ledger, since what it counted the other isolates would not know: a file that asks for a budget or a limit is refused there.
 */
export function createIsolateStore(): StateStore {
  return {
    admit: () => ADMITTED,
    leave() {},
    withdraw() {},
    hold: () => HELD,
    release() {},
    settle: () => 'booked',
    confirm() {},
    open: () => [],
    ledger() {
      throw new FailureError(failure('not_in_this_version', NO_LEDGER, { shouldRetry: false }))
    },
    audit: () => [],
    trim: () => 0,
    forgotten: () => 0,
    spend: ({ lines }) => lines.map(() => ({ spent: 0n, held: 0n })),
    ...createMemoryKeepsakes(),
    ...createMemoryNotes(),
    durable: false,
    close() {},
  }
}
