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

/** One atomic step each; every step is idempotent by its id. Stores answer at once or by promise. */
export interface StateStore {
  admit(admission: Admission): Admitted | Promise<Admitted>
  /** Gives the slot back and corrects the tokens. */
  leave(id: string, tokens: number, now: number): void | Promise<void>
  hold(request: HoldRequest): Held | Promise<Held>
  /** Books the bill whole, also over its hold, and drops the hold. A hold that has expired is booked all the same, once. */
  settle(id: string, key: Key, bill: NanoUsd, now: number): void | Promise<void>
  spend(key: Key, now: number): Spend | Promise<Spend>
  close(): void | Promise<void>
}
