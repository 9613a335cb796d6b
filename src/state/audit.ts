import type { Booked, Difference } from '#src/core/ledger.ts'
import type { NanoUsd } from '#src/core/money.ts'

/** What was spent on an account in a period. */
export interface Sum extends Booked {
  readonly spent: NanoUsd
}

/**
 * Where accounts differ from what the ledger adds up to, in the latest period that either knows of. `sums` may hold several of one period: they are
 * added.
 */
export function differences(counters: readonly Sum[], sums: readonly Sum[]): readonly Difference[] {
  const [counted, said] = [latest(counters), latest(sums)]
  const found: Difference[] = []
  for (const name of new Set([...counted.keys(), ...said.keys()])) {
    const [counter, sum] = [counted.get(name), said.get(name)]
    const newest = !sum || (counter && counter.ends >= sum.ends) ? counter : sum
    if (!newest) continue
    const { account, per, ends } = newest
    const difference = { account, per, ends, counted: spentIn(counter, ends), ledger: spentIn(sum, ends) }
    if (difference.counted !== difference.ledger) found.push(difference)
  }
  return found
}

function spentIn(sum: Sum | undefined, ends: number): NanoUsd {
  return sum?.ends === ends ? sum.spent : 0n
}

/** Of each account and kind of period the latest. */
function latest(sums: readonly Sum[]): ReadonlyMap<string, Sum> {
  const found = new Map<string, Sum>()
  for (const sum of sums) {
    const name = `${sum.per} ${sum.account}`
    const known = found.get(name)
    if (!known || known.ends < sum.ends) found.set(name, sum)
    else if (known.ends === sum.ends) found.set(name, { ...known, spent: known.spent + sum.spent })
  }
  return found
}
