import fc from 'fast-check'
import { assemble } from '#src/assemble.ts'
import { isObject, parseJson, type JsonObject } from '#src/core/json.ts'
import type { Snapshot } from '#src/core/snapshot.ts'
import { createApp } from '#src/http/app.ts'
import { createWebChannel } from '#src/http/web-channel.ts'
import type { Gateway } from '#src/pipeline/gateway.ts'
import { createMemoryStore } from '#src/state/memory.ts'
import { createFetchTransport } from '#src/transport/fetch.ts'
import { createFakeClock, type FakeClock } from './fake-clock.ts'
import { compile, sha256 } from './gateway.ts'

/** Two tenants behind one gateway that ask the same, with everything switched on that remembers anything. */

export const TENANTS = ['a', 'b'] as const
export type Tenant = (typeof TENANTS)[number]

const facts = { developer: 'x', lineage: [], price: { input: 0, output: 1000 }, maxOutput: 100 }
const cache = { ttl: '10m' }
const key = (id: string, tenant: string): object => ({
  id,
  sha256: sha256(id),
  tenant,
  limits: { rpm: 8, tpm: 4000, concurrency: 2 },
  budget: { usd: 0.05, per: 'hour' },
})

const FILE = {
  version: 1,
  providers: {
    house: { type: 'openai-compatible', apiKey: 'k', baseUrl: 'https://house.example/v1', models: { m: facts } },
    own: { type: 'openai', apiKey: 'k', baseUrl: 'https://own.example/v1', models: { m: facts } },
    claude: { type: 'anthropic', apiKey: 'k', baseUrl: 'https://claude.example/v1', models: { m: facts } },
  },
  models: {
    chat: { targets: ['house/m'], cache },
    plain: { targets: ['house/m'] },
    own: { targets: ['own/m'], cache },
    thinking: { targets: ['claude/m'] },
  },
  keys: TENANTS.flatMap((tenant) => [key(`${tenant}1`, tenant), key(`${tenant}2`, tenant)]),
  limits: [{ name: 'tenants', each: 'tenant', rpm: 12, concurrency: 3 }],
  budgets: [{ name: 'tenants', each: 'tenant', usd: 0.08, per: 'hour' }],
}
const policies = [
  { name: 'addresses', redact: { types: ['email'], restore: true } },
  { name: 'words', guard: { on: ['output'], literals: ['forbidden'] }, reason: 'no' },
]

/** With rules that look into answers, and without, where these go on byte for byte. */
export const SNAPSHOTS: readonly Snapshot[] = [await compile(FILE), await compile({ ...FILE, policies })]

/** What a tenant does; `whose` is who left behind what it asks for, `nth` by which of that one's steps. */
export type Step =
  | {
      readonly do: 'chat'
      readonly key: 1 | 2
      readonly model: 'chat' | 'plain'
      readonly prompt: string
      readonly stream: boolean
      readonly once?: string | undefined
    }
  | { readonly do: 'respond'; readonly key: 1 | 2; readonly store: boolean; readonly after?: Left | undefined }
  | { readonly do: 'get' | 'delete'; readonly key: 1 | 2; readonly of: Left }
  | { readonly do: 'think'; readonly key: 1 | 2; readonly after?: Left | undefined }

interface Left {
  readonly whose: Tenant
  readonly nth: number
}

/** Somebody's step, or time that goes by (ms). */
export type Move = { readonly who: Tenant; readonly step: Step } | { readonly wait: number }

const keyNumber = fc.constantFrom(1 as const, 2 as const)
const left = fc.record({ whose: fc.constantFrom(...TENANTS), nth: fc.nat(5) })
const maybe = <Value>(value: fc.Arbitrary<Value>) => fc.option(value, { nil: undefined })
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    do: fc.constant('chat' as const),
    key: keyNumber,
    model: fc.constantFrom('chat' as const, 'plain' as const),
    prompt: fc.constantFrom('hi', 'I am kim@example.com', 'I am lee@example.com'),
    stream: fc.boolean(),
    once: maybe(fc.constantFrom('x', 'y')),
  }),
  fc.record({ do: fc.constant('respond' as const), key: keyNumber, store: fc.boolean(), after: maybe(left) }),
  fc.record({ do: fc.constantFrom('get' as const, 'delete' as const), key: keyNumber, of: left }),
  fc.record({ do: fc.constant('think' as const), key: keyNumber, after: maybe(left) }),
)
export const moves: fc.Arbitrary<readonly Move[]> = fc.array(
  fc.oneof(
    { weight: 9, arbitrary: fc.record({ who: fc.constantFrom(...TENANTS), step }) },
    { weight: 1, arbitrary: fc.record({ wait: fc.constantFrom(1000, 30_000, 700_000) }) },
  ),
  { minLength: 2, maxLength: 24 },
)

/** Everything that a tenant could have noticed, and that was noticed of it. */
export interface Noticed {
  readonly answers: string[]
  /** What upstreams were sent for it. */
  readonly sent: string[]
  readonly log: JsonObject[]
}

/** Who asks now, and which of its steps it is: what is random elsewhere follows from that alone. */
interface Now {
  who: Tenant
  nth: number
}

