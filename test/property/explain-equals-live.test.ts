// For random configurations and requests: what explain says beforehand is what the live request does and logs, and what a replay of its line says afterwards; where guards ask somebody, by what they found.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { assemble } from '#src/assemble.ts'
import type { Decision } from '#src/core/decision.ts'
import { ENDPOINTS } from '#src/core/endpoint.ts'
import { createApp } from '#src/http/app.ts'
import { createWebChannel } from '#src/http/web-channel.ts'
import { explain } from '#src/pipeline/explain.ts'
import type { Gateway } from '#src/pipeline/gateway.ts'
import { readRecord } from '#src/pipeline/read-record.ts'
import { replay } from '#src/pipeline/replay.ts'
import { createMemoryStore } from '#src/state/memory.ts'
import type { DecisionRecord } from '#src/telemetry/telemetry.ts'
import { judges, reached, toldBy, withJudges, type Told } from '../support/asked-guards.ts'
import {
  config,
  LONG_TEXT,
  request,
  TARGETS,
  warming,
  type Asked,
  type Config,
} from '../support/explained-arbitraries.ts'
import { LONG } from '../support/law.ts'
import { createFakeClock, inTime } from '../support/fake-clock.ts'
import { compile, sha256 } from '../support/gateway.ts'
import { createScriptedTransport } from '../support/scripted-transport.ts'
import { lawRuns } from '../support/state-driver.ts'

/** Requests that one configuration is asked; each sees what the ones before it left behind. */
const PER_CONFIG = 8
const CONFIGS = Math.ceil(lawRuns(2000) / PER_CONFIG)
const MOST_ROUNDS = 4

/** What guards never came to. Fewer runs need not come to everything. */
function unreached(): readonly string[] {
  return CONFIGS < 250 ? [] : Object.entries(reached).flatMap(([what, times]) => (times > 0 ? [] : what))
}

test(
  'explain equals live',
  async () => {
    // By chance one run may come to no guard of some kind: then there are more of them.
    for (let round = 0; round < MOST_ROUNDS && (round === 0 || unreached().length > 0); round++)
      await fc.assert(
        fc.asyncProperty(config, fc.array(request, { minLength: PER_CONFIG, maxLength: PER_CONFIG }), askAll),
        { numRuns: CONFIGS },
      )
    expect(unreached()).toEqual([])
  },
  LONG ? 1_800_000 : 120_000,
)

async function askAll(file: Config, asked: readonly Asked[]): Promise<void> {
  const world = await start(file)
  for (const [index, one] of asked.entries()) await compare(world, one, `req-${index}`)
}

test(
  'also where the cache of a prompt has a say',
  async () => {
    const one = { model: 'chat', endpoint: 'chat', text: LONG_TEXT } as const
    const goingOn = fc
      .array(request, { minLength: PER_CONFIG, maxLength: PER_CONFIG })
      .map(([first, ...others]) =>
        [first, ...others].flatMap((asked, before): readonly Asked[] =>
          first && asked ? [{ ...first, ...one, kinds: asked.kinds.slice(5), said: asked.said, before }] : [],
        ),
      )
    const said = () => Math.min(warm.decisions, warm.savings)
    for (let round = 0; round < MOST_ROUNDS && (round === 0 || said() <= 50); round++)
      await fc.assert(fc.asyncProperty(warming, goingOn, askAll), { numRuns: Math.ceil(CONFIGS / 5) })
    if (CONFIGS >= 250) expect(said()).toBeGreaterThan(50)
  },
  LONG ? 600_000 : 120_000,
)

/** How often a prompt cache had a say. */
const warm = { decisions: 0, savings: 0 }

interface World {
  readonly file: Config
  readonly snapshot: Awaited<ReturnType<typeof compile>>
  readonly base: Gateway
  readonly clock: ReturnType<typeof createFakeClock>
  readonly records: DecisionRecord[]
  transport: ReturnType<typeof createScriptedTransport>
}

