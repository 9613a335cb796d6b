import type { NanoUsd } from './money.ts'

/** Rates in nano-USD per 1M tokens. A missing `cachedInput` or `cacheWrite` is charged as `input`. */
export interface Rates {
  readonly input: NanoUsd
  readonly output: NanoUsd
  readonly cachedInput?: NanoUsd
  readonly cacheWrite?: NanoUsd
}

/** A price row: the base rates, and tiers that switch the whole request once its input is above a number of tokens. */
export interface Price extends Rates {
  /** Ascending by `above`; the last one passed counts. */
  readonly tiers?: readonly (Rates & { readonly above: number })[]
  /** Where the row is from and when: `tutti.yaml:12:5`, or a source and a date. */
  readonly source: string
  readonly asOf?: string
}
