import type { NanoUsd } from '#src/core/money.ts'
import type { Booked } from '#src/core/ledger.ts'
import type { Admission, Admitted, Held, HoldRequest, Line, StepId } from '#src/core/state-store.ts'

/** What was spent in the period that ends at `ends` (ms; Infinity: never). */
export interface Account {
  ends: number
  spent: NanoUsd
}

export const HELD: Held = { ok: true }

/** Begins the line's period where the account's is over. A clock that goes back changes nothing. */
export function turn(account: Account, { ends }: Booked): void {
  if (ends <= account.ends) return
  account.ends = ends
  account.spent = 0n
}

/** Whether `amount` fits beside what is spent and held. Over-spent, not even 0 does. */
export function fits({ limit }: Line, taken: NanoUsd, amount: NanoUsd): boolean {
  return taken + amount <= limit
}

/** A line with the period that it was really booked in. */
export function bookedAt({ account, per }: Booked, { ends }: Account): Booked {
  return { account, per, ends }
}

export function refuse({ account, limit }: Line, taken: NanoUsd): Held {
  return { ok: false, account, left: limit > taken ? limit - taken : 0n }
}

/** Amounts below zero would raise a budget. */
export function atLeastZero(amount: NanoUsd): NanoUsd {
  return amount > 0n ? amount : 0n
}

/** By which a step is known: ids have no spaces. */
export function stepName({ id, shard }: StepId): string {
  return `${id} ${shard}`
}

/** An admission with the hold of whoever comes in; `hold` is the store's own. */
export function alsoHeld(admission: Admission, admitted: Admitted, hold: (request: HoldRequest) => Held): Admitted {
  if (!admitted.ok || !admission.hold) return admitted
  const { shard, now } = admission
  return { ...admitted, held: hold({ ...admission.hold, shard, now }) }
}
