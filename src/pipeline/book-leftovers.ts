import type { Booked, Elsewhere, LedgerRow } from '#src/core/ledger.ts'
import { LAST_MESSAGE_MS, type StateStore } from '#src/core/state-store.ts'
import { readLedger } from './read-ledger.ts'

/** Rows that are taken up at once. */
const MOST = 1000
/** ms by which clocks of shards, and one's own, differ at most. */
const APART_MS = 3_600_000

/** A bill of which nobody knows any more whether it was booked on that shard. */
export interface Unknown extends Pick<LedgerRow, 'id' | 'at' | 'bill'> {
  readonly shard: string
  readonly lines: readonly Booked[]
}

export interface Leftovers {
  /** Rows that are booked now wherever they were left open. */
  readonly booked: number
  /** Those that are not: they may have been booked before, and booked there again they would count twice. */
  readonly unknown: readonly Unknown[]
}

/**
 * Books on other shards what nobody booked there in time, by the ledgers: each where it lacks. Only what is too old for whoever booked it to
 * come back is taken up; what is as old as rows that were forgotten there is not booked. None of it is open afterwards.
 */
export async function bookLeftovers(store: StateStore, now: number): Promise<Leftovers> {
  let booked = 0
  const unknown: Unknown[] = []
  for (;;) {
    const rows = await store.open({ to: now - LAST_MESSAGE_MS, most: MOST })
    if (rows.length === 0) return { booked, unknown }
    const others = await findBooked(store, rows)
    for (const row of rows) {
      const before = unknown.length
      for (const other of row.open) {
        if (others.mayBeForgotten(row, other)) unknown.push({ ...other, id: row.id, at: row.at, bill: row.bill })
        else if (!others.has(row, other)) await bookOn(store, { row, other, now })
        await store.confirm(row, other.shard)
      }
      if (unknown.length === before) booked++
    }
  }
}

/** What other shards know of rows. */
interface Others {
  has(row: LedgerRow, other: Elsewhere): boolean
  /** It has none, and may have had one. */
  mayBeForgotten(row: LedgerRow, other: Elsewhere): boolean
}

async function findBooked(store: StateStore, rows: readonly LedgerRow[]): Promise<Others> {
  const nameOf = (id: string, shard: string): string => `${id} ${shard}`
  const wanted = new Set(rows.flatMap(({ id, open }) => open.map(({ shard }) => nameOf(id, shard))))
  const found = new Set<string>()
  const from = rows.reduce((least, { at }) => Math.min(least, at), Infinity) - APART_MS
  for await (const { id, shard, paid } of readLedger(store, { from })) {
    const name = nameOf(id, shard)
    if (!paid && wanted.has(name)) found.add(name)
  }
  // Asked after they were read: what was forgotten meanwhile counts as forgotten.
  const forgotten = new Map<string, number>()
  for (const shard of new Set(rows.flatMap(({ open }) => open.map((other) => other.shard))))
    forgotten.set(shard, await store.forgotten(shard))
  const has: Others['has'] = ({ id }, { shard }) => found.has(nameOf(id, shard))
  return {
    has,
    mayBeForgotten(row, other) {
      const before = forgotten.get(other.shard) ?? 0
      return before > 0 && row.at < before + APART_MS && !has(row, other)
    },
  }
}

async function bookOn(
  store: StateStore,
  { row: { id, bill }, other, now }: { readonly row: LedgerRow; readonly other: Elsewhere; readonly now: number },
): Promise<void> {
  await store.settle({ ...other, id, bill, now, notAfter: now + LAST_MESSAGE_MS })
}
