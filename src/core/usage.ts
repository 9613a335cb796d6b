import type { NanoUsd } from './money.ts'

/**
 * Tokens of one answer. undefined is "not reported", never 0. `input` counts cached and written tokens, sounds, images and what server tools
 * read; `output` counts reasoning, sounds and predictions: the others are parts of these two.
 */
export interface Usage {
  readonly input?: number
  readonly cachedInput?: number
  readonly cacheWrite?: number
  /** The part of `cacheWrite` that is kept for an hour. */
  readonly cacheWriteLong?: number
  readonly audioInput?: number
  readonly imageInput?: number
  /** What server tools put into the prompt. */
  readonly toolInput?: number
  readonly output?: number
  readonly reasoning?: number
  readonly audioOutput?: number
  readonly imageOutput?: number
  readonly acceptedPrediction?: number
  readonly rejectedPrediction?: number
  /** What the upstream itself says the answer cost, where it does (OpenRouter, Perplexity). */
  readonly reportedCost?: NanoUsd
}

/** What an answer cost: `unknown` where no price is known. */
export interface Bill {
  readonly cost: NanoUsd | 'unknown'
  readonly estimated: boolean
  readonly usage: Usage
}
