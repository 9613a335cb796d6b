import { cacheSavings, costOf } from '#src/accounting/price.ts'
import { circumstancesOf } from '#src/core/circumstances.ts'
import { compare } from '#src/core/compare.ts'
import type { Candidate, Decision, GuardRecord, Shadow } from '#src/core/decision.ts'
import { ASKED, ENDPOINTS } from '#src/core/endpoint.ts'
import type { Facts } from '#src/core/facts.ts'
import type { Failure } from '#src/core/failure.ts'
import { toUsdNumber } from '#src/core/money.ts'
import type { Objection } from '#src/core/policy.ts'
import { typesIn, type PiiType } from '#src/core/pii/types.ts'
import type { RecordedInputs } from '#src/core/recorded.ts'
import type { Signals } from '#src/core/request.ts'
import { createSeed } from '#src/core/seed.ts'
import type { Route, Snapshot, Timeouts, WeightedTarget } from '#src/core/snapshot.ts'
import type { Target } from '#src/core/target.ts'
import { basesFor } from '#src/routing/bases.ts'
import { guarding } from '#src/routing/guarding.ts'
import { createOccasion, type Occasion } from '#src/routing/occasion.ts'
import { preferencesFor } from '#src/routing/prefer.ts'
import { ENDPOINT_PARAM, rank } from '#src/routing/rank.ts'
import { resolve, type Resolved } from '#src/routing/resolve.ts'
import type { Placed } from '#src/routing/strategies/strategy.ts'
import { redactionFor } from '#src/routing/redaction.ts'
import { changedSignals, termsFor, type Terms } from '#src/routing/terms.ts'
import { recordInputs } from './record-inputs.ts'
import { refuse } from './refuse.ts'
import type { Choice, DecisionInputs, Subject } from './subject.ts'
import { find, type Finding, type FindInput } from './verdict.ts'

export interface Decided {
  readonly decision: Decision
  /** Targets in the order of the attempts; empty exactly where there is a failure. */
  readonly plan: readonly Target[]
  readonly failure?: Failure
  readonly timeouts: Timeouts
  /** The most that may go over the wire. */
  readonly attempts: number
  /** ms for which an answer is kept for the same request; absent: none is. */
  readonly cacheFor?: number
}

/** Output tokens that are expected until a name's running mean is known (INTERFACE.md section 9, Plan). */
const EXPECTED_OUTPUT = 400

/**
 * Decides one request: which targets its name stands for, what stands in each one's way, and in which order the rest is asked. Pure: the same
 * arguments give the same decision, live, explained or replayed. Never throws.
 */
export function decide(snapshot: Snapshot, asked: Subject, given: DecisionInputs): Decided {
  const subject = onTerms(snapshot, asked, given.now)
  const { request } = subject
  const settings = snapshot.defaults
  const resolved = resolve(snapshot, subject.key, request.model)
  const sticky = 'route' in resolved && resolved.route?.sticky === true
  const { warm, ...others } = given
  const inputs = sticky && warm && warm.tokens > 0 ? given : others
  if ('failure' in resolved) {
    return {
      decision: record(snapshot, subject, { candidates: [], plan: [], inputs: recordInputs(subject, inputs, []) }),
      plan: [],
      failure: resolved.failure,
      ...settings,
    }
  }
  const { timeouts, attempts, cacheFor }: Pick<Route, 'timeouts' | 'attempts' | 'cacheFor'> = resolved.route ?? settings
  const means = { timeouts, attempts, ...(cacheFor !== undefined && { cacheFor }) }
  const choices = choose(snapshot, { subject, inputs, resolved })
  const placed = order(choices, { subject, resolved })
  const plan = planned(
    resolved,
    placed.map(({ contender }) => contender.target),
  )
  const recorded = recordInputs(subject, inputs, choices)
  const decision = record(snapshot, subject, { candidates: candidatesOf(choices, placed), plan, inputs: recorded })
  if (plan.length > 0) return { decision, plan, ...means }
  const failure = refuse(
    request.model,
    choices.map(({ finding }) => finding),
    inputs.now,
  )
  return { decision, plan: [], failure, ...means }
}

type OnTerms = Subject & Required<Pick<Subject, 'occasion' | 'terms'>>

/** A request with what rules make of it, whoever may answer. */
export function onTerms(snapshot: Snapshot, subject: Subject, now: number): OnTerms {
  const { occasion, terms } = subject
  return occasion && terms ? { ...subject, occasion, terms } : { ...subject, ...standingOf(snapshot, subject, now) }
}

