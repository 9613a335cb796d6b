import type { LedgerRow } from '#src/core/ledger.ts'
import { LAST_MESSAGE_MS, type StateStore } from '#src/core/state-store.ts'
import { readLedger } from './read-ledger.ts'

/** Rows that are taken up at once. */
const MOST = 1000

/**
 * Books on other shards what nobody booked there in time, by the ledgers: each where it lacks. Only what is too old for whoever booked it to
 * come back is taken up. Answers how many rows.
 */
export async function bookLeftovers(store: StateStore, now: number): Promise<number> {
  let booked = 0
  for (;;) {
    const rows = await store.open(now - LAST_MESSAGE_MS, MOST)
    const [first] = rows
    if (!first) return booked
    const known = await knownSince(
      store,
      rows.reduce((least, { at }) => Math.min(least, at), first.at),
    )
    for (const row of rows) await bookElsewhere(store, { row, known, now })
    booked += rows.length
  }
}

/** What is booked for rows of other shards, by id and shard. */
async function knownSince(store: StateStore, from: number): Promise<ReadonlySet<string>> {
  const known = new Set<string>()
  for await (const { id, shard, paid } of readLedger(store, { from })) if (!paid) known.add(`${id} ${shard}`)
  return known
}

async function bookElsewhere(
  store: StateStore,
  { row, known, now }: { readonly row: LedgerRow; readonly known: ReadonlySet<string>; readonly now: number },
): Promise<void> {
  const { id, bill } = row
  for (const { shard, lines } of row.open) {
    if (!known.has(`${id} ${shard}`))
      await store.settle({ id, shard, lines, bill, now, notAfter: now + LAST_MESSAGE_MS })
    await store.confirm(row, shard)
  }
}
