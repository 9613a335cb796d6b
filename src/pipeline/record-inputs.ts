import type { Price, Rates } from '#src/core/price.ts'
import type {
  CandidateInputs,
  RecordedInputs,
  RecordedInventory,
  RecordedPrice,
  RecordedSignals,
} from '#src/core/recorded.ts'
import { counted, type Signals } from '#src/core/request.ts'
import type { Target } from '#src/core/target.ts'
import type { Choice, DecisionInputs, Subject } from './subject.ts'

/** What a decision depended on, as it is logged (law 20): `replay` reads it back. */
export function recordInputs(
  { request, signals, seed }: Subject,
  { estimates, now, spends }: DecisionInputs,
  choices: readonly Choice[],
): RecordedInputs {
  const expected = estimates.expectedOutput(request.model)
  const candidates = choices.flatMap(candidateOf)
  return {
    seed,
    now,
    signals: signalsOf(signals),
    ...(request.stream && { stream: true }),
    ...(Object.keys(request.metadata).length > 0 && { metadata: request.metadata }),
    ...(request.client && Object.keys(request.client).length > 0 && { client: request.client }),
    ...(spends && spends.size > 0 && { spend: spendOf(spends) }),
    ...(expected !== undefined && { expected_output_tokens: expected }),
    ...(candidates.length > 0 && { candidates }),
  }
}

function signalsOf(signals: Signals): RecordedSignals {
  const {
    longestInput,
    unmeasured,
    outputLimit,
    outputTokens,
    choices,
    tools,
    images,
    needs,
    carried,
    called,
    pii,
    guarded,
  } = signals
  return {
    input_tokens: signals.inputTokens,
    input_tokens_worst: signals.inputTokensWorst,
    ...(longestInput !== undefined && { longest_input: longestInput }),
    ...(unmeasured !== 0 && { unmeasured }),
    ...(outputLimit !== undefined && { output_limit: outputLimit }),
    ...(outputTokens !== undefined && { output_tokens: outputTokens }),
    ...(choices !== 1 && { choices }),
    ...counted(tools, images),
    ...(needs.length > 0 && { needs }),
    ...(carried && { carried }),
    ...(called && { called }),
    ...(guarded && { guarded }),
    ...(pii && { pii: { counts: pii.counts, ...(pii.unscannable && { unscannable: true as const }) } }),
  }
}

function spendOf(spends: NonNullable<DecisionInputs['spends']>): NonNullable<RecordedInputs['spend']> {
  return Object.fromEntries(
    [...spends].map(([account, { spent, held }]) => [account, { spent: String(spent), held: String(held) }]),
  )
}

/** Nothing where nothing is known: most targets of a long list. */
function candidateOf({ target, latency, state, finding }: Choice): readonly CandidateInputs[] {
  const { price } = target.facts
  const known = {
    ...(latency && {
      latency: {
        first_token_ms: latency.firstTokenMs,
        per_token_ms: latency.perTokenMs,
        weight: latency.weight,
      },
    }),
    ...(state.score !== 1 && { health: state.score }),
    ...(state.unhealthyUntil !== undefined && { unhealthy_until: state.unhealthyUntil }),
    ...(price && { price: priceOf(price) }),
    ...(target.hosted && { inventory: inventoryOf(target.hosted) }),
    ...(finding.unspeakable && { unspeakable: finding.unspeakable }),
  }
  return Object.keys(known).length > 0 ? [{ target: target.id, ...known }] : []
}

function inventoryOf({ said }: NonNullable<Target['hosted']>): RecordedInventory {
  const { model: _, ...others } = said
  return others
}

/** A price lives as long as its configuration and is written with every request. */
const written = new WeakMap<Price, RecordedPrice>()

function priceOf(price: Price): RecordedPrice {
  const known = written.get(price)
  if (known) return known
  const { tiers } = price
  const made = {
    ...ratesOf(price),
    ...(tiers && { tiers: tiers.map((tier) => ({ above: tier.above, ...ratesOf(tier) })) }),
  }
  written.set(price, made)
  return made
}

function ratesOf({ input, output, cachedInput, cacheWrite }: Rates): Omit<RecordedPrice, 'tiers'> {
  return {
    input: String(input),
    output: String(output),
    ...(cachedInput !== undefined && { cached_input: String(cachedInput) }),
    ...(cacheWrite !== undefined && { cache_write: String(cacheWrite) }),
  }
}
