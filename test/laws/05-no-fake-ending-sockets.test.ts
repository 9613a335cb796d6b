// Law 5. No fake ending, over real sockets: an upstream that is cut, reset or falls silent, and a sink, an adapter, a dialect or a log that throws.
import OpenAI from 'openai'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { Adapter } from '#src/core/adapter.ts'
import type { Sink } from '#src/core/sink.ts'
import type { Snapshot } from '#src/core/snapshot.ts'
import { LONG, reached } from '../support/law.ts'
import { localProvider, sha256, startGateway, type TestGateway, type TestRuntime } from '../support/gateway.ts'
import { MOCK_STREAMS, renderedBytes } from '../support/mock-streams.ts'
import { postRaw, type RawAnswer } from '../support/raw-client.ts'
import { collect } from '../support/read-stream.ts'
import { paying } from '../support/paying.ts'
import { sendBroken, sendForever, startUpstream, type Break, type Upstream } from '../support/upstream.ts'

const MESSAGES = [{ role: 'user' as const, content: 'hi' }]
const EVENT = `data: ${JSON.stringify({ choices: [{ index: 0, delta: { content: '안녕 ' } }] })}\n\n`

/** What a client is told must be the whole answer, an error that can be read, or visibly broken. */
function expectHonest(answer: RawAnswer, whole: Readonly<Record<string, string>> | undefined): void {
  if (answer.status !== 200) {
    if (answer.terminated) expect(JSON.parse(answer.body)).toMatchObject({ error: { message: expect.any(String) } })
    return
  }
  if (!answer.terminated) return
  const { said, done, error, behind } = collect(answer.body)
  expect(behind).toBe(0)
  expect(done).toBe(error === undefined)
  if (error) expect(error).toMatchObject({ error: { message: expect.any(String), type: expect.any(String) } })
  else expect(said).toEqual(whole)
}

describe('an upstream that breaks off', () => {
  const name = 'usage in a chunk of its own'
  const { answer, request = {} } = MOCK_STREAMS[name] ?? { answer: {} }
  const bytes = renderedBytes(answer, { ...request, stream: true })
  const whole = collect(new TextDecoder().decode(bytes)).said
  const cuts = cutsOf(bytes)
  let upstream: Upstream
  let tutti: TestGateway
  let client: OpenAI

  beforeAll(async () => {
    upstream = await startUpstream(({ body }, response) => {
      const [at, how] = String(body['user']).split(' ')
      if (how === 'fin' || how === 'reset' || how === 'stall') sendBroken(response, bytes.subarray(0, Number(at)), how)
    })
    // Only where silence is the fault: a slow machine must not look like one.
    const timeouts = { firstToken: '1s', idle: '1s' }
    tutti = await startGateway({
      version: 1,
      providers: {
        lenient: localProvider(upstream.url),
        strict: { ...localProvider(upstream.url), type: 'openai' },
      },
      models: {
        lenient: { targets: ['lenient/tiny'] },
        strict: { targets: ['strict/tiny'] },
        'lenient stall': { targets: ['lenient/tiny'], timeouts },
        'strict stall': { targets: ['strict/tiny'], timeouts },
      },
    })
    client = new OpenAI({ baseURL: `${tutti.url}/v1`, apiKey: 'none', maxRetries: 0 })
  })
  afterAll(async () => {
    await tutti.close()
    await upstream.close()
  })

  const routeOf = (model: string, how: Break): string => (how === 'stall' ? `${model} stall` : model)
  const kinds: readonly Break[] = ['fin', 'reset', 'stall']
  const table = kinds.flatMap((how) => ['lenient', 'strict'].map((model) => [how, model] as const))
  test.each(table)('%s, at the ends of events, to a %s adapter: what a bare socket sees', async (how, model) => {
    const ask = (at: number) => ({
      model: routeOf(model, how),
      messages: MESSAGES,
      stream: true,
      ...request,
      user: `${at} ${how}`,
    })
    const answers = await inBatches(cuts, (at) => postRaw(`${tutti.url}/v1/chat/completions`, ask(at)))
    for (const one of answers) expectHonest(one, whole)
    // The first cuts come before any content, the last ones behind the end.
    expect(answers.some(({ status }) => status === 502 || status === 504)).toBe(true)
    expect(answers.filter(({ terminated, status }) => terminated && status === 200).length).toBeGreaterThan(0)
    reached(cuts.length)
  })

  test.each(table)('%s, at the ends of events, to a %s adapter: what the official client sees', async (how, model) => {
    const outcomes = await inBatches(cuts, async (at) => {
      try {
        return await textOf(client, { model: routeOf(model, how), user: `${at} ${how}` })
      } catch (error) {
        expect(error).toBeInstanceOf(OpenAI.APIError)
        return 'threw'
      }
    })
    const text = whole['0.delta.content']
    expect(new Set(outcomes)).toEqual(new Set([text, 'threw']))
    reached(cuts.length)
  })
})

/** So many at once that waiting costs little, and so few that nothing looks silent because the machine is busy. */
const AT_ONCE = 50