/** What the rules make of a request, and the occasion on which they are asked: first what is taken out, for other rules may ask what is left. */
export function standingOf(
  snapshot: Snapshot,
  { request, signals, key }: Pick<Subject, 'request' | 'signals' | 'key'>,
  now: number,
): { readonly occasion: Occasion; readonly terms: Terms } {
  const came = { request, signals, key, now }
  const before = createOccasion(() => circumstancesOf(came))
  const { redaction, refusals, shadow } = redactionFor(snapshot, { key, occasion: before }, came)
  const occasion = redaction ? createOccasion(() => circumstancesOf({ ...came, redacted: redaction.types })) : before
  const others = termsFor(snapshot, { key, occasion }, signals)
  const { asking, watching, ...guarded } = guarding(snapshot, { key, occasion }, came)
  const terms = {
    writes: others.writes,
    refusals: [...refusals, ...guarded.refusals, ...others.refusals],
    shadow: [...shadow, ...guarded.shadow, ...others.shadow],
    ...(others.labels && { labels: others.labels }),
    ...(redaction && { redaction }),
    ...(asking.length > 0 && { asking }),
    ...(watching.length > 0 && { watching }),
  }
  return { occasion, terms }
}

interface Question {
  readonly subject: OnTerms
  readonly resolved: Resolved
}

function choose(
  snapshot: Snapshot,
  { subject, inputs, resolved }: Question & { readonly inputs: DecisionInputs },
): readonly Choice[] {
  const { request, key, speech, occasion, terms } = subject
  const signals = changedSignals(subject.signals, terms)
  const preferences = preferencesFor(snapshot, { key, occasion })
  const basesOf = basesFor(snapshot, { key, occasion }, inputs.now)
  const refusals = [...preferences.failed, ...terms.refusals]
  const { endpoint, model } = request
  const input: FindInput = { snapshot, endpoint, model, signals, key, occasion, refusals, speech, ...inputs }
  const output = expectedOutput({ ...subject, signals }, inputs)
  return resolved.targets.map((weighted) => {
    const expected = output(weighted.target)
    const preferredBy = preferences.of(weighted.target)
    const made = contender(weighted, { signals, inputs, expected })
    const finding = find(input, weighted.target)
    const shadow = [...(finding.shadow ?? []).map(shadowOf), ...preferences.shadow(weighted.target), ...terms.shadow]
    const transfer = finding.verdict === 'denied' ? [] : basesOf(weighted.target)
    const more = { ...(preferredBy.length > 0 && { preferredBy }), ...(transfer.length > 0 && { transfer }) }
    return { ...made, ...more, finding, shadow }
  })
}

/** Output tokens that one answer is expected to have: the name's mean, never over the request's limit or the model's. */
function expectedOutput({ request, signals }: Subject, { estimates }: DecisionInputs): (target: Target) => number {
  if (ASKED[request.endpoint].operation === 'embeddings') return () => 0
  const mean = estimates.expectedOutput(request.model) ?? EXPECTED_OUTPUT
  return ({ facts }) => Math.ceil(Math.min(mean, signals.outputLimit ?? Infinity, facts.maxOutput ?? Infinity))
}

interface Expectation {
  readonly signals: Signals
  readonly inputs: DecisionInputs
  readonly expected: number
}

function contender(
  { target, weight }: WeightedTarget,
  { signals, inputs, expected }: Expectation,
): Omit<Choice, 'finding' | 'shadow'> {
  const { estimates, now, warm } = inputs
  const { price } = target.facts
  const latency = estimates.latency(target.id, now)
  const state = estimates.health(target.id, now)
  const { serviceTier } = signals
  const usage = {
    input: signals.inputTokens,
    output: expected * signals.choices,
    ...(warm?.target === target.id && { cachedInput: warm.tokens }),
    ...(serviceTier && { serviceTier }),
  }
  const circumstances = { at: now, region: target.facts.region }
  const saving = price && cacheSavings(price, usage, circumstances)
  return {
    target,
    weight,
    ...(price && { cost: costOf(price, usage, circumstances) }),
    ...(saving !== undefined && saving > 0n && { saving }),
    ...(latency && { latencyMs: latency.firstTokenMs + latency.perTokenMs * Math.max(0, expected - 1) }),
    seen: latency?.weight ?? 0,
    health: state.score,
    ...(latency && { latency }),
    state,
  }
}

function order(choices: readonly Choice[], { subject, resolved }: Question): readonly Placed[] {
  return rank({
    strategy: resolved.route?.strategy ?? 'priority',
    contenders: choices.filter(({ finding }) => finding.verdict === 'eligible'),
    needs: subject.signals.needs,
    draw: createSeed(subject.seed),
  })
}

/** `fallback: false` leaves the first. */
function planned({ route }: Resolved, plan: readonly Target[]): readonly Target[] {
  return route?.fallback === false ? plan.slice(0, 1) : plan
}

/** What came of it. */
interface Outcome {
  readonly candidates: readonly Candidate[]
  readonly plan: readonly Target[]
  readonly inputs: RecordedInputs
}

