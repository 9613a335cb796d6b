import type { BudgetPeriod, Key } from '#src/core/key.ts'
import type { NanoUsd } from '#src/core/money.ts'
import type { Held, HoldRequest, Spend } from '#src/core/state-store.ts'
import { atLeastZero, fits, HELD, openAccount, refuse, turn, type Account, type Budget } from './budget.ts'
import type { Recent } from './recent.ts'

interface Hold {
  readonly amount: NanoUsd
  readonly expiresAt: number
}

/** One key's money: holds count in whatever period it is, what is spent belongs to one. */
interface Purse {
  held: NanoUsd
  readonly holds: Map<string, Hold>
  /** No hold expires before this: most requests need no scan. */
  earliest: number
  readonly accounts: Map<BudgetPeriod, Account>
}

export interface MemoryBudgets {
  hold(request: HoldRequest): Held
  settle(id: string, key: Key, bill: NanoUsd, now: number): void
  spend(key: Key, now: number): Spend
  /** Looks at one key and forgets what no longer counts. */
  sweep(now: number): void
  /** Keys with anything kept, and holds. */
  size(): { readonly keys: number; readonly holds: number }
}

/** Budgets of all keys in this process. `settled` remembers attempts that are over. */
export function createMemoryBudgets(settled: Recent): MemoryBudgets {
  const purses = new Map<string, Purse>()
  let cursor = purses.entries()

  function purseOf(key: string): Purse {
    const known = purses.get(key)
    if (known !== undefined) return known
    const purse: Purse = { held: 0n, holds: new Map(), earliest: Number.POSITIVE_INFINITY, accounts: new Map() }
    purses.set(key, purse)
    return purse
  }

  return {
    hold({ id, key, amount: asked, now, expiresAt }) {
      const { budget } = key
      if (budget === undefined) return HELD
      const purse = purseOf(key.id)
      const known = purse.holds.get(id)
      if (known === undefined ? settled.has(id) : known.expiresAt > now) return HELD
      const amount = atLeastZero(asked)
      const account = accountOf(purse, budget, now)
      expire(purse, now)
      const taken = account.spent + purse.held
      if (!fits(budget, taken, amount)) return refuse(budget, taken, account.ends - now)
      purse.holds.set(id, { amount, expiresAt })
      purse.held += amount
      if (expiresAt < purse.earliest) purse.earliest = expiresAt
      return HELD
    },
    // oxlint-disable-next-line max-params -- the port's own signature
    settle(id, key, bill, now) {
      const purse = key.budget === undefined ? purses.get(key.id) : purseOf(key.id)
      if (purse === undefined || settled.has(id)) return
      settled.add(id)
      drop(purse, id)
      if (key.budget !== undefined) accountOf(purse, key.budget, now).spent += atLeastZero(bill)
    },
    spend(key, now) {
      const purse = purses.get(key.id)
      if (key.budget === undefined || purse === undefined) return { spent: 0n, held: 0n }
      expire(purse, now)
      return { spent: accountOf(purse, key.budget, now).spent, held: purse.held }
    },
    sweep(now) {
      const next = cursor.next()
      if (next.done === true) {
        cursor = purses.entries()
        return
      }
      const [key, purse] = next.value
      expire(purse, now)
      for (const [per, account] of purse.accounts) if (account.ends <= now) purse.accounts.delete(per)
      if (purse.holds.size === 0 && purse.accounts.size === 0) purses.delete(key)
    },
    size: () => ({
      keys: purses.size,
      holds: [...purses.values()].reduce((sum, purse) => sum + purse.holds.size, 0),
    }),
  }
}

function accountOf(purse: Purse, budget: Budget, now: number): Account {
  let account = purse.accounts.get(budget.per)
  if (account === undefined) {
    account = openAccount(budget, now)
    purse.accounts.set(budget.per, account)
  } else turn(account, budget, now)
  return account
}

function drop(purse: Purse, id: string): void {
  const hold = purse.holds.get(id)
  if (hold === undefined) return
  purse.holds.delete(id)
  purse.held -= hold.amount
}

/** Drops the holds that nobody settled in time. */
function expire(purse: Purse, now: number): void {
  if (now < purse.earliest) return
  purse.earliest = Number.POSITIVE_INFINITY
  for (const [id, hold] of purse.holds) {
    if (hold.expiresAt <= now) drop(purse, id)
    else if (hold.expiresAt < purse.earliest) purse.earliest = hold.expiresAt
  }
}
