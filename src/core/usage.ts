import type { NanoUsd } from './money.ts'
import type { Price } from './price.ts'

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
  /** The part of `audioInput` that is one of `cachedInput` too. */
  readonly cachedAudio?: number
  readonly imageInput?: number
  /** What server tools put into the prompt. */
  readonly toolInput?: number
  readonly output?: number
  readonly reasoning?: number
  readonly audioOutput?: number
  readonly imageOutput?: number
  readonly acceptedPrediction?: number
  readonly rejectedPrediction?: number
  /** How often the provider searched for the answer. */
  readonly searches?: number
  /** How and where it was processed, where the answer says so, in lower case: `priority`, `us`. */
  readonly serviceTier?: string
  readonly region?: string
  /** What the upstream itself says the answer cost, where it does (OpenRouter, Perplexity). */
  readonly reportedCost?: NanoUsd
  /** What the upstream says of this answer, its cost too, is an estimate of its own: another tutti tells. */
  readonly estimated?: boolean
}

/** What an answer cost: `unknown` where no price is known. */
export interface Bill {
  readonly cost: NanoUsd | 'unknown'
  /** Tokens that the cost stands on were estimated. */
  readonly estimated: boolean
  readonly usage: Usage
  /** The cost is what the upstream itself said. */
  readonly reported?: true
  /** What reading from caches saved, less what writing to them cost more, at that price; absent: there was none of both, or the cost is the upstream's word. */
  readonly saved?: NanoUsd
  /** The row that the usage was priced by, or would have been. */
  readonly price?: Pick<Price, 'source' | 'asOf'>
  /** What the row says, where the upstream says otherwise by more than 5 %. */
  readonly expected?: NanoUsd
}

/** Without the members that are undefined: not reported. */
export function reported(usage: { readonly [Name in keyof Usage]?: Usage[Name] | undefined }): Usage {
  return Object.fromEntries(Object.entries(usage).filter(([, value]) => value !== undefined))
}