/** Does all of it in turn in a gateway of its own. */
export async function play(all: readonly Move[], snapshot = SNAPSHOTS[0]): Promise<Readonly<Record<Tenant, Noticed>>> {
  const clock = createFakeClock(1_700_000_000_000)
  const noticed = { a: nothing(), b: nothing() }
  const now: Now = { who: 'a', nth: 0 }
  if (!snapshot) throw new Error('there is no configuration')
  const gateway = gatewayFor({ now, noticed, clock, snapshot })
  const app = createApp(gateway)
  const steps = { a: 0, b: 0 }
  for (const move of all) {
    if ('wait' in move) {
      clock.advance(move.wait)
      continue
    }
    Object.assign(now, { who: move.who, nth: steps[move.who]++ })
    const work: Promise<unknown>[] = []
    const request = requestFor(move.who, move.step)
    const response = await app.fetch(request, {
      channel: createWebChannel(request, 'network'),
      waitUntil: (one) => work.push(one),
    })
    const headers = JSON.stringify([...response.headers])
    noticed[move.who].answers.push(`${response.status} ${headers} ${await response.text()}`)
    await Promise.all(work)
  }
  return noticed
}

function nothing(): Noticed {
  return { answers: [], sent: [], log: [] }
}

interface Parts {
  readonly now: Now
  readonly noticed: Readonly<Record<Tenant, Noticed>>
  readonly clock: FakeClock
  readonly snapshot: Snapshot
}

function gatewayFor({ now, noticed, clock, snapshot }: Parts): Gateway {
  const transport = createFetchTransport(async (url, init) => {
    const text = typeof init.body === 'string' ? init.body : ''
    noticed[now.who].sent.push(`${url} ${text}`)
    const body = parseJson(text)
    return answerOf(new URL(url).hostname, `${now.who}${now.nth}`, isObject(body) && body['stream'] === true)
  })
  const { gateway } = assemble(snapshot, {
    transport,
    store: createMemoryStore(),
    hash: sha256,
    clock,
    log(line) {
      const record = parseJson(line)
      if (!isObject(record)) return
      // How fast models are and how much they write is one for all: it is of models, not of callers.
      const { inputs: _inputs, candidates: _candidates, ...own } = record
      noticed[now.who].log.push(own)
    },
  })
  // One step has one request, which may have others made.
  let made = ''
  let count = 0
  const newId = (): string => {
    const step = `req_${now.who}${now.nth}`
    count = step === made ? count + 1 : 0
    made = step
    return `${step}_${count}`
  }
  return { ...gateway, ports: { ...gateway.ports, newId } }
}

/** What the upstream says to the step of that name. */
function answerOf(host: string, name: string, stream: boolean): Response {
  const usage = { prompt_tokens: 3, completion_tokens: 5, total_tokens: 8 }
  if (host === 'claude.example')
    return Response.json({
      id: `msg_${name}`,
      type: 'message',
      role: 'assistant',
      model: 'm',
      content: [
        { type: 'thinking', thinking: `thought of ${name}`, signature: `sig-${name}` },
        { type: 'tool_use', id: `toolu_${name}`, name: 'f', input: {} },
      ],
      stop_reason: 'tool_use',
      usage: { input_tokens: 3, output_tokens: 5 },
    })
  if (host === 'own.example') {
    const content = [{ type: 'output_text', text: `answer ${name}`, annotations: [] }]
    const output = [{ type: 'message', id: `msg_${name}`, role: 'assistant', status: 'completed', content }]
    const used = { input_tokens: 3, output_tokens: 5, total_tokens: 8 }
    return Response.json({
      id: `resp_${name}_0`,
      object: 'response',
      status: 'completed',
      model: 'm',
      output,
      usage: used,
    })
  }
  const choice = { index: 0, finish_reason: 'stop' }
  const message = { role: 'assistant', content: `answer ${name}` }
  if (!stream) return Response.json({ id: name, model: 'm', choices: [{ ...choice, message }], usage })
  const events = [
    { id: name, model: 'm', choices: [{ ...choice, delta: message }] },
    { id: name, model: 'm', choices: [], usage },
  ]
  const text = events.map((event) => `data: ${JSON.stringify(event)}\n\n`).join('')
  return new Response(`${text}data: [DONE]\n\n`, { headers: { 'content-type': 'text/event-stream' } })
}

function requestFor(who: Tenant, step: Step): Request {
  const headers = new Headers({ authorization: `Bearer ${who}${step.key}` })
  const request = (method: string, path: string, body?: object): Request =>
    new Request(`http://tutti${path}`, { method, headers, ...(body && { body: JSON.stringify(body) }) })
  switch (step.do) {
    case 'chat': {
      if (step.once !== undefined) headers.set('idempotency-key', step.once)
      const messages = [{ role: 'user', content: step.prompt }]
      return request('POST', '/v1/chat/completions', {
        model: step.model,
        max_tokens: 20,
        stream: step.stream,
        messages,
      })
    }
    case 'respond': {
      const after = step.after && { previous_response_id: responseOf(step.after) }
      return request('POST', '/v1/responses', {
        model: 'own',
        input: 'hi',
        max_output_tokens: 20,
        store: step.store,
        ...after,
      })
    }
    case 'get':
      return request('GET', `/v1/responses/${responseOf(step.of)}`)
    case 'delete':
      return request('DELETE', `/v1/responses/${responseOf(step.of)}`)
    case 'think': {
      const messages: object[] = [{ role: 'user', content: 'hi' }]
      if (step.after) {
        const id = `toolu_${nameOf(step.after)}`
        const call = { id, type: 'function', function: { name: 'f', arguments: '{}' } }
        messages.push({ role: 'assistant', tool_calls: [call] }, { role: 'tool', tool_call_id: id, content: 'ok' })
      }
      const tools = [{ type: 'function', function: { name: 'f', parameters: { type: 'object' } } }]
      return request('POST', '/v1/chat/completions', { model: 'thinking', max_tokens: 20, messages, tools })
    }
  }
}

function nameOf({ whose, nth }: Left): string {
  return `${whose}${nth}`
}

/** As tutti names it where it writes the answer itself; here its upstream does the same. */
function responseOf(of: Left): string {
  return `resp_${nameOf(of)}_0`
}
