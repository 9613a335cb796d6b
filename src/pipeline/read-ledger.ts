import type { LedgerRow } from '#src/core/ledger.ts'
import type { StateStore } from '#src/core/state-store.ts'

/** Rows of one page: other work has its turn between two. */
const PAGE = 1000

export interface LedgerSpan {
  /** ms since 1970. */
  readonly from?: number
  /** ms since 1970: until before then. */
  readonly to?: number
}

/** The ledger from a time to a time, of each shard in its order. */
export async function* readLedger(store: Pick<StateStore, 'ledger'>, span: LedgerSpan): AsyncGenerator<LedgerRow> {
  let cursor: string | undefined
  do {
    const page = await store.ledger({ ...span, most: PAGE, ...(cursor !== undefined && { cursor }) })
    yield* page.rows
    cursor = page.cursor
    if (cursor !== undefined) await new Promise<void>((resolve) => void setTimeout(resolve))
  } while (cursor !== undefined)
}
