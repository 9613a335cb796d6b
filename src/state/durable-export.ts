import type { LedgerRow } from '#src/core/ledger.ts'
import type { DurableStorage } from './durable-sql.ts'
import type { SqlStore } from './sql-store.ts'

/** A binding of a Cloudflare Queue, which takes a hundred messages and 256 KB at once. */
export interface LedgerQueue {
  sendBatch(messages: Iterable<{ readonly body: unknown; readonly contentType: 'json' }>): Promise<unknown>
}

const MOST_ROWS = 100
/** UTF-16 units, of which each is three bytes at most. */
const MOST_TEXT = 80_000

/** The row up to which a queue has taken them. */
const SENT = 'sent'

/** Sends what was booked since the last time, each row at least once and in its order; rejects where the queue does not take it. */
export async function exportRows(
  store: Pick<SqlStore, 'after'>,
  kept: DurableStorage['kv'],
  queue: LedgerQueue,
): Promise<void> {
  for (;;) {
    const batch: unknown[] = []
    let sent = Number(kept.get(SENT) ?? 0)
    let room = MOST_TEXT
    for (const { seq, row } of store.after(sent, MOST_ROWS)) {
      const text = toJson(row)
      room -= text.length
      if (room < 0 && batch.length > 0) break
      batch.push(JSON.parse(text))
      sent = seq
    }
    if (batch.length === 0) return
    await queue.sendBatch(batch.map((body) => ({ body, contentType: 'json' })))
    kept.put(SENT, sent)
  }
}

/** Money as decimal text: a number would lose its last digits. A period without an end has null. */
function toJson(row: LedgerRow): string {
  return JSON.stringify(row, (_key, value: unknown) => (typeof value === 'bigint' ? String(value) : value))
}
