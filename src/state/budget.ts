import type { Key } from '#src/core/key.ts'
import type { NanoUsd } from '#src/core/money.ts'
import { periodOf } from '#src/core/period.ts'
import type { Held } from '#src/core/state-store.ts'

/** What was spent in the period that ends at `ends` (ms; Infinity: never). */
export interface Account {
  ends: number
  spent: NanoUsd
}

export type Budget = NonNullable<Key['budget']>

export const HELD: Held = { ok: true }

/** A new period's account; a bill is booked in the period in which it is settled. */
export function openAccount(budget: Budget, now: number): Account {
  return { ends: periodOf(budget.per, now).end, spent: 0n }
}

/** Begins the period that `now` lies in when the account's is over. A clock that goes back changes nothing. */
export function turn(account: Account, budget: Budget, now: number): void {
  if (now < account.ends) return
  account.ends = periodOf(budget.per, now).end
  account.spent = 0n
}

/** Whether `amount` fits beside what is spent and held. Over-spent, not even 0 does. */
export function fits(budget: Budget, taken: NanoUsd, amount: NanoUsd): boolean {
  return taken + amount <= budget.limit
}

export function refuse(budget: Budget, taken: NanoUsd, untilTurn: number): Held {
  const left = budget.limit > taken ? budget.limit - taken : 0n
  return Number.isFinite(untilTurn) ? { ok: false, left, resetsInMs: untilTurn } : { ok: false, left }
}

/** Amounts below zero would raise a budget. */
export function atLeastZero(amount: NanoUsd): NanoUsd {
  return amount > 0n ? amount : 0n
}
