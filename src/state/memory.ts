import type { StateStore } from '#src/core/state-store.ts'
import { alsoHeld } from './budget.ts'
import { createMemoryBudgets } from './memory-budgets.ts'
import { createMemoryKeepsakes } from './memory-keepsakes.ts'
import { createMemoryLedger } from './memory-ledger.ts'
import { createMemoryLimits } from './memory-limits.ts'
import { createMemoryNotes } from './memory-notes.ts'
import { createRecent } from './recent.ts'

/** A step that is repeated after this many newer ones of its kind is taken for a new one. */
export const REMEMBERED_STEPS = 8_192

/** One account and one gate are looked over every so many steps. */
const SWEEP_EVERY = 16

/** What the store keeps, for tests and metrics. */
export interface MemorySize {
  readonly gates: number
  readonly slots: number
  readonly accounts: number
  readonly holds: number
}

export interface MemoryStore extends StateStore {
  size(): MemorySize
}

/**
 * State of one process, gone with it (docs/state.md). Every step answers at once, so each is atomic; there is no timer:
 * the steps themselves forget what is over.
 */
export function createMemoryStore(): MemoryStore {
  const limits = createMemoryLimits(createRecent(REMEMBERED_STEPS))
  const rows = createMemoryLedger()
  const budgets = createMemoryBudgets(createRecent(REMEMBERED_STEPS), rows)
  const keepsakes = createMemoryKeepsakes()
  let steps = 0
  function tick(now: number): void {
    if (++steps % SWEEP_EVERY !== 0) return
    limits.sweep(now)
    budgets.sweep(now)
  }
  return {
    admit(admission) {
      tick(admission.now)
      return alsoHeld(admission, limits.admit(admission), budgets.hold)
    },
    leave: limits.leave,
    withdraw: limits.withdraw,
    hold(request) {
      tick(request.now)
      return budgets.hold(request)
    },
    release: budgets.release,
    settle: budgets.settle,
    spend: budgets.spend,
    confirm: rows.confirm,
    open: rows.open,
    ledger: rows.ledger,
    trim: rows.trim,
    forgotten: rows.forgotten,
    // What is counted here is counted beside the same rows and lost with them.
    audit: () => [],
    ...keepsakes,
    ...createMemoryNotes(),
    durable: false,
    close() {},
    size: () => ({ ...limits.size(), ...budgets.size() }),
  }
}
