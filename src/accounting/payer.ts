import type { Key } from '#src/core/key.ts'
import { periodOf } from '#src/core/period.ts'
import type { Budget, Gate, Line } from '#src/core/state-store.ts'

/** Who pays for a request, and through which gates it comes in. */
export interface Payer {
  readonly shard: string
  readonly budgets: readonly Budget[]
  readonly gates: readonly Gate[]
}

/** A key pays for itself; nobody pays for who needs none. */
export function payerOf(key: Key | undefined): Payer {
  if (!key) return { shard: '', budgets: [], gates: [] }
  const name = `key/${key.id}`
  return {
    shard: name,
    budgets: key.budget ? [{ account: name, ...key.budget }] : [],
    gates: key.limits ? [{ gate: name, limits: key.limits }] : [],
  }
}

/** Budgets in their periods at a moment, in ms since 1970. */
export function linesAt(budgets: readonly Budget[], now: number): readonly Line[] {
  return budgets.map((budget) => ({ ...budget, ends: periodOf(budget.per, now).end }))
}
