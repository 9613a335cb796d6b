// Law 9. Hanging up stops the meter: the upstream sees the caller's abort at every stage, and no socket, slot or hold is left.
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import type { StateStore } from '#src/core/state-store.ts'
import type { Sink } from '#src/core/sink.ts'
import type { Exchange, Transport } from '#src/core/transport.ts'
import { createMemoryStore } from '#src/state/memory.ts'
import { createUndiciTransport } from '#src/transport/undici.ts'
import { createFakeClock, type FakeClock } from '../support/fake-clock.ts'
import { localProvider, sha256, startGateway, type TestGateway, type TestRuntime } from '../support/gateway.ts'
import { paying } from '../support/paying.ts'
import { startUpstream, type Answering, type Upstream } from '../support/upstream.ts'

const event = (choice: object): string => `data: ${JSON.stringify({ choices: [{ index: 0, ...choice }] })}\n\n`
const ROLE = event({ delta: { role: 'assistant', content: '' } })
const CONTENT = event({ delta: { content: '안녕하세요' } })
const FINISH = event({ delta: {}, finish_reason: 'stop' })
const SSE = { 'content-type': 'text/event-stream' }

interface Stage {
  readonly name: string
  readonly stream: boolean
  readonly answer: Answering
  /** Text that the caller waits for before it hangs up; undefined: until the upstream has the request. */
  readonly until?: string
}

const STAGES: readonly Stage[] = [
  { name: 'before the head, whole', stream: false, answer: () => {} },
  { name: 'before the head, streamed', stream: true, answer: () => {} },
  {
    name: 'in the middle of a whole answer',
    stream: false,
    answer: (_, response) => void response.writeHead(200, { 'content-type': 'application/json' }).write('{"choices":['),
  },
  {
    name: 'between the head and the first token',
    stream: true,
    answer: (_, response) => void response.writeHead(200, SSE).write(ROLE),
  },
  {
    name: 'in the middle of a stream',
    stream: true,
    answer: (_, response) => void response.writeHead(200, SSE).write(ROLE + CONTENT),
    until: '안녕하세요',
  },
  {
    name: 'before the last byte of a stream',
    stream: true,
    answer: (_, response) => void response.writeHead(200, SSE).write(`${ROLE}${CONTENT}${FINISH}data: [DONE]\n`),
    until: '"stop"',
  },
]

let upstream: Upstream | undefined
let tutti: TestGateway | undefined
afterEach(async () => {
  await tutti?.close()
  await upstream?.close()
  upstream = tutti = undefined
})

interface Setup {
  readonly upstream: Upstream
  readonly tutti: TestGateway
  readonly clock: FakeClock
  /** Exchanges that were begun and have neither ended nor been aborted. */
  readonly running: ReadonlySet<object>
}

const BUDGET = { budget: { usd: 1, per: 'total' } }
const OWN = { ...BUDGET, limits: { concurrency: 1 } }

/** One key with a budget and one slot over a clock that stands still: nothing can time out. */
async function start(answer: Answering, runtime: TestRuntime = {}, own: object = OWN): Promise<Setup> {
  const clock = createFakeClock()
  const running = new Set<object>()
  upstream = await startUpstream(answer)
  tutti = await startGateway(
    {
      version: 1,
      providers: { local: localProvider(upstream.url) },
      models: { chat: { targets: ['local/tiny'] } },
      keys: [{ id: 'app', sha256: sha256('sk'), ...own }],
    },
    { clock, transport: counted(createUndiciTransport(), running), ...runtime },
  )
  return { upstream, tutti, clock, running }
}

/** A transport that knows which exchanges are still open. */
function counted(transport: Transport, running: Set<object>): Transport {
  return {
    send(request, egress, handler) {
      const mark = {}
      running.add(mark)
      const over = (): boolean => running.delete(mark)
      const exchange: Exchange = transport.send(request, egress, {
        ...handler,
        end() {
          over()
          handler.end()
        },
        fail(failure) {
          over()
          handler.fail(failure)
        },
      })
      return {
        pause: () => exchange.pause(),
        resume: () => exchange.resume(),
        abort() {
          over()
          exchange.abort()
        },
      }
    },
    close: () => transport.close(),
  }
}

