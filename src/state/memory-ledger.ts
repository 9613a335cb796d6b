import type { LedgerPage, LedgerQuery, LedgerRow, OpenQuery } from '#src/core/ledger.ts'
import type { Settlement, StepId } from '#src/core/state-store.ts'
import { stepName } from './budget.ts'

/** Rows of this process; the oldest go first. */
export const MOST_ROWS = 50_000

/** What was paid for in this process, as far as it is remembered: what is spent is counted beside it. */
export interface MemoryLedger {
  write(settlement: Settlement): void
  confirm(step: StepId, other: string): void
  open(query: OpenQuery): readonly LedgerRow[]
  ledger(query: LedgerQuery): LedgerPage
  trim(before: number, most: number): number
  forgotten(): number
}

export function createMemoryLedger(): MemoryLedger {
  /** By a number that only grows. */
  const rows = new Map<number, LedgerRow>()
  /** Of those that are open elsewhere. */
  const open = new Map<string, number>()
  /** No row has a smaller number: an iterator over a map that lost its first entries has to pass where each of them was. */
  let first = 1
  let last = 0
  let forgotten = 0

  function drop(number: number, { id, shard, at }: LedgerRow): void {
    rows.delete(number)
    forgotten = Math.max(forgotten, at + 1)
    open.delete(stepName({ id, shard }))
  }

  return {
    write({ id, shard, now, bill, lines, paid, elsewhere = [] }) {
      rows.set(++last, { id, shard, at: now, bill, lines, ...(paid && { paid }), open: elsewhere })
      if (elsewhere.length > 0) open.set(stepName({ id, shard }), last)
      for (; rows.size > MOST_ROWS; first++) {
        const row = rows.get(first)
        if (row) drop(first, row)
      }
    },
    confirm(step, other) {
      const number = open.get(stepName(step))
      const row = number === undefined ? undefined : rows.get(number)
      if (number === undefined || !row) return
      const left = row.open.filter(({ shard }) => shard !== other)
      rows.set(number, { ...row, open: left })
      if (left.length === 0) open.delete(stepName(step))
    },
    open({ from = 0, to = Infinity, most }) {
      const found = [...open.values()].flatMap((number) => rows.get(number) ?? [])
      return found.filter(({ at }) => at >= from && at < to).slice(0, most)
    },
    forgotten: () => forgotten,
    ledger({ from = 0, to = Infinity, cursor, most }) {
      const after = Number(cursor ?? 0)
      const page: LedgerRow[] = []
      let at = after
      for (const [number, row] of rows) {
        if (number <= after || row.at < from || row.at >= to) continue
        if (page.length === most) return { rows: page, cursor: String(at) }
        page.push(row)
        at = number
      }
      return { rows: page }
    },
    trim(before, most) {
      let gone = 0
      for (const [number, row] of rows) {
        if (gone === most) break
        if (row.at >= before || row.open.length > 0) continue
        drop(number, row)
        gone++
      }
      while (first <= last && !rows.has(first)) first++
      return gone
    },
  }
}
