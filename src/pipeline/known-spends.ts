import { linesAt, sharesOf, type Payer } from '#src/accounting/payer.ts'
import { isComing } from '#src/core/done.ts'
import type { Clock } from '#src/core/clock.ts'
import type { Spend, StateStore } from '#src/core/state-store.ts'

/** What was spent and is held, by account. */
export interface Spends {
  readonly of: ReadonlyMap<string, Spend>
  /** Some of it was asked for before. */
  readonly remembered: boolean
}

/** Asks what a caller's budgets have left. */
export interface KnownSpends {
  /** undefined: nothing is known. `exact`: nothing that was asked for before will do. */
  of(payer: Payer, exact: boolean): Promise<Spends | undefined>
}

/** ms for which what a store far away said is gone by. */
const KNOWN_MS = 1000

const NOTHING: Spend = { spent: 0n, held: 0n }

/**
 * What is far away is asked once a second for all requests: a hold has the last word before anything is sent, and what would be refused is asked for
 * anew. A store that answers at once is asked each time.
 */
export function createKnownSpends(store: StateStore, clock: Clock): KnownSpends {
  let known = new Map<string, Spend>()
  let since = -Infinity

  function current(now: number): Map<string, Spend> {
    if (now - since < KNOWN_MS && now >= since) return known
    known = new Map()
    since = now
    return known
  }

  return {
    async of(payer, exact) {
      if (payer.budgets.length === 0) return undefined
      const now = clock.now()
      const before = current(now)
      const spends = new Map<string, Spend>()
      let remembered = false
      try {
        for (const { shard, of } of sharesOf(payer, payer.budgets)) {
          const told = exact || before.size === 0 ? [] : of.flatMap(({ account }) => before.get(account) ?? [])
          const all = told.length === of.length
          const answer = all ? told : store.spend({ shard, lines: linesAt(of, now) }, now)
          const far = isComing(answer)
          const found = far ? await answer : answer
          of.forEach(({ account }, at) => {
            const spend = found[at] ?? NOTHING
            spends.set(account, spend)
            if (far) before.set(account, spend)
          })
          remembered ||= all
        }
        return { of: spends, remembered }
      } catch {
        // Nothing is sent that cannot be held: a decision need not know.
        return undefined
      }
    },
  }
}
