// Law 10. Attempts are bounded: the count on the wire is the configured one, and after the first content byte there is none.
import fc from 'fast-check'
import { afterEach, describe, expect, test } from 'vitest'
import { assemble } from '#src/assemble.ts'
import { createWebChannel } from '#src/http/web-channel.ts'
import { createMemoryStore } from '#src/state/memory.ts'
import type { DecisionRecord } from '#src/telemetry/telemetry.ts'
import { createFakeClock, inTime } from '../support/fake-clock.ts'
import { compile, localProvider, sha256, startGateway, type TestGateway } from '../support/gateway.ts'
import {
  CONTENT,
  createScriptedTransport,
  DONE,
  EMPTY,
  ERROR,
  event,
  KINDS,
  SSE,
  type Kind,
} from '../support/scripted-transport.ts'
import { lawRuns } from '../support/state-driver.ts'
import { startUpstream, type Answering, type Upstream } from '../support/upstream.ts'

/** Written apart from the gateway's own itinerary: which targets are asked, by number. */
function expectedHits(kinds: readonly Kind[], targets: number, attempts: number, stream: boolean): readonly number[] {
  const queue = Array.from({ length: targets }, (_, index) => index)
  const hits: number[] = []
  while (hits.length < attempts) {
    const target = queue.shift()
    if (target === undefined) break
    const kind = kinds[hits.length] ?? 'an answer'
    hits.push(target)
    // Of a whole answer nothing is out before it is whole.
    const end = kind === 'content, then a cut' && !stream ? 'next' : KINDS[kind]
    if (end === 'over' || end === 'no') break
    if (end === 'again') queue.push(target)
  }
  return hits
}

interface Case {
  readonly kinds: readonly Kind[]
  readonly targets: number
  readonly attempts: number
  readonly stream: boolean
}

const kind = fc.constantFrom(...Object.keys(KINDS).filter((name): name is Kind => name in KINDS))
const situation: fc.Arbitrary<Case> = fc.record({
  kinds: fc.array(kind, { minLength: 1, maxLength: 8 }),
  targets: fc.integer({ min: 1, max: 4 }),
  attempts: fc.integer({ min: 1, max: 6 }),
  stream: fc.boolean(),
})

async function run({ kinds, targets, attempts, stream }: Case): Promise<{ hits: number[]; decision: DecisionRecord }> {
  const clock = createFakeClock()
  const hits: number[] = []
  const logged = Promise.withResolvers<DecisionRecord>()
  const transport = createScriptedTransport(stream, ({ url }) => {
    const nth = hits.push(Number(new URL(url).pathname.split('/')[1])) - 1
    return kinds[nth] ?? 'an answer'
  })
  const snapshot = await compiled(targets, attempts)
  const { app } = assemble(snapshot, {
    transport,
    clock,
    store: createMemoryStore(),
    hash: sha256,
    log: (line) => logged.resolve(JSON.parse(line)),
  })
  const body = JSON.stringify({ model: 'chat', messages: [{ role: 'user', content: 'hi' }], stream })
  const request = new Request('http://gateway/v1/chat/completions', { method: 'POST', body })
  const response = Promise.resolve(app.fetch(request, { channel: createWebChannel(request, 'embedded') }))
  // A stream that breaks may well end by an error.
  void response.then((answer) => answer.text()).catch(() => undefined)
  const decision = await inTime(clock, logged.promise)
  // Nothing may come later either.
  clock.advance(3_600_000)
  await new Promise(setImmediate)
  return { hits, decision }
}

const known = new Map<string, ReturnType<typeof compile>>()

function compiled(targets: number, attempts: number): ReturnType<typeof compile> {
  const name = `${targets} ${attempts}`
  const snapshot = known.get(name) ?? compile(configOf(targets, attempts, (index) => `http://127.0.0.1:1/${index}`))
  known.set(name, snapshot)
  return snapshot
}

function configOf(targets: number, attempts: number, urlOf: (index: number) => string): object {
  const numbers = Array.from({ length: targets }, (_, index) => index)
  return {
    version: 1,
    providers: Object.fromEntries(numbers.map((index) => [`p${index}`, localProvider(urlOf(index))])),
    models: { chat: { targets: numbers.map((index) => `p${index}/tiny`), retry: { attempts } } },
  }
}

describe('random failures', () => {
  test('exactly the targets that the plan and the failures say are asked, and never more than was configured', async () => {
    await fc.assert(
      fc.asyncProperty(situation, async (one) => {
        const { hits, decision } = await run(one)
        expect(hits).toEqual(expectedHits(one.kinds, one.targets, one.attempts, one.stream))
        expect(hits.length).toBeLessThanOrEqual(one.attempts)
        expect(decision.attempts.map(({ target }) => target)).toEqual(hits.map((index) => `p${index}/tiny`))
      }),
      { numRuns: lawRuns(500) },
    )
  })
})

