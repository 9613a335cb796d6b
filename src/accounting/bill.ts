import type { Facts } from '#src/core/facts.ts'
import type { NanoUsd } from '#src/core/money.ts'
import type { Price } from '#src/core/price.ts'
import type { Signals } from '#src/core/request.ts'
import type { Bill, Usage } from '#src/core/usage.ts'
import { classesOf, tokens } from './classes.ts'
import { cacheSavings, costOf, isEmbedding, mostOutput, type Circumstances } from './price.ts'

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
  /** When the attempt began, in ms since 1970. */
  readonly at: number
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
 * which says so. A count that the upstream left out is estimated alone. What the upstream itself calls an estimate is one. Without a price the cost is `unknown`, never 0.
 */
export function billOf(answered: Answered): Bill {
  const { price, usage: reported } = answered
  if (reported === undefined) return estimateBill(answered)
  const noInput = reported.input === undefined
  const noOutput = lacksOutput(answered, reported)
  const said = reported.reportedCost
  if (said !== undefined && said >= 0n) {
    const expected = price && !noInput && !noOutput ? priced(price, reported, answered) : undefined
    const deviates = expected !== undefined && isFar(said, expected)
    return {
      cost: said,
      estimated: reported.estimated === true,
      usage: reported,
      reported: true,
      ...rowOf(price),
      ...(deviates && { expected }),
    }
  }
  const usage = {
    ...reported,
    ...(noInput && { input: Math.max(estimatedInput(answered), classesOf(reported).input) }),
    ...(noOutput && { output: estimatedOutput(answered) }),
  }
  return billed(answered, usage, noInput || noOutput || reported.estimated === true)
}

/**
 * The bill of an answer without usage: the request's input estimate, and one token for every BYTES_PER_TOKEN bytes
 * seen, never more than the request allowed. Hidden reasoning is not seen and not in it. Always `estimated`.
 */
export function estimateBill(answered: Answered): Bill {
  return billed(answered, { input: estimatedInput(answered), output: estimatedOutput(answered) }, true)
}

function billed(answered: Answered, usage: Usage, estimated: boolean): Bill {
  const { price } = answered
  const saved = price && cacheSavings(price, usage, circumstancesOf(answered))
  const cost = price ? priced(price, usage, answered) : 'unknown'
  return { cost, estimated, usage, ...(saved !== undefined && { saved }), ...rowOf(price) }
}

function priced(price: Price, usage: Usage, answered: Answered): NanoUsd {
  return costOf(price, usage, circumstancesOf(answered))
}

function circumstancesOf({ at, signals, facts }: Answered): Circumstances {
  return { at, serviceTier: signals.serviceTier, region: facts?.region }
}

function rowOf(price: Price | undefined): Pick<Bill, 'price'> {
  return price ? { price: { source: price.source, ...(price.asOf !== undefined && { asOf: price.asOf }) } } : {}
}

/** By more than a twentieth of what the row says. */
function isFar(said: NanoUsd, expected: NanoUsd): boolean {
  const difference = said > expected ? said - expected : expected - said
  return difference * 20n > expected
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
