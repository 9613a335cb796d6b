// Law 13. Tenants do not mix: cache, limits, stored objects, logs; a pooled socket is used again only after its answer
// ended exactly, with nothing behind it. Here: nobody can tell by the time it takes whether another tenant has asked the
// same before. The short form counts the steps that an answer takes; the long form takes its time too.
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { describe, expect, test } from 'vitest'
import { assemble } from '#src/assemble.ts'
import { createSeed } from '#src/core/seed.ts'
import type { StateStore } from '#src/core/state-store.ts'
import { createApp } from '#src/http/app.ts'
import { createWebChannel } from '#src/http/web-channel.ts'
import { createMemoryStore } from '#src/state/memory.ts'
import { createFetchTransport } from '#src/transport/fetch.ts'
import { compile, localProvider, sha256 } from '../support/gateway.ts'
import { LONG, measured, reached } from '../support/law.ts'
import { keyNamed } from '../support/sharing-world.ts'
import { cropped, welch } from '../support/welch.ts'

/** Of one tenant's answers, half to what the other had asked before. */
const SAMPLES = LONG ? 20_000 : 200
const BATCH = 100
/** |t| above it says that the two are not of one kind: by chance that happens once in 150,000 times. */
const APART = 4.5

const MUCH = { rpm: 1_000_000_000, tpm: 1_000_000_000_000, concurrency: 1000 }
const snapshot = await compile({
  version: 1,
  providers: { house: localProvider('http://127.0.0.1:1/v1') },
  models: { chat: { targets: ['house/tiny'], cache: { ttl: '1h' } } },
  keys: ['a', 'b'].map((tenant) =>
    keyNamed(tenant, { tenant, limits: MUCH, budget: { usd: 1_000_000, per: 'total' } }),
  ),
  limits: [{ name: 'tenants', each: 'tenant', ...MUCH }],
  budgets: [{ name: 'tenants', each: 'tenant', usd: 1_000_000, per: 'total' }],
  policies: [
    { name: 'addresses', redact: { types: ['email'], restore: true } },
    { name: 'words', guard: { on: ['output'], literals: ['forbidden'] }, reason: 'no' },
  ],
})

const ANSWER = JSON.stringify({
  choices: [{ index: 0, message: { role: 'assistant', content: 'an answer' }, finish_reason: 'stop' }],
  usage: { prompt_tokens: 5, completion_tokens: 2, total_tokens: 7 },
})

/** Done now and then, whoever asks: what is denied is read again, open and old rows are looked for. */
const BY_TIME = new Set<string | symbol>(['notes', 'open', 'trim'])

/** A gateway in this process, whose steps are counted. */
function open() {
  let steps: string[] = []
  const store: StateStore = createMemoryStore()
  const counted = new Proxy(store, {
    get(target, name, receiver) {
      const value: unknown = Reflect.get(target, name, receiver)
      if (typeof value !== 'function') return value
      return (...asked: readonly unknown[]): unknown => {
        if (!BY_TIME.has(name)) steps.push(String(name))
        return Reflect.apply(value, target, asked)
      }
    },
  })
  const { gateway } = assemble(snapshot, {
    store: counted,
    hash: sha256,
    log: () => void steps.push('log'),
    transport: createFetchTransport(async () => {
      steps.push('send')
      return new Response(ANSWER, { headers: { 'content-type': 'application/json' } })
    }),
  })
  const app = createApp(gateway)
  /** The ms that it took, the steps, and whether it was a hit. */
  async function ask(as: string, prompt: string) {
    const body = JSON.stringify({ model: 'chat', max_tokens: 9, messages: [{ role: 'user', content: prompt }] })
    const headers = { authorization: `Bearer ${as}`, 'idempotency-key': prompt.replaceAll(' ', '-') }
    const request = new Request('http://tutti/v1/chat/completions', { method: 'POST', headers, body })
    const work: Promise<unknown>[] = []
    steps = []
    const began = performance.now()
    const response = await app.fetch(request, {
      channel: createWebChannel(request, 'network'),
      waitUntil: (one) => void work.push(one),
    })
    await response.text()
    const ms = performance.now() - began
    await Promise.all(work)
    return { ms, steps: steps.join(' '), hit: response.headers.get('x-tutti-cache') === 'hit', status: response.status }
  }
  return ask
}

/** In an order of chance. */
function shuffled<Item>(items: readonly Item[], draw: () => number): readonly Item[] {
  return items
    .map((item) => ({ item, at: draw() }))
    .toSorted((a, b) => a.at - b.at)
    .map(({ item }) => item)
}

describe('whether another tenant has asked the same before', () => {
  test('makes no difference to what is done, nor to how long it takes', async () => {
    const ask = open()
    const draw = createSeed(process.env['TUTTI_LAW_SEED'] ?? '13')
    const prompt = (): string => `prompt ${Math.floor(draw() * 1e15)} of somebody`
    const kinds = {
      before: { ms: [] as number[], steps: new Set<string>() },
      never: { ms: [] as number[], steps: new Set<string>() },
    }
    const delay = monitorEventLoopDelay({ resolution: 1 })
    for (let taken = -2 * BATCH; taken < SAMPLES; taken += BATCH) {
      const known = Array.from({ length: BATCH / 2 }, prompt)
      for (const one of known) await ask('a', one)
      const asked = [
        ...known.map((one) => ({ one, kind: kinds.before })),
        ...known.map(() => ({ one: prompt(), kind: kinds.never })),
      ]
      if (taken === 0) delay.enable()
      for (const { one, kind } of shuffled(asked, draw)) {
        const seen = await ask('b', one)
        expect([seen.status, seen.hit]).toEqual([200, false])
        kind.steps.add(seen.steps)
        // What comes first finds nothing warm.
        if (taken >= 0) kind.ms.push(seen.ms)
        await new Promise(setImmediate)
      }
    }
    expect([...kinds.before.steps]).toEqual([...kinds.never.steps])
    expect(kinds.before.steps.size).toBe(1)
    // It would be seen: whoever has asked the same itself has it in other steps.
    await ask('a', 'the very same')
    const again = await ask('a', 'the very same')
    expect(kinds.before.steps.has(again.steps)).toBe(false)
    if (!LONG) return
    reached(SAMPLES)
    const t = welch(kinds.before.ms, kinds.never.ms)
    const [before = [], never = []] = cropped([kinds.before.ms, kinds.never.ms], 0.95)
    measured('t', t)
    measured('t-without-slowest-5%', welch(before, never))
    measured('loop-delay-p99-ms', delay.percentile(99) / 1e6)
    expect(Math.abs(t)).toBeLessThan(APART)
    expect(Math.abs(welch(before, never))).toBeLessThan(APART)
  })
})

describe('the measure', () => {
  test('sees what it is to see: means that differ by a tenth of the deviation in 10,000 samples each', () => {
    const draw = createSeed('measure')
    const sample = (shift: number): readonly number[] => Array.from({ length: 10_000 }, () => draw() + draw() + shift)
    expect(Math.abs(welch(sample(0), sample(0)))).toBeLessThan(APART)
    expect(Math.abs(welch(sample(0), sample(0.041)))).toBeGreaterThan(APART)
  })
})