describe('over real sockets', () => {
  let upstream: Upstream | undefined
  let tutti: TestGateway | undefined
  afterEach(async () => {
    await tutti?.close()
    await upstream?.close()
    upstream = tutti = undefined
  })

  const failing: readonly (readonly [string, Answering, 'again' | 'next'])[] = [
    ['a reset', (_, { socket }) => void socket?.resetAndDestroy(), 'next'],
    ['status 500', (_, response) => void response.writeHead(500).end('{}'), 'again'],
    ['status 503', (_, response) => void response.writeHead(503, { 'retry-after': '2' }).end('{}'), 'again'],
    ['status 429', (_, response) => void response.writeHead(429, { 'retry-after': '1' }).end('{}'), 'again'],
    ['status 429, long', (_, response) => void response.writeHead(429, { 'retry-after': '30' }).end('{}'), 'next'],
    ['an error in a 200', (_, response) => void response.writeHead(200, SSE).end(event(ERROR)), 'again'],
    ['an empty answer', (_, response) => void response.writeHead(200, SSE).end(EMPTY + DONE), 'next'],
    ['a web page', (_, response) => void response.writeHead(200, { 'content-type': 'text/html' }).end('<p>'), 'next'],
    ['a redirect', (_, response) => void response.writeHead(307, { location: '/v1/other' }).end(), 'next'],
  ]

  test.each(failing.flatMap((row) => [1, 2, 3, 4].map((targets) => [row[0], targets, row] as const)))(
    '%s, always, on %i targets',
    async (_name, targets, [, answer, end]) => {
      const own = await startUpstream(answer)
      upstream = own
      const clock = createFakeClock()
      // The clock runs on between attempts: no answer of a socket may look late by it.
      const config = { ...configOf(targets, 3, () => own.url) }
      tutti = await startGateway(withPatience(config), { clock })
      const response = inTime(clock, ask(tutti, true))
      expect((await response).headers.get('x-tutti-attempts')).toBe(String(end === 'again' ? 3 : Math.min(3, targets)))
      expect(own.arrivals).toHaveLength(end === 'again' ? 3 : Math.min(3, targets))
    },
  )

  test.each([1, 2, 3, 4, 6])('nobody listens, %i attempts: each is counted', async (attempts) => {
    const clock = createFakeClock()
    // A port that nobody is given: one that was closed just now may be another test's next.
    tutti = await startGateway(withPatience(configOf(2, attempts, () => 'http://127.0.0.1:1')), { clock })
    const response = await inTime(clock, ask(tutti, false))
    expect([response.status, response.headers.get('x-tutti-attempts')]).toEqual([502, String(attempts)])
    expect((await tutti.decision(0)).attempts).toHaveLength(attempts)
  })

  const patience: readonly (readonly [string, boolean, number])[] = [
    ['a stream: its time for the first token', true, 30_000],
    ['a whole answer: its share of the total time', false, 450_000],
  ]
  test.each(patience)('silence, %s: then the next target, each once', async (_what, stream, ms) => {
    const own = await startUpstream(() => {})
    upstream = own
    const clock = createFakeClock()
    tutti = await startGateway({ ...configOf(3, 4, () => own.url), heartbeat: 0 }, { clock })
    const response = ask(tutti, stream)
    for (let index = 0; index < 3; index++) {
      await own.arrival(index)
      clock.advance(ms - 1)
      await new Promise(setImmediate)
      expect(own.arrivals).toHaveLength(index + 1)
      clock.advance(1)
    }
    expect((await response).status).toBe(504)
    expect(own.arrivals).toHaveLength(3)
  })

  const breaks: readonly (readonly [string, Answering])[] = [
    ['a reset', (_, response) => void response.write(CONTENT, () => response.socket?.resetAndDestroy())],
    ['an error event', (_, response) => void response.end(CONTENT + event(ERROR))],
    ['an end without an end', (_, response) => void response.end(CONTENT)],
    ['something that is not JSON', (_, response) => void response.end(`${CONTENT}data: oops\n\n`)],
  ]
  test.each(breaks)('after the first content byte there is no other attempt: %s', async (_name, answer) => {
    const own = await startUpstream((arrival, response) => {
      response.writeHead(200, SSE)
      return answer(arrival, response)
    })
    upstream = own
    tutti = await startGateway(configOf(4, 4, () => own.url))
    const text = await (await ask(tutti, true)).text()
    expect(text).toContain('안녕')
    expect(text).not.toContain('[DONE]')
    await tutti.decision(0)
    expect(own.arrivals).toHaveLength(1)
  })

  test('a route without fallback asks its first target only, as often as it may', async () => {
    const own = await startUpstream((_, response) => void response.writeHead(500).end('{}'))
    upstream = own
    const clock = createFakeClock()
    const { models, ...rest }: { models?: { chat: object } } = configOf(3, 3, () => own.url)
    tutti = await startGateway(withPatience({ ...rest, models: { chat: { ...models?.chat, fallback: false } } }), {
      clock,
    })
    await inTime(clock, ask(tutti, false))
    const { attempts } = await tutti.decision(0)
    expect(attempts.map(({ target }) => target)).toEqual(['p0/tiny', 'p0/tiny', 'p0/tiny'])
  })
})

function withPatience(config: { readonly models?: { readonly chat: object } }): object {
  const timeouts = { firstToken: '20h', idle: '20h', total: '24h' }
  return { ...config, heartbeat: 0, models: { chat: { ...config.models?.chat, timeouts } } }
}

function ask(tutti: TestGateway, stream: boolean): Promise<Response> {
  const body = JSON.stringify({ model: 'chat', messages: [{ role: 'user', content: 'hi' }], stream })
  return fetch(`${tutti.url}/v1/chat/completions`, { method: 'POST', body })
}
