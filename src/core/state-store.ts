import type { BudgetPeriod, Limits } from './key.ts'
import type { Booked, Difference, Elsewhere, LedgerPage, LedgerQuery, LedgerRow, OpenQuery, Paid } from './ledger.ts'
import type { NanoUsd } from './money.ts'

/** What one account may spend in a period. What is held counts in any period, what is spent in the one in which it is booked. */
export interface Budget {
  /** Whose: `key/team-a`. */
  readonly account: string
  readonly limit: NanoUsd
  readonly per: BudgetPeriod
}

/** A budget at a moment. A store that knows of a later end of the period keeps to that: clocks differ. */
export interface Line extends Budget, Booked {}

/** Limits of those who share them. */
export interface Gate {
  /** Whose: `key/team-a`. */
  readonly gate: string
  readonly limits: Limits
}

/** A step by its id, which is repeated under the same one, on one shard: what lies there is changed whole or not at all. */
export interface StepId {
  readonly id: string
  /** Budgets that lie inside each other, and limits of those who have them, are of one shard: `key/team-a`. An account or a gate is of one shard alone. */
  readonly shard: string
}

/** A request asks to come in: counted at all gates or at none. Asking twice changes nothing. */
export interface Admission extends StepId {
  readonly gates: readonly Gate[]
  /** Input estimate plus output limit; corrected by `leave`. */
  readonly tokens: number
  readonly now: number
  /** ms since 1970 after which a slot that nobody gave back is free again. */
  readonly expiresAt: number
  /** What is held on the same shard for whoever comes in, so that both are one message to a store far away. Who is refused holds nothing. */
  readonly hold?: Pick<HoldRequest, 'id' | 'lines' | 'amount' | 'expiresAt'>
}

/** What is left of one limit of a gate. */
export interface Room {
  readonly limit: number
  readonly remaining: number
  /** ms until all of it is there again, if nothing else comes. */
  readonly resetMs: number
}

/** Of a gate that has such limits, as it is after the step. */
export interface Rooms {
  readonly rpm?: Room
  readonly tpm?: Room
}

/** `rooms`: of each gate, in their order; none for a step that was known. `held`: what became of its hold, where it has one. */
export type Admitted =
  | { readonly ok: true; readonly rooms: readonly Rooms[]; readonly held?: Held }
  | {
      readonly ok: false
      readonly gate: string
      readonly limit: keyof Limits
      readonly retryAfterMs: number
      readonly rooms: readonly Rooms[]
    }

/** The worst case of one attempt, held on all lines or on none before a byte is sent. Holding twice changes nothing. */
export interface HoldRequest extends StepId {
  readonly lines: readonly Line[]
  readonly amount: NanoUsd
  readonly now: number
  readonly expiresAt: number
}

/** `left`: of the first line that has no room. */
export type Held = { readonly ok: true } | { readonly ok: false; readonly account: string; readonly left: NanoUsd }

/**
 * Books the bill whole on each line, also over its hold, drops the hold and writes the ledger's row, in one step. A hold that has expired is
 * booked all the same, once.
 */
export interface Settlement extends StepId {
  readonly lines: readonly Booked[]
  readonly bill: NanoUsd
  readonly now: number
  /** ms since 1970 after which it is not carried out: at most `LAST_MESSAGE_MS` from its first sending. */
  readonly notAfter: number
  /** What was paid for; absent: another shard's row says it. */
  readonly paid?: Paid
  /** Where else the same bill is to be booked, in steps of their own; each is confirmed. */
  readonly elsewhere?: readonly Elsewhere[]
}

/** `late`: it came after its time, and changed nothing. */
export type Settled = 'booked' | 'late'

/** ms from a settlement's first message to the last that a store carries out. */
export const LAST_MESSAGE_MS = 290_000

/** ms for which a step that is over is known again when it is repeated: whoever begins to book at the last moment at which one may is known for as long as one tries. */
export const REMEMBERED_MS = 600_000

/** What an account has spent in the current period, and what is held. */
export interface Spend {
  readonly spent: NanoUsd
  readonly held: NanoUsd
}

