import type { Candidate, Decision, Verdict } from '#src/core/decision.ts'
import { ALL, CAPABILITIES, ENDPOINTS, type Endpoint } from '#src/core/endpoint.ts'
import { hostedModel, type Remote } from '#src/core/inventory.ts'
import { arrayAt, isObject, numberAt, objectAt, stringAt, type Json, type JsonObject } from '#src/core/json.ts'
import type { WrittenKey } from '#src/core/key.ts'
import { PII_TYPES } from '#src/core/pii/types.ts'
import type { CandidateInputs, RecordedInputs, RecordedInventory } from '#src/core/recorded.ts'
import { counted, type Client, type Need, type Signals } from '#src/core/request.ts'
import { askedTier } from '#src/core/service-tier.ts'
import type { Spend } from '#src/core/state-store.ts'

/** A line of the decision log, as far as a replay reads it. */
export interface Recorded extends Pick<Decision, 'outcome' | 'model' | 'plan'> {
  /** The request's id: what its line is found by. */
  readonly id: string
  readonly endpoint: Endpoint
  /** The caller's key; undefined: the gateway had none. */
  readonly key?: string
  readonly tags: readonly string[]
  /** It was asked on behalf of a guard. */
  readonly guardFor?: string
  readonly candidates: readonly RecordedCandidate[]
  /** undefined: written by a version that could not be replayed. */
  readonly inputs?: ReadInputs
}

export type RecordedCandidate = Pick<Candidate, 'target' | 'verdict' | 'cost_usd_estimate' | 'rules'>

export interface ReadInputs {
  readonly seed: string
  readonly now: number
  readonly signals: Signals
  /** The caller's, where it was not in the file. */
  readonly key?: WrittenKey
  readonly spends?: ReadonlyMap<string, Spend>
  readonly stream: boolean
  readonly metadata: Readonly<Record<string, Json>>
  readonly client?: Client
  readonly expectedOutput?: number
  readonly warm?: RecordedInputs['warm']
  readonly candidates: ReadonlyMap<string, Omit<CandidateInputs, 'target' | 'price'>>
}

/**
 * Reads one line of the log. `other`: it is no decision, but something else that is logged there. Members that nobody knows are left alone.
 * Throws SyntaxError: it is a decision, and what it says cannot be read.
 */
export function readRecord(line: Json): Recorded | 'other' {
  if (!isObject(line) || 'event' in line) return 'other'
  const { outcome } = line
  if (outcome !== 'route' && outcome !== 'deny') return 'other'
  const inputs = readInputs(objectAt(line, 'inputs'))
  const [key, guardFor] = [stringAt(line, 'key'), stringAt(line, 'guard_for')]
  return {
    id: stringAt(line, 'request_id') ?? stringAt(objectAt(line, 'inputs'), 'seed') ?? '',
    outcome,
    model: text(line, 'model'),
    endpoint: endpointOf(text(line, 'endpoint')),
    ...(key !== undefined && { key }),
    ...(guardFor !== undefined && { guardFor }),
    tags: strings(line, 'tags'),
    candidates: (arrayAt(line, 'candidates') ?? []).map(candidateOf),
    plan: strings(line, 'plan'),
    ...(inputs && { inputs }),
  }
}

function readInputs(inputs: JsonObject | undefined): ReadInputs | undefined {
  const signals = objectAt(inputs, 'signals')
  if (!inputs || !signals) return undefined
  const spend = objectAt(inputs, 'spend')
  const expected = numberAt(inputs, 'expected_output_tokens')
  const warm = objectAt(inputs, 'warm')
  return {
    seed: text(inputs, 'seed'),
    now: count(inputs, 'now'),
    signals: signalsOf(signals),
    ...keyOf(objectAt(inputs, 'key')),
    stream: inputs['stream'] === true,
    metadata: membersOf(objectAt(inputs, 'metadata')),
    ...clientOf(objectAt(inputs, 'client')),
    ...(spend && { spends: spendsOf(spend) }),
    ...(expected !== undefined && { expectedOutput: expected }),
    ...(warm && { warm: { target: text(warm, 'target'), tokens: count(warm, 'tokens') } }),
    candidates: new Map((arrayAt(inputs, 'candidates') ?? []).map(estimatesOf)),
  }
}

function keyOf(written: JsonObject | undefined): Pick<ReadInputs, 'key'> {
  const key = objectAt(written, 'key')
  return written && key ? { key: { key: { ...key, id: text(key, 'id') }, by: stringAt(written, 'by') ?? null } } : {}
}

function membersOf(metadata: JsonObject | undefined): Readonly<Record<string, Json>> {
  const members = new Map<string, Json>()
  for (const [name, value] of Object.entries(metadata ?? {})) if (value !== undefined) members.set(name, value)
  return Object.fromEntries(members)
}

function clientOf(client: JsonObject | undefined): Pick<ReadInputs, 'client'> {
  if (!client) return {}
  const [ip, country] = [stringAt(client, 'ip'), stringAt(client, 'country')]
  return { client: { ...(ip !== undefined && { ip }), ...(country !== undefined && { country }) } }
}