function record(snapshot: Snapshot, subject: OnTerms, { candidates, plan, inputs }: Outcome): Decision {
  const { request, signals, key, terms } = subject
  const guards = guardsOf(terms)
  const redacted = signals.pii && redactedOf(typesIn(signals.pii), terms)
  const changes = terms.writes.map(({ setting, value, rules }) => ({ setting, value, rules }))
  return {
    outcome: plan.length > 0 ? 'route' : 'deny',
    model: request.model,
    endpoint: ENDPOINTS[request.endpoint],
    epoch: snapshot.epoch,
    ...(key && { key: key.id }),
    ...(request.tags.length > 0 && { tags: request.tags }),
    request: {
      input_tokens_estimate: signals.inputTokens,
      ...(signals.outputLimit !== undefined && { output_tokens_limit: signals.outputLimit }),
      needs: signals.needs.filter(({ param }) => param !== ENDPOINT_PARAM).map(({ capability }) => capability),
      ...(signals.pii && { pii: typesIn(signals.pii) }),
    },
    ...(request.guardFor !== undefined && { guard_for: request.guardFor }),
    ...(guards.length > 0 && { guards }),
    ...(changes.length > 0 && { changes }),
    ...(redacted && redacted.rules.length > 0 && { redacted }),
    ...(terms.labels && { labelled_by: terms.labels.rules }),
    candidates,
    plan: plan.map(({ id }) => id),
    inputs,
  }
}

function redactedOf(found: readonly PiiType[], { redaction }: Terms): NonNullable<Decision['redacted']> {
  const by = (redaction?.by ?? []).filter(({ types }) => found.some((type) => types.has(type)))
  return {
    types: found.filter((type) => by.some(({ types }) => types.has(type))),
    rules: by.map(({ rule }) => rule),
  }
}

/** Those that an operator would wait for. */
function guardsOf({ asking = [], watching = [] }: Terms): readonly GuardRecord[] {
  const rules = new Map([...asking, ...watching].map((rule) => [rule.name, rule]))
  return [...rules.values()]
    .toSorted((a, b) => compare(a.name, b.name))
    .map(({ name, guard }) => ({
      rule: name,
      by: guard.by,
      on: [...(guard.input ? ['input' as const] : []), ...(guard.output ? ['output' as const] : [])],
      ...('model' in guard && { model: guard.model }),
    }))
}

function candidatesOf(choices: readonly Choice[], placed: readonly Placed[]): readonly Candidate[] {
  const places = new Map(placed.map((place, index) => [place.contender, { rank: index + 1, reason: place.reason }]))
  return choices.map((choice) => {
    const place = places.get(choice)
    return { ...described(choice), ...(place ? eligible(place) : outOf(choice.finding)) }
  })
}

function described({ target, cost, saving, latencyMs, preferredBy, transfer, finding, shadow }: Choice): Candidate {
  const { developer, lineage, operator, operatorCountry, region, local } = beyondDoubt(target)
  return {
    target: target.id,
    ...(developer !== undefined && { developer }),
    ...(lineage && { lineage }),
    ...(operator !== undefined && { operator }),
    ...(operatorCountry !== undefined && { operator_country: operatorCountry }),
    ...(local !== undefined && { local }),
    ...(region !== undefined && { region }),
    verdict: finding.verdict,
    cost_usd_estimate: cost === undefined ? null : toUsdNumber(cost),
    ...(saving !== undefined && { cache_savings_usd_estimate: toUsdNumber(saving) }),
    ...(latencyMs !== undefined && { latency_ms_estimate: Math.round(latencyMs) }),
    ...(preferredBy && { preferred_by: preferredBy }),
    ...(transfer && { transfer }),
    ...(finding.order && { told: finding.order }),
    ...(shadow.length > 0 && { shadow }),
  }
}

/** What is shown is what may be relied on: not what the host contradicts. */
function beyondDoubt({ facts, hosted }: Target): Facts {
  if (!hosted || hosted.doubted.size === 0) return facts
  const doubted: ReadonlySet<string> = hosted.doubted
  return Object.fromEntries(Object.entries(facts).filter(([field]) => !doubted.has(field)))
}

function shadowOf({ rule, code, reason, source }: Objection): Shadow {
  return { rule, code, reason, source }
}

function eligible({ rank: place, reason }: { rank: number; reason: string | undefined }): Partial<Candidate> {
  return { rank: place, ...(reason !== undefined && reason !== '' && { reasons: [reason] }) }
}

function outOf({ code, reason, param, objections = [] }: Finding): Partial<Candidate> {
  const [first] = objections
  const reasons = [...new Set(objections.flatMap((objection) => [objection.reason, ...(objection.evidence ?? [])]))]
  return {
    ...(first && {
      rule: first.rule,
      rules: [...new Set(objections.map(({ rule }) => rule))],
      source: first.source,
      reasons,
    }),
    ...(code !== undefined && { code }),
    ...(reason !== undefined && { reason }),
    ...(param !== undefined && { param }),
  }
}
