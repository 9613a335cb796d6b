// Law 20. Replay is exact: a recorded decision log, run again through the same configuration, gives the same targets, verdicts, ranks and plan.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { informable } from '#src/config/inform.ts'
import type { Endpoint } from '#src/core/endpoint.ts'
import { subjectOf, unbounded, type Key } from '#src/core/key.ts'
import { hostedModel } from '#src/core/inventory.ts'
import type { Signals } from '#src/core/request.ts'
import type { Snapshot } from '#src/core/snapshot.ts'
import { compileStored } from '#src/pipeline/stored-keys.ts'
import { decide, type Decided } from '#src/pipeline/decide.ts'
import { readRecord } from '#src/pipeline/read-record.ts'
import { replay } from '#src/pipeline/replay.ts'
import type { Speech } from '#src/pipeline/speech.ts'
import { catalog } from '#src/routing/catalog/catalog.ts'
import { createEstimates, type Estimates } from '#src/routing/estimates.ts'
import {
  called,
  essence,
  foundIn,
  guarding,
  RUNS,
  situation,
  transferring,
  type Case,
} from '../support/decision-arbitraries.ts'

const TARGETS = ['p0/m', 'p1/m', 'p2/m', 'p3/m', 'p4/m', 'p0/other'] as const
const some = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined })
const ms = fc.double({ min: 0, max: 20_000, noNaN: true })
const tokens = fc.nat(100_000)
/** They fit the smallest model, so that there is something to choose from. */
const few = fc.nat(5)

const seen = fc.record({
  target: fc.constantFrom(...TARGETS),
  good: fc.boolean(),
  firstTokenMs: ms,
  more: ms,
  outputTokens: some(fc.nat(500)),
  retryAfterMs: some(fc.nat(700_000)),
  now: fc.nat(400_000),
})

const signals = fc.record({
  inputTokens: fc.oneof(few, few, tokens),
  inputTokensWorst: tokens,
  longestInput: some(fc.oneof(few, few, tokens)),
  unmeasured: fc.nat(2),
  outputLimit: some(fc.oneof(few, few, fc.nat(9000))),
  outputTokens: some(tokens),
  choices: fc.nat(4),
  called: called.map((hosts) => (hosts.length > 0 ? hosts : undefined)),
  needs: fc.oneof(
    fc.constant([{ capability: 'chat', param: 'model' }]),
    fc.subarray([
      { capability: 'chat', param: 'model' },
      { capability: 'tools', param: 'tools' },
      { capability: 'embeddings', param: 'model' },
    ]),
  ),
})

const moment = fc.record({
  endpoint: fc.constantFrom<Endpoint[]>(
    'chat',
    'chat',
    'chat',
    'chat',
    'completions',
    'embeddings',
    'messages',
    'rerank',
  ),
  signals: signals.map((made) => JSON.parse(JSON.stringify(made)) as Signals),
  seen: fc.array(seen, { maxLength: 12 }),
  wrote: fc.array(fc.nat(3000), { maxLength: 3 }),
  held: fc.constantFrom(0n, 1n, 999_999n),
  now: fc.integer({ min: 400_000, max: 900_000 }),
  stream: fc.boolean(),
  metadata: fc.constantFrom({}, { other: 'x' }, { other: 'y', nested: { list: [1, null] } }),
  client: fc.constantFrom(undefined, {}, { ip: '10.0.0.1' }, { ip: '10.0.0.1', country: 'KR' }),
  mute: fc.subarray([...TARGETS], { maxLength: 3 }),
  speech: fc.boolean(),
  strict: fc.boolean(),
  /** Where the caller's key is. */
  kept: fc.constantFrom('file', 'store', 'made by one of the file'),
  /** Without rules more targets are left to choose from. */
  lawless: fc.constantFrom(true, true, false),
  access: fc.constantFrom('open', 'none'),
  /** What the hosts of `m` have said of it. */
  said: fc.array(
    fc.record({
      provider: fc.constantFrom('p0', 'p1', 'p2', 'p3'),
      names: fc.subarray(['deepseek-ai/DeepSeek-V3', 'kakaocorp/kanana', 'gpt-4o', 'tiny']),
      parents: fc.subarray(['qwen2.5', 'deepseek-r1']),
      architectures: fc.subarray(['deepseek2', 'llama']),
      remote: some(fc.constantFrom({}, { host: 'ollama.com', operator: 'ollama' })),
    }),
    { maxLength: 3 },
  ),
})
type Moment = typeof moment extends fc.Arbitrary<infer T> ? T : never