/** A caller on a socket of its own, so that hanging up is what it is. */
function call(own: TestGateway, stream: boolean): Socket {
  const { hostname, port } = new URL(own.url)
  const body = JSON.stringify({ model: 'chat', messages: [{ role: 'user', content: 'hi' }], stream })
  const socket = connect(Number(port), hostname)
  socket.on('error', () => {})
  socket.write(
    `POST /v1/chat/completions HTTP/1.1\r\nhost: ${hostname}\r\nauthorization: Bearer sk\r\n` +
      `content-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  )
  return socket
}

async function hears(socket: Socket, text: string): Promise<void> {
  let heard = ''
  while (!heard.includes(text)) heard += String((await once(socket, 'data'))[0])
}

async function expectNothingLeft({ tutti: own, clock, running }: Setup): Promise<void> {
  const key = own.gateway.snapshot.keysById.get('app')
  if (!key) throw new Error('no key')
  const { spend, admit } = paying(own.gateway.ports.store, key)
  expect((await spend(clock.now())).held).toBe(0n)
  expect((await admit('probe', clock.now())).ok).toBe(true)
  expect(running.size).toBe(0)
  expect(clock.waiting).toBe(0)
}

describe('a caller that hangs up', () => {
  test.each(STAGES)('$name', async ({ stream, answer, until }) => {
    const setup = await start(answer)
    const socket = call(setup.tutti, stream)
    if (until !== undefined) await hears(socket, until)
    const arrival = await setup.upstream.arrival(0)
    socket.destroy()
    expect(await arrival.closed).toBe('hung up')
    const decision = await setup.tutti.decision(0)
    expect(decision).toMatchObject({ status: 499, estimated: true, attempts: [{ outcome: 'aborted' }] })
    await expectNothingLeft(setup)
    expect(setup.upstream.arrivals).toHaveLength(1)
    expect(setup.tutti.decisions).toHaveLength(1)
    expect(await spent(setup)).toBe(decision.cost_usd)
    expect(await spent(setup)).toBeGreaterThan(0)
  })

  test('what had come by then is part of the estimate', async () => {
    const costs: number[] = []
    for (const answer of [STAGES[3]?.answer, STAGES[4]?.answer]) {
      const setup = await start(answer ?? (() => {}))
      const socket = call(setup.tutti, true)
      const arrival = await setup.upstream.arrival(0)
      if (costs.length > 0) await hears(socket, '안녕하세요')
      socket.destroy()
      await arrival.closed
      const { cost_usd: cost } = await setup.tutti.decision(0)
      costs.push(Number(cost))
      await setup.tutti.close()
      await setup.upstream.close()
    }
    expect(costs[1]).toBeGreaterThan(costs[0] ?? Infinity)
  })

  test('while a retry is waited for: no further attempt, and nothing waits any more', async () => {
    const setup = await start((_, response) => void response.writeHead(503, { 'retry-after': '1' }).end('{}'))
    const socket = call(setup.tutti, true)
    await (
      await setup.upstream.arrival(0)
    ).closed
    // The wait has begun when its timer stands beside those of total time and heartbeat.
    while (setup.clock.waiting < 3) await new Promise(setImmediate)
    socket.destroy()
    expect(await setup.tutti.decision(0)).toMatchObject({ status: 499, attempts: [{ status: 503, cost_usd: 0 }] })
    setup.clock.advance(3_600_000)
    await expectNothingLeft(setup)
    expect(setup.upstream.arrivals).toHaveLength(1)
  })

  test('before its credential is known: nothing is decided', async () => {
    const gate = createGate()
    const refused = Promise.withResolvers<number>()
    const setup = await start(() => {}, {
      sink: gate.sink,
      ports: ({ hash, telemetry }) => ({
        hash: gate.before((text: string) => hash(text)),
        telemetry: { ...telemetry, refused: (_endpoint, status) => refused.resolve(status) },
      }),
    })
    await gate.hangUpInside(call(setup.tutti, true))
    expect(await refused.promise).toBe(499)
    await expectNothingLeft(setup)
    expect(setup.tutti.decisions).toHaveLength(0)
    expect(setup.upstream.arrivals).toHaveLength(0)
  })

  test.each(GATED)('while the store is asked to %s: nothing is sent', async (_step, gated, own) => {
    const gate = createGate()
    const store = createMemoryStore()
    const setup = await start(() => {}, { sink: gate.sink, store: { ...store, ...gated(store, gate) } }, own)
    await gate.hangUpInside(call(setup.tutti, true))
    const decision = await setup.tutti.decision(0)
    expect(decision).toMatchObject({ status: 499, cost_usd: 0 })
    await expectNothingLeft(setup)
    expect(setup.upstream.arrivals).toHaveLength(0)
  })

  test('behind the end of the answer: the request is answered, and its bill is no estimate', async () => {
    const usage = `data: ${JSON.stringify({ choices: [], usage: { prompt_tokens: 5, completion_tokens: 7 } })}\n\n`
    const setup = await start(
      (_, response) => void response.writeHead(200, SSE).end(`${ROLE}${CONTENT}${FINISH}${usage}data: [DONE]\n\n`),
    )
    const socket = call(setup.tutti, true)
    await hears(socket, '[DONE]')
    socket.destroy()
    const decision = await setup.tutti.decision(0)
    expect(decision).toMatchObject({ status: 200, usage: { input_tokens: 5, output_tokens: 7 } })
    expect(decision.estimated).toBeUndefined()
    await expectNothingLeft(setup)
  })

  test('a hundred at once, each where it is: every exchange, slot and hold is given back', async () => {
    const setup = await start((arrival, response) => STAGES[4]?.answer(arrival, response))
    const sockets: Socket[] = []
    for (let index = 0; index < 100; index++) {
      const socket = call(setup.tutti, true)
      sockets.push(socket)
      // The one slot: the next may come in once this one has gone.
      if (index % 2 === 0) await hears(socket, '안녕하세요')
      else await setup.upstream.arrival(index)
      socket.destroy()
      await setup.tutti.decision(index)
    }
    for (const arrival of setup.upstream.arrivals) expect(await arrival.closed).toBe('hung up')
    await expectNothingLeft(setup)
  })
})

type Gated = (store: StateStore, gate: Gate) => Partial<StateStore>

/** The steps of a store before anything is sent. */
const GATED: readonly (readonly [string, Gated, object])[] = [
  ['spend', ({ spend }, gate) => ({ spend: gate.before(spend) }), OWN],
  ['admit', ({ admit }, gate) => ({ admit: gate.before(admit) }), OWN],
  ['hold', ({ hold }, gate) => ({ hold: gate.before(hold) }), BUDGET],
]

interface Gate {
  readonly sink: (sink: Sink) => Sink
  /** The same function, held up the first time until the gateway has seen the caller go. */
  before<Input extends unknown[], Output>(
    step: (...input: Input) => Output | Promise<Output>,
  ): (...input: Input) => Promise<Output>
  /** Hangs up once that function is waited for. */
  hangUpInside(socket: Socket): Promise<void>
}

function createGate(): Gate {
  const inside = Promise.withResolvers<void>()
  const gone = Promise.withResolvers<void>()
  return {
    sink(sink) {
      sink.onGone(() => gone.resolve())
      return sink
    },
    before:
      (step) =>
      async (...input) => {
        inside.resolve()
        await gone.promise
        return step(...input)
      },
    async hangUpInside(socket) {
      await inside.promise
      socket.destroy()
      await gone.promise
      // What was held up runs on.
      for (let turn = 0; turn < 10; turn++) await new Promise(setImmediate)
    },
  }
}

async function spent({ tutti: own, clock }: Setup): Promise<number> {
  const key = own.gateway.snapshot.keysById.get('app')
  if (!key) throw new Error('no key')
  const { spent: nano } = await paying(own.gateway.ports.store, key).spend(clock.now())
  return Number(nano) / 1e9
}