async function inBatches<T>(cuts: readonly number[], one: (at: number) => Promise<T>): Promise<T[]> {
  const all: T[] = []
  for (let from = 0; from < cuts.length; from += AT_ONCE) {
    all.push(...(await Promise.all(cuts.slice(from, from + AT_ONCE).map(one))))
  }
  return all
}

async function textOf(client: OpenAI, more: { model: string; user: string }): Promise<string> {
  const stream = await client.chat.completions.create({ ...more, messages: MESSAGES, stream: true })
  let text = ''
  for await (const chunk of stream) text += chunk.choices[0]?.delta.content ?? ''
  return text
}

/** Two bytes before to two bytes behind each event's end; the long form: every byte. */
function cutsOf(bytes: Uint8Array): readonly number[] {
  if (LONG) return Array.from({ length: bytes.length + 1 }, (_, at) => at)
  const cuts = new Set([0])
  for (let at = bytes.indexOf(10); at >= 0; at = bytes.indexOf(10, at + 1)) {
    if (bytes[at + 1] === 10) for (const near of [-2, -1, 0, 1, 2]) cuts.add(at + 2 + near)
  }
  return [...cuts].filter((at) => at <= bytes.length)
}

describe('what throws inside', () => {
  let upstream: Upstream | undefined
  let tutti: TestGateway | undefined
  afterEach(async () => {
    await tutti?.close()
    await upstream?.close()
    upstream = tutti = undefined
  })

  /** A key with a budget and one slot: what is not given back is missed at once. */
  async function start(runtime: TestRuntime): Promise<{ upstream: Upstream; tutti: TestGateway }> {
    upstream = await startUpstream(({ body }, response) => {
      if (body['user'] === 'for ever') return sendForever(response, EVENT)
      const stream = body['stream'] === true
      const bytes = stream ? renderedBytes({ reply: { deltas: ['안', '녕'] } }, body) : WHOLE
      response.writeHead(200, { 'content-type': stream ? 'text/event-stream' : 'application/json' }).end(bytes)
    })
    tutti = await startGateway(
      {
        version: 1,
        providers: { local: localProvider(upstream.url) },
        models: { chat: { targets: ['local/tiny'] } },
        keys: [{ id: 'app', sha256: sha256('sk'), budget: { usd: 1, per: 'total' }, limits: { concurrency: 1 } }],
      },
      runtime,
    )
    return { upstream, tutti }
  }

  const WHOLE = JSON.stringify({
    choices: [{ index: 0, message: { role: 'assistant', content: '안녕' }, finish_reason: 'stop' }],
    usage: { prompt_tokens: 1, completion_tokens: 2, total_tokens: 3 },
  })

  const ask = (own: TestGateway, more: object): Promise<RawAnswer> =>
    postRaw(
      `${own.url}/v1/chat/completions`,
      { model: 'chat', messages: MESSAGES, ...more },
      { authorization: 'Bearer sk' },
    )

  /** Nothing is held, no slot is taken, one line was logged, and the upstream is let go of. */
  async function expectAllGivenBack(own: TestGateway, from: Upstream, logged = 1): Promise<void> {
    for (const arrival of from.arrivals) await arrival.closed
    const key = own.gateway.snapshot.keysById.get('app')
    if (!key) throw new Error('no key')
    const { store, clock } = own.gateway.ports
    const { spend, admit } = paying(store, key)
    expect((await spend(clock.now())).held).toBe(0n)
    expect(own.decisions).toHaveLength(logged)
    expect((await admit('probe', clock.now())).ok).toBe(true)
  }

  const streams: readonly (readonly [SinkStep, number])[] = [
    ['open', 1],
    ...[1, 2, 3, 4, 5, 6].map((nth) => ['write', nth] as const),
    ['end', 1],
  ]
  test.each(streams)('a sink whose %s throws (time %i): a stream', async (step, nth) => {
    const own = await start({ sink: (sink) => throwing(sink, step, nth) })
    const answer = await ask(own.tutti, { stream: true })
    expectHonest(answer, { '0.delta.content': '안녕', '0.delta.role': 'assistant', '0.finish_reason': 'stop' })
    const decision = await own.tutti.decision(0)
    if (!answer.terminated) expect(decision.status).toBe(500)
    await expectAllGivenBack(own.tutti, own.upstream)
  })

  test.each([1, 2, 3, 10, 30])('a sink whose write %i throws, under a stream without end', async (nth) => {
    const own = await start({ sink: (sink) => throwing(sink, 'write', nth) })
    const answer = await ask(own.tutti, { stream: true, user: 'for ever' })
    expect(answer.terminated).toBe(false)
    expect(answer.body).not.toContain('[DONE]')
    const decision = await own.tutti.decision(0)
    expect(decision).toMatchObject({ status: 500, estimated: true })
    expect(await own.upstream.arrivals[0]?.closed).toBe('hung up')
    await expectAllGivenBack(own.tutti, own.upstream)
  })

  test('a sink whose send throws: a whole answer', async () => {
    const own = await start({ sink: (sink) => throwing(sink, 'send', 1) })
    const answer = await ask(own.tutti, {})
    expect(answer.status).toBe(0)
    expect(await own.tutti.decision(0)).toMatchObject({ status: 500, error: 'internal_error' })
    await expectAllGivenBack(own.tutti, own.upstream)
  })

  const boom = (): never => {
    throw new Error('boom')
  }
  const adapters: readonly (readonly [string, Partial<Adapter>])[] = [
    ['encode', { encode: boom }],
    ['observe', { observe: boom }],
  ]
  const both = [true, false]
  test.each(adapters.flatMap(([name, patch]) => both.map((stream) => [name, stream, patch] as const)))(
    'an adapter whose %s throws (stream: %s)',
    async (_name, stream, patch) => {
      const own = await start({ snapshot: (snapshot) => withAdapter(snapshot, patch) })
      const answer = await ask(own.tutti, { stream })
      expect([answer.status, answer.terminated]).toEqual([500, true])
      expect(JSON.parse(answer.body)).toMatchObject({ error: { code: 'internal_error', type: 'server_error' } })
      expect(answer.body).not.toContain('boom')
      await own.tutti.decision(0)
      await expectAllGivenBack(own.tutti, own.upstream)
    },
  )

  const dialectParts = ['addCost', 'renderFailure', 'renderStreamError', 'adapt'] as const
  test.each(dialectParts.flatMap((part) => both.map((stream) => [part, stream] as const)))(
    'a dialect whose %s throws (stream: %s)',
    async (part, stream) => {
      const own = await start({
        ports: ({ dialects }) => ({ dialects: { ...dialects, chat: { ...dialects.chat, [part]: boom } } }),
      })
      const options = stream ? { stream_options: { include_usage: true } } : {}
      const answer = await ask(own.tutti, { stream, ...options })
      if (stream)
        expectHonest(answer, { '0.delta.content': '안녕', '0.delta.role': 'assistant', '0.finish_reason': 'stop' })
      else expect([200, 500]).toContain(answer.status)
      await own.tutti.decision(0)
      await expectAllGivenBack(own.tutti, own.upstream)
    },
  )

  test.each(both)('a log that throws takes no answer back (stream: %s)', async (stream) => {
    const own = await start({ ports: ({ telemetry }) => ({ telemetry: { ...telemetry, decided: boom } }) })
    const answer = await ask(own.tutti, { stream })
    expect([answer.status, answer.terminated]).toEqual([200, true])
    expect(answer.body).toContain(stream ? '[DONE]' : '안녕')
    await expectAllGivenBack(own.tutti, own.upstream, 0)
  })

  test.each(both)('bookkeeping that throws takes no answer back (stream: %s)', async (stream) => {
    const own = await start({ ports: ({ alerts }) => ({ alerts: { ...alerts, lookAt: boom } }) })
    const answer = await ask(own.tutti, { stream })
    expect([answer.status, answer.terminated]).toEqual([200, true])
    expect(answer.body).toContain(stream ? '[DONE]' : '안녕')
  })

  test('a sink that throws at a heartbeat ends the request, not the process', async () => {
    const { promise: silent, resolve } = Promise.withResolvers<'finished' | 'hung up'>()
    upstream = await startUpstream((arrival, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders()
      void arrival.closed.then(resolve)
    })
    tutti = await startGateway(
      {
        version: 1,
        heartbeat: '20ms',
        providers: { local: localProvider(upstream.url) },
        models: { chat: { targets: ['local/tiny'] } },
      },
      { sink: (sink) => throwing(sink, 'write', 1) },
    )
    const answer = await ask(tutti, { stream: true })
    expect(answer.terminated).toBe(false)
    expect(await silent).toBe('hung up')
    expect(await tutti.decision(0)).toMatchObject({ status: 500 })
  })
})

