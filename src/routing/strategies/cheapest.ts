import { ascending, type Strategy } from './strategy.ts'

/**
 * By the expected cost of this request: its input estimate and expected output at each target's price, price tiers included. Unknown prices
 * come last, ties stay as written.
 */
export const cheapest: Strategy = (contenders) =>
  ascending(contenders, { value: ({ cost }) => cost, best: 'cheapest', unknown: 'price unknown' })
