import { tariffOf, windowAt } from '#src/accounting/price.ts'
import { factCode } from '#src/core/missing-facts.ts'
import { formatUsd } from '#src/core/money.ts'
import { RATES, type Price, type PriceWindow, type Rates } from '#src/core/price.ts'
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
  { request, signals, key, seed }: Subject,
  { estimates, now, spends, warm }: DecisionInputs,
  choices: readonly Choice[],
): RecordedInputs {
  const expected = estimates.expectedOutput(request.model)
  const candidates = choices.flatMap((choice) => candidateOf(choice, now))
  return {
    seed,
    now,
    signals: signalsOf(signals),
    ...(key?.written && { key: key.written }),
    ...(request.stream && { stream: true }),
    ...(Object.keys(request.metadata).length > 0 && { metadata: request.metadata }),
    ...(request.client && Object.keys(request.client).length > 0 && { client: request.client }),
    ...(spends && spends.size > 0 && { spend: spendOf(spends) }),
    ...(expected !== undefined && { expected_output_tokens: expected }),
    ...(warm &&
      choices.some(({ target }) => target.id === warm.target) && {
        warm: { target: warm.target, tokens: warm.tokens },
      }),
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
    searches,
    serviceTier,
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
    ...(searches !== undefined && { searches }),
    ...(serviceTier !== undefined && { service_tier: serviceTier }),
    ...(needs.length > 0 && { needs }),
    ...(carried && { carried }),
    ...(called && { called }),
    ...(guarded && { guarded }),
    ...(pii && { pii: { counts: pii.counts, ...(pii.unscannable && { unscannable: true as const }) } }),
  }
}

function spendOf(spends: NonNullable<DecisionInputs['spends']>): NonNullable<RecordedInputs['spend']> {
  const record: Record<string, { spent: string; held: string }> = {}
  for (const [account, { spent, held }] of spends) record[account] = { spent: String(spent), held: String(held) }
  return record
}

/** Nothing where nothing is known: most targets of a long list. */
function candidateOf({ target, latency, state, finding }: Choice, now: number): readonly CandidateInputs[] {
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
    ...(price && { price: priceOf(price, now) }),
    ...(target.hosted && { inventory: inventoryOf(target.hosted) }),
    ...(finding.unspeakable && { unspeakable: finding.unspeakable }),
  }
  return Object.keys(known).length > 0 ? [{ target: target.id, ...known }] : []
}

function inventoryOf({ said }: NonNullable<Target['hosted']>): RecordedInventory {
  const { model: _, ...others } = said
  return others
}

/** A price lives as long as its configuration and is written with every request; what held is the row itself or one of its windows. */
const written = new WeakMap<Price | PriceWindow, RecordedPrice>()

function priceOf(price: Price, now: number): RecordedPrice {
  const window = windowAt(price, now)
  const known = written.get(window ?? price)
  if (known) return known
  const { tariff, factor } = tariffOf(price, window)
  const { tiers } = tariff
  const record = {
    ...ratesOf(tariff),
    ...(tiers && { tiers: tiers.map((tier) => ({ above: tier.above, ...ratesOf(tier) })) }),
    ...(factor !== undefined && { factor: formatUsd(factor) }),
    ...(price.currency && { currency: price.currency.code }),
    source: price.source,
    ...(price.asOf !== undefined && { as_of: price.asOf }),
  }
  written.set(window ?? price, record)
  return record
}

function ratesOf(rates: Rates): Pick<RecordedPrice, 'input' | 'output'> {
  const others = RATES.flatMap((name) => (rates[name] === undefined ? [] : [[factCode(name), String(rates[name])]]))
  return { input: String(rates.input), output: String(rates.output), ...Object.fromEntries(others) }
}