function estimatesOf({ seen: observations, wrote }: Moment): Estimates {
  const estimates = createEstimates()
  for (const { target, good, now, firstTokenMs, more, outputTokens, retryAfterMs } of observations) {
    const answered = {
      now,
      firstTokenMs,
      totalMs: firstTokenMs + more,
      ...(outputTokens !== undefined && { outputTokens }),
    }
    if (good) estimates.answered(target, answered)
    else estimates.failed(target, { now, ...(retryAfterMs !== undefined && { retryAfterMs }) })
  }
  for (const count of wrote) estimates.wrote('chat', count)
  return estimates
}

function speechOf({ mute, strict }: Moment): Speech {
  return ({ id }) =>
    mute.some((one) => one === id)
      ? { kind: 'unspeakable', code: strict ? 'strict' : 'tool_calls_missing', reason: `${id} cannot`, param: 'tools' }
      : { kind: 'native' }
}

interface Live {
  readonly snapshot: Snapshot
  readonly signals: Signals
  readonly decided: Decided
}

/** Whose request it is, and the keys of the file. */
function keysOf({ key: bare, snapshot }: Case, { strict, kept }: Moment): Pick<Snapshot, 'keysById'> & { key?: Key } {
  if (!bare) return { keysById: new Map() }
  const key = { ...bare, ...(strict && { strict }), mints: 1 }
  const inFile = new Map([[key.id, key]])
  if (kept === 'file') return { key, keysById: inFile }
  const { id, models, tags } = bare
  const fields = { id, tags, ...(models && { models }), ...(strict && { strict }) }
  const own = { ...fields, ...(bare.budget && { budget: { usd: 0.001, per: bare.budget.per } }) }
  const keysById = kept === 'store' ? new Map<string, Key>() : inFile
  const written =
    kept === 'store' ? { key: own, by: null } : { key: { ...own, id: `${id}:a`, models: ['chat', 'p0/m'] }, by: id }
  const made = compileStored({ ...snapshot, keysById }, written)
  if (!made) throw new Error('no key is made')
  return { key: made, keysById }
}

/** A live decision, with what it was made by. */
function live(one: Case, at: Moment): Live {
  const { key, keysById } = keysOf(one, at)
  const access = key ? { mode: 'keys' as const, byDigest: new Map() } : { mode: at.access }
  const rules = at.lawless ? [] : one.snapshot.rules
  const { inform: _, ...file } = one.snapshot
  const snapshot = informable({ ...file, rules, access, keysById }, catalog)
  const told = snapshot.inform(new Map(at.said.map(({ provider, ...said }) => [provider, [hostedModel('m', said)]])))
  const { endpoint, stream, metadata, client } = at
  const caller = { ...(client && { client }), ...(one.forGuard && { guardFor: 'r0' }) }
  const request = { endpoint, model: one.model, tags: ['a'], stream, metadata, ...caller }
  const signals = { ...at.signals, ...foundIn(one, rules) }
  // Without a key nobody is strict.
  const speech = at.speech && (key || !at.strict) ? speechOf(at) : undefined
  const asker = key && one.forGuard ? unbounded(key) : key
  const decided = decide(
    told,
    { request, signals, seed: one.seed, ...(asker && { key: asker }), ...(speech && { speech }) },
    {
      estimates: estimatesOf(at),
      now: at.now,
      spends: new Map([[`key/${(key && subjectOf(key))?.id}`, { spent: one.spent, held: at.held }]]),
    },
  )
  return { snapshot, signals, decided }
}

