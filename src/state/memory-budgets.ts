import type { BudgetPeriod } from '#src/core/key.ts'
import type { NanoUsd } from '#src/core/money.ts'
import type { Booked } from '#src/core/ledger.ts'
import type { Held, HoldRequest, Settled, Settlement, Spend, StepId } from '#src/core/state-store.ts'
import { atLeastZero, bookedAt, fits, HELD, refuse, stepName, turn, type Account } from './budget.ts'
import type { MemoryLedger } from './memory-ledger.ts'
import type { Recent } from './recent.ts'

interface Hold {
  readonly amount: NanoUsd
  readonly expiresAt: number
  /** Where it is held. */
  readonly purses: readonly Purse[]
}

/** One account's money: holds count in whatever period it is, what is spent belongs to one. */
interface Purse {
  held: NanoUsd
  readonly holds: Map<string, Hold>
  /** No hold expires before this: most requests need no scan. */
  earliest: number
  readonly accounts: Map<BudgetPeriod, Account>
}

export interface MemoryBudgets {
  hold(request: HoldRequest): Held
  release(step: StepId): void
  settle(settlement: Settlement): Settled
  spend(of: Pick<Settlement, 'lines'>, now: number): readonly Spend[]
  /** Looks at one account and forgets what no longer counts. */
  sweep(now: number): void
  /** Accounts with anything kept, and holds. */
  size(): { readonly accounts: number; readonly holds: number }
}

/** Budgets of all accounts in this process. `settled` remembers attempts that are over. */
export function createMemoryBudgets(settled: Recent, ledger: MemoryLedger): MemoryBudgets {
  const { holds, peek, purseOf, take, drop, expire, sweep, size } = openPurses()

  /** The first line that has no room for it. */
  function lacking({ lines, now }: HoldRequest, amount: NanoUsd): Held | undefined {
    for (const line of lines) {
      const purse = purseOf(line)
      expire(purse, now)
      const taken = accountOf(purse, line).spent + purse.held
      if (!fits(line, taken, amount)) return refuse(line, taken)
    }
    return undefined
  }

  return {
    hold(request) {
      const { lines, now, expiresAt } = request
      const name = stepName(request)
      const known = holds.get(name)
      if (lines.length === 0 || (known ? known.expiresAt > now : settled.has(name))) return HELD
      if (known) drop(name, known)
      const amount = atLeastZero(request.amount)
      const refused = lacking(request, amount)
      if (refused) return refused
      take(name, { amount, expiresAt, purses: lines.map(purseOf) })
      return HELD
    },
    release(step) {
      const name = stepName(step)
      const hold = holds.get(name)
      if (hold === undefined && settled.has(name)) return
      settled.add(name)
      if (hold) drop(name, hold)
    },
    settle(settlement) {
      const { lines, now, notAfter } = settlement
      const name = stepName(settlement)
      const hold = holds.get(name)
      if (hold === undefined && settled.has(name)) return 'booked'
      if (now > notAfter) return 'late'
      settled.add(name)
      if (hold) drop(name, hold)
      const bill = atLeastZero(settlement.bill)
      const booked = lines.map((line) => {
        const account = accountOf(purseOf(line), line)
        account.spent += bill
        return bookedAt(line, account)
      })
      ledger.write({ ...settlement, bill, lines: booked })
      return 'booked'
    },
    spend: ({ lines }, now) =>
      lines.map((line) => {
        const purse = peek(line)
        if (purse === undefined) return { spent: 0n, held: 0n }
        expire(purse, now)
        return { spent: accountOf(purse, line).spent, held: purse.held }
      }),
    sweep,
    size,
  }
}

interface Purses extends Pick<MemoryBudgets, 'sweep' | 'size'> {
  readonly holds: ReadonlyMap<string, Hold>
  peek(line: Booked): Purse | undefined
  purseOf(line: Booked): Purse
  take(name: string, hold: Hold): void
  drop(name: string, hold: Hold): void
  /** Drops the holds that nobody settled in time. */
  expire(purse: Purse, now: number): void
}

function openPurses(): Purses {
  const purses = new Map<string, Purse>()
  const holds = new Map<string, Hold>()
  let cursor = purses.entries()

  function drop(name: string, hold: Hold): void {
    holds.delete(name)
    for (const purse of hold.purses) if (purse.holds.delete(name)) purse.held -= hold.amount
  }

  function expire(purse: Purse, now: number): void {
    if (now < purse.earliest) return
    purse.earliest = Number.POSITIVE_INFINITY
    for (const [name, hold] of purse.holds) {
      if (hold.expiresAt <= now) drop(name, hold)
      else if (hold.expiresAt < purse.earliest) purse.earliest = hold.expiresAt
    }
  }

  return {
    holds,
    drop,
    expire,
    peek: ({ account }) => purses.get(account),
    purseOf({ account }) {
      const known = purses.get(account)
      if (known !== undefined) return known
      const purse: Purse = { held: 0n, holds: new Map(), earliest: Number.POSITIVE_INFINITY, accounts: new Map() }
      purses.set(account, purse)
      return purse
    },
    take(name, hold) {
      holds.set(name, hold)
      for (const purse of hold.purses) {
        purse.holds.set(name, hold)
        purse.held += hold.amount
        purse.earliest = Math.min(purse.earliest, hold.expiresAt)
      }
    },
    sweep(now) {
      const next = cursor.next()
      if (next.done === true) {
        cursor = purses.entries()
        return
      }
      const [name, purse] = next.value
      expire(purse, now)
      for (const [per, account] of purse.accounts) if (account.ends <= now) purse.accounts.delete(per)
      if (purse.holds.size === 0 && purse.accounts.size === 0) purses.delete(name)
    },
    size: () => ({ accounts: purses.size, holds: holds.size }),
  }
}

function accountOf(purse: Purse, line: Booked): Account {
  let account = purse.accounts.get(line.per)
  if (account === undefined) {
    account = { ends: line.ends, spent: 0n }
    purse.accounts.set(line.per, account)
  } else turn(account, line)
  return account
}
