import type { Key } from './key.ts'
import type { NanoUsd } from './money.ts'

/** A request asks to come in: counted against its key's `rpm`, `tpm` and `concurrency`, all of them or none. */
export interface Admission {
  /** The request's id: asking twice changes nothing. */
  readonly id: string
  readonly key: Key
  /** Input estimate plus output limit; corrected by `leave`. */
  readonly tokens: number
  readonly now: number
  /** ms since 1970 after which a slot that nobody gave back is free again. */
  readonly expiresAt: number
}

export type Admitted =
  | { readonly ok: true }
  | { readonly ok: false; readonly limit: 'rpm' | 'tpm' | 'concurrency'; readonly retryAfterMs: number }

/** The worst case of one attempt, held on its key's budget before a byte is sent. */
export interface HoldRequest {
  /** The attempt's id: holding twice changes nothing. */
  readonly id: string
  readonly key: Key
  readonly amount: NanoUsd
  readonly now: number
  readonly expiresAt: number
}

export type Held =
  | { readonly ok: true }
  | {
      readonly ok: false
      readonly left: NanoUsd
      /** ms until the period ends; undefined: never. */ readonly resetsInMs?: number
    }

/** What a key has spent in the current period, and what is held. */
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
  /** Gives the slot back and corrects the tokens. */
  leave(id: string, tokens: number, now: number): void | Promise<void>
  hold(request: HoldRequest): Held | Promise<Held>
  /** Books the bill whole, also over its hold, and drops the hold. A hold that has expired is booked all the same, once. */
  settle(id: string, key: Key, bill: NanoUsd, now: number): void | Promise<void>
  spend(key: Key, now: number): Spend | Promise<Spend>
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
