import type { Facts } from '#src/core/facts.ts'
import type { NanoUsd } from '#src/core/money.ts'
import type { Price, Rates } from '#src/core/price.ts'
import type { Signals } from '#src/core/request.ts'
import type { Usage } from '#src/core/usage.ts'

/**
 * More than any model reads or writes in one answer: a larger count is a defect of the upstream's report, not a bill.
 */
export const MOST_TOKENS = 1_000_000_000

const MILLION = 1_000_000n

/**
 * Tokens by the rate that they are charged at. `uncached + cached + written` is the input, each token is in one class.
 */
export interface TokenClasses {
  readonly uncached: number
  readonly cached: number
  readonly written: number
  readonly output: number
}

/**
 * Splits usage into the classes that are charged. Counts are whole and between 0 and MOST_TOKENS; what exceeds its
 * whole (more cached than input, more written than the rest) is cut to it.
 */
export function classesOf(usage: Usage): TokenClasses {
  const cachedReport = tokens(usage.cachedInput)
  const writtenReport = tokens(usage.cacheWrite)
  const input = usage.input === undefined ? tokens(cachedReport + writtenReport) : tokens(usage.input)
  const cached = Math.min(cachedReport, input)
  const written = Math.min(writtenReport, input - cached)
  const output = tokens(usage.output ?? usage.reasoning)
  return { uncached: input - cached - written, cached, written, output }
}

/**
 * What `usage` costs at `price`, rounded up to a nano-USD once. A tier switches the whole request. Cached input is
 * never dearer than uncached: where a row says so, the input rate counts (law 4).
 */
export function costOf(price: Price, usage: Usage): NanoUsd {
  const classes = classesOf(usage)
  const rates = ratesFor(price, classes.uncached + classes.cached + classes.written)
  const cachedRate = least(rates.cachedInput ?? rates.input, rates.input)
  return perMillion(
    BigInt(classes.uncached) * rates.input +
      BigInt(classes.cached) * cachedRate +
      BigInt(classes.written) * (rates.cacheWrite ?? rates.input) +
      BigInt(classes.output) * rates.output,
  )
}

/**
 * The most that an attempt may cost: what is held before it is sent (INTERFACE.md section 9, "Hold"). undefined:
 * neither the request nor the facts limit the output, and output is not free.
 */
export function worstCase(price: Price, signals: Signals, facts: Facts): NanoUsd | undefined {
  const input = tokens(mostInput(signals, facts))
  // A tier may be cheaper than the rates below it, so every one that this request can reach counts.
  const reachable: readonly Rates[] = [price, ...(price.tiers ?? []).filter((tier) => tier.above < input)]
  const outputRate = reachable.reduce((most, rates) => greatest(most, rates.output), 0n)
  const output = outputRate === 0n ? 0n : mostOutput(signals, facts)
  if (output === undefined) return undefined
  const inputRate = reachable.reduce((most, rates) => greatest(most, greatest(rates.input, rates.cacheWrite ?? 0n)), 0n)
  return perMillion(BigInt(input) * inputRate + output * outputRate)
}

/** More than any model reads. */
const LONGEST_CONTEXT = 2_000_000

/** What nobody can measure may fill the model's context, and no request reads more than that. */
function mostInput({ inputTokensWorst, unmeasured }: Signals, { context = LONGEST_CONTEXT }: Facts): number {
  return unmeasured === 0 ? inputTokensWorst : Math.max(inputTokensWorst, context)
}

function ratesFor(price: Price, input: number): Rates {
  let rates: Rates = price
  for (const tier of price.tiers ?? []) if (input > tier.above) rates = tier
  return rates
}

/** The most tokens that may be written: the request's limit, else the model's, for each answer asked for. */
export function mostOutput(signals: Signals, facts: Facts | undefined): bigint | undefined {
  if (isEmbedding(signals)) return 0n
  const each = signals.outputLimit ?? facts?.maxOutput
  return each === undefined ? undefined : BigInt(tokens(each)) * BigInt(Math.max(1, tokens(signals.choices)))
}

/** True for a request for vectors: they are not written in tokens. */
export function isEmbedding(signals: Signals): boolean {
  return signals.needs.some((need) => need.capability === 'embeddings')
}

/** A count as it is charged: whole, not negative, at most MOST_TOKENS; what is no number is 0. */
export function tokens(count: number | undefined): number {
  return count !== undefined && count > 0 ? Math.min(Math.ceil(count), MOST_TOKENS) : 0
}

function perMillion(amount: bigint): NanoUsd {
  return (amount + MILLION - 1n) / MILLION
}

function least(a: bigint, b: bigint): bigint {
  return a < b ? a : b
}

function greatest(a: bigint, b: bigint): bigint {
  return a > b ? a : b
}