/** Where something is kept: a caller's own, of one kind, by its id. Nobody finds what is another's (law 13). */
export interface KeepsakeKey {
  /** The key's id; '' for an open gateway; an operator by the SHA-256 of what it shows. */
  readonly owner: string
  /** `response`: a stored answer; `item`: which of these an item stands in; `signature`: what a model thought before a call of a tool, or who signed a thought; `alert`: which threshold of a budget was told; `lock`: who changes something now. */
  readonly kind: 'response' | 'item' | 'signature' | 'idempotency' | 'cache' | 'alert' | 'lock'
  readonly id: string
}

export interface Keepsake extends KeepsakeKey {
  readonly value: string
  /** ms since 1970. */
  readonly expiresAt: number
}

export interface Recall extends Omit<KeepsakeKey, 'id'> {
  readonly ids: readonly string[]
  readonly now: number
}

/** Of what is written without a file: `denial`, by name; `key`, by id; `key-hash`: whose a credential is, by its SHA-256. */
export type NoteKind = 'denial' | 'key' | 'key-hash'

/**
 * One atomic step each; every step is idempotent by its id. Stores answer at once or by promise; one that cannot be reached rejects, and then the
 * step may or may not have happened.
 */
export interface StateStore {
  admit(admission: Admission): Admitted | Promise<Admitted>
  /** Gives the slots back and corrects the tokens. Its id is over: an admission that arrives later takes nothing. */
  leave(step: StepId, tokens: number, now: number): void | Promise<void>
  /** As if it had not been admitted: where another shard had no room, or nobody knows. Its id is over too. */
  withdraw(step: StepId, now: number): void | Promise<void>
  hold(request: HoldRequest): Held | Promise<Held>
  /** Drops a hold for which nothing was sent; one that arrives later holds nothing. */
  release(step: StepId, now: number): void | Promise<void>
  settle(settlement: Settlement): Settled | Promise<Settled>
  /** It is booked on that other shard: the row is no longer open there. */
  confirm(step: StepId, other: string): void | Promise<void>
  /** Rows of that time which are still open elsewhere, the oldest first. */
  open(query: OpenQuery): readonly LedgerRow[] | Promise<readonly LedgerRow[]>
  /** The ledger in pages, of each shard in the order in which it was written. */
  ledger(query: LedgerQuery): LedgerPage | Promise<LedgerPage>
  /**
   * Where what accounts have spent in their current period is not what the ledger says. `repair`: makes it so. Steps may go on meanwhile.
   */
  audit(repair: boolean): readonly Difference[] | Promise<readonly Difference[]>
  /**
   * Forgets rows from before that time (ms since 1970), at most so many; what they say of accounts is carried, until their period was over by then.
   * Answers how many: where they are fewer, none is left, or none where it was looked this time.
   */
  trim(before: number, most: number): number | Promise<number>
  /** ms since 1970 before which rows of that shard may have been forgotten; 0: none was. */
  forgotten(shard: string): number | Promise<number>
  /** Of each line of that shard, in their order. */
  spend(of: Pick<Settlement, 'shard' | 'lines'>, now: number): readonly Spend[] | Promise<readonly Spend[]>
  /** Keeps all of them, in the place of what had their ids. */
  keep(keepsakes: readonly Keepsake[], now: number): void | Promise<void>
  /** What is there of these, by id; what has expired is not. */
  recall(recall: Recall): ReadonlyMap<string, string> | Promise<ReadonlyMap<string, string>>
  /** True: it was there. */
  forget(key: KeepsakeKey): boolean | Promise<boolean>
  /** Keeps it unless something is kept there, and answers what is; undefined: it is this one's now. */
  claim(keepsake: Keepsake, now: number): string | undefined | Promise<string | undefined>
  /** All of one kind, by name: kept until they are erased. */
  notes(kind: NoteKind): ReadonlyMap<string, string> | Promise<ReadonlyMap<string, string>>
  note(kind: NoteKind, name: string): string | undefined | Promise<string | undefined>
  /** In the place of what had its name. */
  write(kind: NoteKind, name: string, value: string): void | Promise<void>
  /** True: it was there. */
  erase(kind: NoteKind, name: string): boolean | Promise<boolean>
  /** Whether it outlives the process. */
  readonly durable: boolean
  close(): void | Promise<void>
}