type SinkStep = 'send' | 'open' | 'write' | 'end'

/** A sink of which one step throws the n-th time, having done nothing. */
function throwing(sink: Sink, step: SinkStep, nth: number): Sink {
  let left = nth
  function guard(own: SinkStep): void {
    if (own === step && --left === 0) throw new Error('the sink is broken')
  }
  return {
    send(status, headers, body) {
      guard('send')
      sink.send(status, headers, body)
    },
    open(status, headers) {
      guard('open')
      sink.open(status, headers)
    },
    write(bytes) {
      guard('write')
      return sink.write(bytes)
    },
    end() {
      guard('end')
      sink.end()
    },
    destroy: () => sink.destroy(),
    get opened() {
      return sink.opened
    },
    onDrain: (run) => sink.onDrain(run),
    onGone: (run) => sink.onGone(run),
  }
}

/** The same configuration over an adapter of which a part is another. */
function withAdapter(snapshot: Snapshot, patch: Partial<Adapter>): Snapshot {
  const routes = [...snapshot.routes].map(([name, route]) => {
    const targets = route.targets.map(({ target, weight }) => {
      const provider = { ...target.provider, adapter: { ...target.provider.adapter, ...patch } }
      return { weight, target: { ...target, provider } }
    })
    return [name, { ...route, targets }] as const
  })
  return { ...snapshot, routes: new Map(routes) }
}
