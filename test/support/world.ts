import { readKey } from '#src/config/made-key.ts'
import { DEFAULT_ON_FAILURE } from '#src/core/sharing.ts'
import type { Adapter } from '#src/core/adapter.ts'
import type { Catalog } from '#src/core/catalog.ts'
import type { Endpoint } from '#src/core/endpoint.ts'
import type { Ancestor, Ancestry, Facts } from '#src/core/facts.ts'
import type { Key } from '#src/core/key.ts'
import type { JsonObject } from '#src/core/json.ts'
import type { Rule } from '#src/core/policy.ts'
import type { ApiRequest } from '#src/core/request.ts'
import type { Route, Snapshot, Timeouts } from '#src/core/snapshot.ts'
import type { Provider, Target } from '#src/core/target.ts'

/** Small worlds for tests of decisions: targets, routes and rules that exist in no file. */

export const TIMEOUTS: Timeouts = {
  connect: 5000,
  firstToken: 30_000,
  idle: 120_000,
  total: 1_800_000,
  heartbeat: 15_000,
}

export function makeAdapter(more: Partial<Adapter> = {}): Adapter {
  return {
    type: 'openai-compatible',
    title: 'an OpenAI-compatible host',
    endpoints: ['chat', 'completions', 'embeddings'],
    local: false,
    credential: 'optional',
    modelsMustBeDeclared: false,
    aggregator: false,
    facts: {},
    streamEnd: 'done-required',
    encode: () => ({ upstream: { method: 'POST', url: '', headers: {} }, warnings: [] }),
    decodeError: () => ({ failure: { status: 500, code: null, type: 'server_error', message: '' }, retry: 'no' }),
    observe: () => ({ content: false, generatedBytes: 0, choices: [], finished: [], usageOnly: false }),
    ...more,
  }
}

export function makeProvider(name: string, adapter: Partial<Adapter> = {}): Provider {
  return {
    name,
    adapter: makeAdapter(adapter),
    accounts: [{ id: name, baseUrl: 'http://127.0.0.1:1/v1', headers: {} }],
    egress: { local: true, connectTimeoutMs: 5000 },
    source: 'tutti.yaml:3:3',
  }
}

export interface TargetInput {
  readonly facts?: Facts
  readonly ancestors?: readonly Ancestor[]
  readonly complete?: boolean
  /** Of its `components`. */
  readonly parts?: readonly Ancestor[]
  readonly suspicion?: { readonly facts: Facts; readonly ancestry: Ancestry }
  readonly adapter?: Partial<Adapter>
  readonly source?: string
}

/** A target; its ancestry is complete where its lineage is known, unless `complete` says otherwise. */
export function makeTarget(id: string, input: TargetInput = {}): Target {
  const slash = id.indexOf('/')
  const facts = input.facts ?? {}
  return {
    id,
    provider: makeProvider(id.slice(0, slash), input.adapter),
    model: id.slice(slash + 1),
    facts,
    ancestry: { ancestors: input.ancestors ?? [], complete: input.complete ?? facts.lineage !== undefined },
    ...(facts.components && { parts: { ancestors: input.parts ?? [], complete: true } }),
    ...(input.suspicion && { suspicion: input.suspicion }),
    source: input.source ?? 'tutti.yaml:12:7',
  }
}

export function makeRoute(name: string, targets: readonly Target[], more: Partial<Route> = {}): Route {
  return {
    name,
    targets: targets.map((target) => ({ target, weight: 1 })),
    strategy: 'priority',
    fallback: true,
    timeouts: TIMEOUTS,
    attempts: 3,
    source: 'tutti.yaml:20:3',
    ...more,
  }
}

export interface WorldInput extends Partial<Snapshot> {
  readonly routeList?: readonly Route[]
  readonly targetList?: readonly Target[]
}

/** A configuration of routes and targets; what `more` gives replaces what follows from them. */
export function makeSnapshot({ routeList = [], targetList, ...more }: WorldInput = {}): Snapshot {
  const targets = targetList ?? routeList.flatMap((route) => route.targets.map(({ target }) => target))
  const snapshot: Snapshot = {
    epoch: '0123456789ab',
    access: { mode: 'open' },
    metricsOpen: false,
    keepRepeats: 86_400_000,
    keysById: new Map(),
    providers: new Map(targets.map(({ provider }) => [provider.name, provider])),
    routes: new Map(routeList.map((route) => [route.name, route])),
    targets: new Map(targets.map((target) => [target.id, target])),
    direct: true,
    rules: [],
    readKey,
    shared: { budgets: [], limits: [], onFailure: DEFAULT_ON_FAILURE },
    defaults: { timeouts: TIMEOUTS, attempts: 2 },
    targetOf: (provider, model) => makeTarget(`${provider.name}/${model}`),
    relayedBy: (provider, { model }) => makeTarget(`${provider.name}/${model}`),
    calledAt: (_, host) => [makeTarget(`${host}/called`)],
    servedOf: (provider, { model }) => makeTarget(`${provider.name}/${model}`),
    inform: () => snapshot,
    readDenial: () => ({ name: 'x', text: '{}' }),
    deny: () => Promise.resolve(snapshot),
    server: { host: '127.0.0.1', port: 0, bodyLimit: 1, drain: 1 },
    ...more,
  }
  return snapshot
}

export function makeKey(id: string, more: Partial<Key> = {}): Key {
  return { id, tags: [], ...more }
}

export function makeRequest(body: JsonObject, endpoint: Endpoint = 'chat'): ApiRequest {
  const model = typeof body.model === 'string' ? body.model : ''
  return {
    id: 'r1',
    endpoint,
    text: JSON.stringify(body),
    body,
    model,
    stream: false,
    wantsUsage: false,
    tags: [],
    metadata: {},
  }
}

/** A catalog that knows these names only, each a root. */
export function makeCatalog(known: Readonly<Record<string, Ancestor>> = {}): Catalog {
  return {
    version: 'test',
    vendorOfHost: () => undefined,
    vendorNear: () => undefined,
    vendor: () => undefined,
    model: () => undefined,
    suspect: () => undefined,
    ancestry(lineage) {
      const ancestors = (lineage ?? []).flatMap((name) => known[name] ?? [])
      return { ancestors, complete: lineage !== undefined && ancestors.length === lineage.length }
    },
  }
}

/** A rule that objects to these target ids. */
export function makeRule(name: string, ids: readonly string[], appliesTo: Rule['appliesTo'] = () => true): Rule {
  return {
    name,
    source: 'tutti.yaml:40:5',
    appliesTo,
    judge: ({ id }) =>
      ids.includes(id)
        ? { rule: name, code: 'denied', reason: `${name} denies`, source: 'tutti.yaml:40:5', unknown: [] }
        : undefined,
  }
}