async function start(file: Config): Promise<World> {
  const models = (name: string): object =>
    Object.fromEntries(TARGETS.flatMap((id, at) => (id.startsWith(`${name}/`) ? [[id.slice(3), file.facts[at]]] : [])))
  const providers = file.providers.map((one, at) => [
    `p${at}`,
    {
      ...one,
      type: 'openai-compatible',
      baseUrl: `${one.local ? 'http://127.0.0.1:1' : 'https://host.example'}/p${at}`,
      models: models(`p${at}`),
    },
  ])
  const asked = judges(file.judge)
  // JSON leaves out what is undefined.
  const snapshot = await compile({
    version: 1,
    direct: file.direct,
    providers: { ...Object.fromEntries(providers), ...asked.providers },
    models: { chat: file.routes[0], other: file.routes[1], ...asked.models },
    policies: file.policies.map(({ what: { rule, unknown }, onError, subjects, when, schedule, client, mode }, at) => ({
      name: `rule-${at}`,
      unknown,
      onError,
      // Two that always speak and want different values are refused at load.
      when: when ?? ('set' in rule ? 'request.model != ""' : undefined),
      schedule,
      client,
      mode,
      // A rule that would bind nobody is refused.
      ...(bindsSomebody(file, subjects) && { subjects }),
      ...rule,
    })),
    keys: file.keys?.map((one, at) => ({ ...one, id: 'ab'[at], sha256: sha256(`sk-${'ab'[at]}`) })),
  })
  const records: DecisionRecord[] = []
  const clock = createFakeClock()
  const world: World = {
    file,
    snapshot,
    clock,
    records,
    transport: createScriptedTransport(false, () => 'an answer'),
    base: assemble(snapshot, {
      clock,
      transport: { send: (...input) => world.transport.send(...input), close: () => Promise.resolve() },
      store: createMemoryStore(),
      hash: sha256,
      // No host of these says what it runs, which is an event.
      log: (line) => void (line.startsWith('{"event"') || records.push(JSON.parse(line))),
    }).gateway,
  }
  return world
}

function bindsSomebody({ keys }: Config, subjects: Config['policies'][number]['subjects']): boolean {
  if (subjects === undefined || keys === undefined) return false
  return subjects.keys !== undefined || keys.some(({ tags }) => tags?.some((tag: string) => tag === 'ministry'))
}

async function compare(world: World, one: Asked, id: string): Promise<void> {
  // The first is the request's, the others are those that guards ask.
  const ids = { given: 0 }
  const newId = (): string => (ids.given++ === 0 ? id : `${id}-${ids.given}`)
  const gateway: Gateway = { ...world.base, ports: { ...world.base.ports, newId } }
  const stream = one.stream && one.endpoint !== 'embeddings'
  const hits: string[] = []
  const scripted = createScriptedTransport(stream, ({ url, body = '{}' }) => {
    const { model }: { model?: string } = JSON.parse(body)
    hits.push(`${new URL(url).pathname.split('/')[1]}/${model}`)
    return one.kinds[hits.length - 1] ?? 'an answer'
  })
  world.transport = withJudges(scripted, one.said)
  const keyed = world.snapshot.access.mode === 'keys'
  const endpoint = one.endpoint === 'completions' || one.endpoint === 'embeddings' ? one.endpoint : 'chat'
  const input = {
    chat: {
      messages: [
        ...Array.from({ length: one.before }, () => [
          { role: 'user', content: one.text },
          { role: 'assistant', content: 'an answer' },
        ]).flat(),
        { role: 'user', content: one.text },
      ],
    },
    completions: { prompt: one.text },
    embeddings: { input: one.text },
  }
  const body = { model: one.model, ...input[endpoint], ...one.more, ...(stream && { stream }) }
  const question = { endpoint: ENDPOINTS[endpoint], body, seed: id, ...(keyed && { key: one.key }) }
  const explained: Decision = JSON.parse(JSON.stringify(await explain(gateway, question)))
  expect([hits, ids.given], 'explain asks nobody').toEqual([[], 0])

  const live = new Request(`http://tutti${ENDPOINTS[endpoint]}`, {
    method: 'POST',
    body: JSON.stringify(body),
    headers: keyed ? { authorization: `Bearer sk-${one.key}` } : {},
  })
  const before = world.records.length
  await inTime(world.clock, answered(gateway, live))
  const { own, asked } = sorted(world.records.slice(before), id)
  // Nobody is asked about a request that is refused already.
  if (explained.outcome === 'deny') expect(asked).toEqual([])
  const told =
    explained.outcome === 'deny' ? [] : toldBy(explained, { said: one.said, asked, rules: world.file.policies })
  const expected = withFound(world, explained, told)
  expect(own).toMatchObject(expected)
  expect(essence(own)).toEqual(essence(expected))
  if (expected.outcome !== explained.outcome) expect([own.status, own.attempts]).toEqual([403, []])
  expect(own.inputs.signals?.guarded).toEqual(expected.inputs.signals?.guarded)
  for (const record of [own, ...asked]) expect(replayed(world, record)).toEqual(essence(record))
  expect([...new Set(hits)], 'the upstreams hit').toEqual(expected.plan.slice(0, new Set(hits).size))
  if (expected.outcome === 'deny') expect(hits).toEqual([])
  else expect(hits.length).toBeGreaterThan(0)
  if (own.inputs.warm) warm.decisions += 1
  if (own.candidates.some((candidate) => candidate.cache_savings_usd_estimate !== undefined)) warm.savings += 1
  if (own.attempts.some(({ outcome }) => outcome === 'guarded')) reached['an answer'] += 1
  if (explained.candidates.some(({ code }) => code === 'guarded')) reached['by itself'] += 1
}

