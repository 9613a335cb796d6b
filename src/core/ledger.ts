import type { BudgetPeriod } from './key.ts'
import type { NanoUsd } from './money.ts'

/** What an attempt was paid for: no text of it. */
export interface Paid {
  /** The request's id. */
  readonly request: string
  readonly endpoint: string
  /** The key's id; absent: an open gateway. */
  readonly key?: string
  readonly tenant?: string
  readonly team?: string
  readonly user?: string
  readonly tags?: readonly string[]
  /** The name that was asked for. */
  readonly model: string
  readonly target: string
  /** Of the decision log's attempt. */
  readonly outcome: string
  /** Tokens; absent: not known. */
  readonly input?: number
  readonly cachedInput?: number
  readonly output?: number
  /** The bill is an estimate. */
  readonly estimated?: true
  /** No price is known: it is booked as 0. */
  readonly unpriced?: true
}

/** An account and the period in which something was booked there. */
export interface Booked {
  readonly account: string
  readonly per: BudgetPeriod
  /** ms since 1970 at which that period ends, Infinity: never. */
  readonly ends: number
}

/** What is booked on another shard than the ledger's own. */
export interface Elsewhere {
  readonly shard: string
  readonly lines: readonly Booked[]
}

/** One booking, written in the step that books it and changed by none. */
export interface LedgerRow {
  /** Of the attempt. */
  readonly id: string
  readonly shard: string
  /** ms since 1970. */
  readonly at: number
  readonly bill: NanoUsd
  readonly lines: readonly Booked[]
  /** Absent: the row of another shard says it. */
  readonly paid?: Paid
  /** Where it is still to be booked. */
  readonly open: readonly Elsewhere[]
}

export interface OpenQuery {
  /** ms since 1970: from then on. */
  readonly from?: number
  /** ms since 1970: until before then. */
  readonly to?: number
  readonly most: number
}

export interface LedgerQuery extends OpenQuery {
  /** Of the page before. */
  readonly cursor?: string
}

/** Without a cursor it is the last one; with one it may have no rows. */
export interface LedgerPage {
  readonly rows: readonly LedgerRow[]
  readonly cursor?: string
}

/** What an account has spent in its current period, as it is counted and as the ledger says. */
export interface Difference extends Booked {
  readonly counted: NanoUsd
  readonly ledger: NanoUsd
}