function signalsOf(signals: JsonObject): Signals {
  const longestInput = numberAt(signals, 'longest_input')
  const outputLimit = numberAt(signals, 'output_limit')
  const outputTokens = numberAt(signals, 'output_tokens')
  return {
    inputTokens: count(signals, 'input_tokens'),
    inputTokensWorst: count(signals, 'input_tokens_worst'),
    unmeasured: numberAt(signals, 'unmeasured') ?? 0,
    choices: numberAt(signals, 'choices') ?? 1,
    ...counted(numberAt(signals, 'tools'), numberAt(signals, 'images')),
    ...searchesOf(signals['searches']),
    ...askedTier(signals['service_tier']),
    needs: (arrayAt(signals, 'needs') ?? []).map(needOf),
    ...piiOf(objectAt(signals, 'pii')),
    ...(signals['carried'] && { carried: strings(signals, 'carried') }),
    ...(signals['called'] && { called: strings(signals, 'called') }),
    ...guardedOf(objectAt(signals, 'guarded')),
    ...(longestInput !== undefined && { longestInput }),
    ...(outputLimit !== undefined && { outputLimit }),
    ...(outputTokens !== undefined && { outputTokens }),
  }
}

function searchesOf(searches: Json | undefined): Pick<Signals, 'searches'> {
  return searches === 'any' || typeof searches === 'number' ? { searches } : {}
}

function guardedOf(guarded: JsonObject | undefined): Pick<Signals, 'guarded'> {
  if (!guarded) return {}
  const answers = Object.entries(guarded).map(([id, found]) => [id, found === null ? null : found === true] as const)
  return { guarded: Object.fromEntries(answers) }
}

function piiOf(pii: JsonObject | undefined): Pick<Signals, 'pii'> {
  if (!pii) return {}
  const found = objectAt(pii, 'counts')
  const counted = PII_TYPES.map((type) => [type, numberAt(found, type) ?? 0] as const)
  const counts = Object.fromEntries(counted.filter(([, count]) => count > 0))
  return { pii: { counts, unscannable: pii['unscannable'] === true } }
}

function needOf(need: Json): Need {
  const name = text(need, 'capability')
  const capability = CAPABILITIES.find((one) => one === name)
  if (!capability) throw new SyntaxError(`\`${name}\` is no capability that this version knows`)
  return { capability, param: text(need, 'param') }
}

function estimatesOf(candidate: Json): readonly [string, Omit<CandidateInputs, 'target' | 'price'>] {
  const latency = objectAt(candidate, 'latency')
  const unspeakable = objectAt(candidate, 'unspeakable')
  const health = numberAt(candidate, 'health')
  const until = numberAt(candidate, 'unhealthy_until')
  const inventory = objectAt(candidate, 'inventory')
  const known = {
    ...(latency && {
      latency: {
        first_token_ms: count(latency, 'first_token_ms'),
        per_token_ms: count(latency, 'per_token_ms'),
        weight: count(latency, 'weight'),
      },
    }),
    ...(health !== undefined && { health }),
    ...(until !== undefined && { unhealthy_until: until }),
    ...(inventory && { inventory: inventoryOf(inventory) }),
    ...(unspeakable && {
      unspeakable: {
        code: text(unspeakable, 'code'),
        reason: text(unspeakable, 'reason'),
        param: text(unspeakable, 'param'),
      },
    }),
  }
  return [text(candidate, 'target'), known]
}

function inventoryOf(said: JsonObject): RecordedInventory {
  const remote = objectAt(said, 'remote')
  const { model: _, ...known } = hostedModel('', {
    names: strings(said, 'names'),
    parents: strings(said, 'parents'),
    architectures: strings(said, 'architectures'),
    license: stringAt(said, 'license'),
    remote: remote && remoteOf(remote),
  })
  return known
}

function remoteOf(remote: JsonObject): Remote {
  const [host, operator] = [stringAt(remote, 'host'), stringAt(remote, 'operator')]
  return { ...(host !== undefined && { host }), ...(operator !== undefined && { operator }) }
}

const VERDICTS: readonly Verdict[] = ['eligible', 'denied', 'incapable', 'unhealthy', 'over_budget']

function candidateOf(candidate: Json): RecordedCandidate {
  const name = text(candidate, 'verdict')
  const verdict = VERDICTS.find((one) => one === name)
  if (!verdict) throw new SyntaxError(`\`${name}\` is no verdict that this version knows`)
  return {
    target: text(candidate, 'target'),
    verdict,
    cost_usd_estimate: numberAt(candidate, 'cost_usd_estimate') ?? null,
    rules: strings(candidate, 'rules'),
  }
}

function endpointOf(path: string): Endpoint {
  const endpoint = ALL.find((one) => ENDPOINTS[one] === path)
  if (!endpoint) throw new SyntaxError(`\`${path}\` is no endpoint that this version knows`)
  return endpoint
}

function strings(value: Json, name: string): readonly string[] {
  return (arrayAt(value, name) ?? []).filter((one) => typeof one === 'string')
}

function text(value: Json, name: string): string {
  const found = stringAt(value, name)
  if (found === undefined) throw new SyntaxError(`\`${name}\` of a decision must be text`)
  return found
}

function count(value: Json, name: string): number {
  const found = numberAt(value, name)
  if (found === undefined) throw new SyntaxError(`\`${name}\` of a decision must be a number`)
  return found
}

/** Nano-USD in decimal digits. */
function spendsOf(spend: JsonObject): ReadonlyMap<string, Spend> {
  return new Map(
    Object.entries(spend).map(([account, own = null]) => [
      account,
      { spent: money(own, 'spent'), held: money(own, 'held') },
    ]),
  )
}

function money(value: Json, name: string): bigint {
  try {
    return BigInt(text(value, name))
  } catch {
    throw new SyntaxError(`\`${name}\` of a decision must be nano-USD in decimal digits`)
  }
}