function again(snapshot: Snapshot, line: string, signals: Signals): Decided {
  const record = readRecord(JSON.parse(line))
  if (record === 'other' || !record.inputs) throw new Error('no decision')
  expect(record.inputs.signals).toEqual(signals)
  const replayed = replay(snapshot, { ...record, inputs: record.inputs })
  if (replayed === 'unknown_key') throw new Error('the key is there')
  return replayed
}

/** Of a name that does not exist: which others are offered may depend on what hosts say of them, and is not recorded. */
function withoutHint(decided: Decided): object {
  if (decided.decision.candidates.length > 0) return essence(decided)
  return essence({ ...decided, ...(decided.failure && { failure: { ...decided.failure, message: '' } }) })
}

const WAYS = [
  'eligible',
  'denied',
  'incapable',
  'unhealthy',
  'over_budget',
  'strict',
  'endpoint_missing',
  'a choice',
  'a host said',
]

/** What came of some decisions, and how often. */
type Reached = Map<string, number>

function waysOf({ decision, plan }: Decided): readonly string[] {
  const { candidates, inputs } = decision
  return [
    ...candidates.flatMap(({ verdict, code = '' }) => [verdict, code]),
    ...(plan.length > 1 ? ['a choice'] : []),
    ...(inputs.candidates?.some(({ inventory }) => inventory) ? ['a host said'] : []),
    ...(candidates.some(({ transfer }) => transfer) ? ['a basis'] : []),
  ]
}

function compare(reached: Reached, one: Case, at: Moment): void {
  const { snapshot, signals, decided } = live(one, at)
  const line = JSON.stringify({ ...decided.decision, request_id: 'r1', status: 200, seq: 1 })
  const replayed = again(snapshot, line, signals)
  expect(withoutHint(replayed)).toEqual(withoutHint(decided))
  for (const way of new Set(['tried', ...waysOf(decided)])) reached.set(way, (reached.get(way) ?? 0) + 1)
}

/** A way out that is hardly tried says little. */
function expectTried(reached: Reached, ways: readonly string[]): void {
  const tried = reached.get('tried') ?? 0
  if (tried >= 2000) for (const way of ways) expect(reached.get(way) ?? 0, way).toBeGreaterThan(tried / 200)
}

test('a decision, written as a line of the log and replayed through its own configuration, is the same', () => {
  const reached: Reached = new Map()
  fc.assert(
    fc.property(situation, moment, (one, at) => compare(reached, one, at)),
    { numRuns: RUNS },
  )
  expectTried(reached, WAYS)
})

test('what was permitted abroad is permitted again, on the same basis, and what had ended then has ended', () => {
  const reached: Reached = new Map()
  const abroad = fc
    .tuple(situation, fc.array(transferring, { minLength: 1, maxLength: 2 }))
    .map(([one, rules]) => ({ ...one, snapshot: { ...one.snapshot, rules } }))
  fc.assert(
    fc.property(abroad, moment, (one, at) => compare(reached, one, { ...at, lawless: false })),
    { numRuns: RUNS },
  )
  expectTried(reached, ['a basis', 'transfer_denied', 'transfer_expired'])
})

test('what guards found, asked in vain or not at all, and whose answers they look at, is found again', () => {
  const reached: Reached = new Map()
  const guarded = fc
    .tuple(situation, fc.array(guarding, { minLength: 1, maxLength: 2 }))
    .map(([one, rules]) => ({ ...one, snapshot: { ...one.snapshot, rules } }))
  fc.assert(
    fc.property(guarded, moment, (one, at) => compare(reached, one, { ...at, lawless: false })),
    // Of some kinds there is one in many.
    { numRuns: 2 * RUNS },
  )
  expectTried(reached, ['guarded', 'policy_error', 'unscannable', 'eligible'])
})
