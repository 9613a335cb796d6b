import { RATES, type Price, type Rates } from '#src/core/price.ts'
import { ratesFor } from './price.ts'

/** Prices by `vendor/model`. */
export type Prices = ReadonlyMap<string, Price>

/** A price that is not taken over by itself: somebody has to look at it. */
export interface HeldBack {
  readonly id: string
  readonly reason: 'doubled' | 'vanished' | 'zero'
  /** The rate that is at least twice what it was, or 0 and was not. */
  readonly rate?: keyof Rates
}

/**
 * What of fresher prices may be taken over, and what is held back because it is more likely a slip of its source than a price: a rate that doubles at
 * any length of input, one that turns 0, a price that is gone. `accepted` has the old price of what is held back, unless `agreed` names it.
 */
export function comparePrices(
  old: Prices,
  next: Prices,
  agreed: ReadonlySet<string> = new Set(),
): { readonly accepted: Prices; readonly heldBack: readonly HeldBack[] } {
  const all = [...old].flatMap(([id, price]) => {
    const fault = agreed.has(id) ? undefined : faultOf(price, next.get(id))
    return fault ? [{ id, ...fault }] : []
  })
  const kept = all.flatMap(({ id }) => {
    const price = old.get(id)
    return price ? [[id, price] as const] : []
  })
  return { accepted: new Map([...next, ...kept]), heldBack: all }
}

function faultOf(old: Price, next: Price | undefined): Omit<HeldBack, 'id'> | undefined {
  if (!next) return { reason: 'vanished' }
  const lengths = [0, ...[old, next].flatMap(({ tiers = [] }) => tiers.map(({ above }) => above + 1))]
  for (const length of lengths) {
    const [before, after] = [whole(ratesFor(old, length)), whole(ratesFor(next, length))]
    for (const rate of RATES) {
      if (before[rate] === 0n) continue
      if (after[rate] === 0n) return { reason: 'zero', rate }
      if (after[rate] >= 2n * before[rate]) return { reason: 'doubled', rate }
    }
  }
  return undefined
}

/** With what is charged for a rate that a row leaves out. */
function whole(rates: Rates): Required<Rates> {
  const { input, output, cachedInput = input, cacheWrite = input } = rates
  return {
    cacheWriteLong: cacheWrite,
    audioInput: input,
    cachedAudio: cachedInput,
    imageInput: input,
    reasoning: output,
    audioOutput: output,
    imageOutput: output,
    perRequest: 0n,
    perSearch: 0n,
    ...rates,
    cachedInput,
    cacheWrite,
  }
}
