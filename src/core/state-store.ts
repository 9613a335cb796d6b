import type { BudgetPeriod, Limits } from './key.ts'
import type { NanoUsd } from './money.ts'

/** What one account may spend in a period. What is held counts in any period, what is spent in the one in which it is booked. */
export interface Budget {
  /** Whose: `key/team-a`. */
  readonly account: string
  readonly limit: NanoUsd
  readonly per: BudgetPeriod
}

/** A budget at a moment. */
export interface Line extends Budget {
  /** ms since 1970 at which the period ends, Infinity: never. A store that knows of a later end keeps to that: clocks differ. */
  readonly ends: number
}

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
}

export type Admitted =
  | { readonly ok: true }
  | { readonly ok: false; readonly gate: string; readonly limit: keyof Limits; readonly retryAfterMs: number }

/** The worst case of one attempt, held on all lines or on none before a byte is sent. Holding twice changes nothing. */
export interface HoldRequest extends StepId {
  readonly lines: readonly Line[]
  readonly amount: NanoUsd
  readonly now: number
  readonly expiresAt: number
}

/** `left`: of the first line that has no room. */
export type Held = { readonly ok: true } | { readonly ok: false; readonly account: string; readonly left: NanoUsd }

/** Books the bill whole on each line, also over its hold, and drops the hold. A hold that has expired is booked all the same, once. */
export interface Settlement extends StepId {
  readonly lines: readonly Line[]
  readonly bill: NanoUsd
  readonly now: number
}

/** What an account has spent in the current period, and what is held. */
export interface Spend {
  readonly spent: NanoUsd
  readonly held: NanoUsd
}

/** Where something is kept: a caller's own, of one kind, by its id. Nobody finds what is another's (law 13). */
export interface KeepsakeKey {
  /** The key's id; '' for an open gateway. */
  readonly owner: string
  /** `response`: a stored answer; `item`: which of these an item stands in; `signature`: what a model thought before a call of a tool, or who signed a thought. */
  readonly kind: 'response' | 'item' | 'signature'
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

/** One atomic step each; every step is idempotent by its id. Stores answer at once or by promise. */
export interface StateStore {
  admit(admission: Admission): Admitted | Promise<Admitted>
  /** Gives the slots back and corrects the tokens. */
  leave(step: StepId, tokens: number, now: number): void | Promise<void>
  /** As if it had not been admitted: where another shard had no room. */
  withdraw(step: StepId, now: number): void | Promise<void>
  hold(request: HoldRequest): Held | Promise<Held>
  settle(settlement: Settlement): void | Promise<void>
  /** Of each line, in their order. */
  spend(lines: readonly Line[], now: number): readonly Spend[] | Promise<readonly Spend[]>
  /** Keeps all of them, in the place of what had their ids. */
  keep(keepsakes: readonly Keepsake[], now: number): void | Promise<void>
  /** What is there of these, by id; what has expired is not. */
  recall(recall: Recall): ReadonlyMap<string, string> | Promise<ReadonlyMap<string, string>>
  /** True: it was there. */
  forget(key: KeepsakeKey): boolean | Promise<boolean>
  /** What operators have denied without a file, by name: kept until it is lifted. `deny` puts one in the place of what had its name. */
  denied(): ReadonlyMap<string, string> | Promise<ReadonlyMap<string, string>>
  deny(name: string, value: string): void | Promise<void>
  /** True: it was there. */
  lift(name: string): boolean | Promise<boolean>
  /** Whether it outlives the process. */
  readonly durable: boolean
  close(): void | Promise<void>
}
