import type { NanoUsd } from './money.ts'

/** Tokens of one answer. undefined is "not reported", never 0. Cached and written tokens are part of `input`, reasoning is part of `output`. */
export interface Usage {
  readonly input?: number
  readonly cachedInput?: number
  readonly cacheWrite?: number
  readonly output?: number
  readonly reasoning?: number
  /** What the upstream itself says the answer cost, where it does (OpenRouter, Perplexity). */
  readonly reportedCost?: NanoUsd
}

/** What an answer cost: `unknown` where no price is known. */
export interface Bill {
  readonly cost: NanoUsd | 'unknown'
  readonly estimated: boolean
  readonly usage: Usage
}