/** Resolves once a request is over and logged. */
function answered(gateway: Gateway, live: Request): Promise<void> {
  return new Promise((resolve) => {
    const bindings = {
      channel: createWebChannel(live, 'embedded'),
      waitUntil: (done: Promise<unknown>) => void done.then(() => resolve()),
    }
    void Promise.resolve(createApp(gateway).fetch(live, bindings))
      .then((answer) => answer.text())
      .catch(() => undefined)
  })
}

/** The caller's own record, and those of what guards asked on its behalf. */
function sorted(records: readonly DecisionRecord[], id: string) {
  const asked = records.filter(({ guard_for: guardFor }) => guardFor === id)
  const [own, ...more] = records.filter(({ guard_for: guardFor }) => guardFor === undefined)
  if (!own) throw new Error('no record')
  expect(more).toEqual([])
  expect(asked).toHaveLength(records.length - 1)
  return { own, asked }
}

/** What was explained, decided again from its own record by what guards said meanwhile: none of this was part of the live request. */
function withFound(world: World, explained: Decision, told: readonly Told[]): Decision {
  const ids = new Map(world.snapshot.rules.map(({ name, guard }) => [name, guard?.id ?? '']))
  const said = Object.fromEntries(told.map(({ rule, found }) => [ids.get(rule) ?? '', found]))
  const { inputs } = explained
  if (told.length === 0 || !inputs.signals) return explained
  const signals = { ...inputs.signals, guarded: { ...inputs.signals.guarded, ...said } }
  const asked = { ...explained, inputs: { ...inputs, signals } }
  const again = JSON.parse(JSON.stringify(decided(world, asked)))
  const expected: Decision = { ...asked, outcome: again[0], candidates: again[1], plan: again[2] }
  const objecting = told.filter(({ objects }) => objects)
  if (objecting.length === 0) {
    expect(essence({ ...expected, candidates: withoutShadow(expected) })).toEqual(
      essence({ ...explained, candidates: withoutShadow(explained) }),
    )
    return expected
  }
  const codes = objecting.map(({ found }) => (found ? 'guarded' : 'policy_error'))
  expect([expected.outcome, expected.plan]).toEqual(['deny', []])
  for (const id of explained.plan) {
    const candidate = expected.candidates.find(({ target }) => target === id)
    expect(candidate?.rules).toEqual(expect.arrayContaining(objecting.map(({ rule }) => rule)))
    expect(codes).toContain(candidate?.code)
  }
  return expected
}

/** Guards in shadow say what they found. */
function withoutShadow({ candidates }: Decision): Decision['candidates'] {
  return candidates.map((candidate) => {
    const { shadow: _, ...others } = candidate
    return others
  })
}

function essence({ outcome, candidates, plan }: Decision): readonly unknown[] {
  return [outcome, candidates, plan]
}

/** Law 20, of what really stands in the log. */
function replayed(world: World, record: DecisionRecord): readonly unknown[] {
  return JSON.parse(JSON.stringify(decided(world, record)))
}

function decided({ snapshot }: World, record: Decision): readonly unknown[] {
  const read = readRecord(JSON.parse(JSON.stringify(record)))
  if (read === 'other' || !read.inputs) throw new Error('no decision')
  const again = replay(snapshot, { ...read, inputs: read.inputs })
  return again === 'unknown_key' ? [again] : essence(again.decision)
}
