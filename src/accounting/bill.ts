import type { Facts } from '#src/core/facts.ts'
import type { Price } from '#src/core/price.ts'
import type { Signals } from '#src/core/request.ts'
import type { Bill, Usage } from '#src/core/usage.ts'
import { classesOf, costOf, isEmbedding, mostOutput, tokens } from './price.ts'

/**
 * UTF-8 bytes of generated text that an estimate takes for one token: close for English, Korean and code with today's
 * tokenizers.
 */
export const BYTES_PER_TOKEN = 4

/** What is known of an answer, or of what came of it before it broke. */
export interface Answered {
  /** undefined: no price is known. */
  readonly price: Price | undefined
  readonly signals: Signals
  readonly facts?: Facts
  /** UTF-8 bytes of everything generated that was seen. */
  readonly generatedBytes?: number
  /** The last usage that the upstream reported. */
  readonly usage?: Usage | undefined
  /** The answer broke off or was given up: what was reported on the way may lag behind what was written. */
  readonly unfinished?: boolean
}

/** The bill of an attempt that cannot have cost anything: nothing was sent, or the upstream refused it. */
export const NO_BILL: Bill = { cost: 0n, estimated: false, usage: {} }

/**
 * The bill of an answer: the cost that the upstream itself reported, else its usage at the price, else an estimate,
 * which says so. A count that the upstream left out is estimated alone. Without a price the cost is `unknown`, never 0.
 */
export function billOf(answered: Answered): Bill {
  const { price, usage: reported } = answered
  if (reported === undefined) return estimateBill(answered)
  if (reported.reportedCost !== undefined && reported.reportedCost >= 0n) {
    return { cost: reported.reportedCost, estimated: false, usage: reported }
  }
  const noInput = reported.input === undefined
  const noOutput = lacksOutput(answered, reported)
  const usage = {
    ...reported,
    ...(noInput && { input: Math.max(estimatedInput(answered), inputOf(reported)) }),
    ...(noOutput && { output: estimatedOutput(answered) }),
  }
  return { cost: price === undefined ? 'unknown' : costOf(price, usage), estimated: noInput || noOutput, usage }
}

/**
 * The bill of an answer without usage: the request's input estimate, and one token for every BYTES_PER_TOKEN bytes
 * seen, never more than the request allowed. Hidden reasoning is not seen and not in it. Always `estimated`.
 */
export function estimateBill(answered: Answered): Bill {
  const { price } = answered
  const usage = { input: estimatedInput(answered), output: estimatedOutput(answered) }
  return { cost: price === undefined ? 'unknown' : costOf(price, usage), estimated: true, usage }
}

/** No output was reported, or less than was seen of an answer that never ended. */
function lacksOutput(answered: Answered, reported: Usage): boolean {
  if (isEmbedding(answered.signals)) return false
  const output = reported.output ?? reported.reasoning
  return output === undefined || (answered.unfinished === true && tokens(output) < estimatedOutput(answered))
}

function estimatedInput({ signals }: Answered): number {
  return Math.min(tokens(signals.inputTokens), tokens(signals.inputTokensWorst))
}

function estimatedOutput({ signals, facts, generatedBytes }: Answered): number {
  const bytes = tokens(generatedBytes)
  // Sounds are no text: their bytes say nothing, what was to be spoken does.
  const seen =
    signals.outputTokens === undefined || bytes === 0 ? tokens(bytes / BYTES_PER_TOKEN) : tokens(signals.outputTokens)
  const most = mostOutput(signals, facts)
  return most === undefined || BigInt(seen) < most ? seen : Number(most)
}

function inputOf(usage: Usage): number {
  const { uncached, cached, written } = classesOf(usage)
  return uncached + cached + written
}
