// Law 13. Tenants do not mix: cache, limits, stored objects, logs; a pooled socket is used again only after its answer
// ended exactly, with nothing behind it. Here: at the same time, and over kept connections.
import net from 'node:net'
import fc from 'fast-check'
import { afterAll, describe, expect, test } from 'vitest'
import { isObject, parseJson, stringAt, type JsonObject } from '#src/core/json.ts'
import { localProvider, startGateway } from '../support/gateway.ts'
import { reached } from '../support/law.ts'
import { keyNamed } from '../support/sharing-world.ts'
import { startUpstream } from '../support/upstream.ts'

const TENANTS = ['a', 'b'] as const
const KEYS = TENANTS.map((tenant) => keyNamed(tenant, { tenant, limits: { concurrency: 3 } }))
const closing: (() => Promise<unknown>)[] = []
afterAll(() => Promise.all(closing.map((close) => close())))

async function gatewayAt(url: string) {
  const gateway = await startGateway({
    version: 1,
    providers: { house: localProvider(url) },
    models: { chat: { targets: ['house/tiny'], cache: { ttl: '1h' }, retry: { attempts: 1 } } },
    keys: KEYS,
  })
  closing.push(() => gateway.close())
  return (as: string, body: object, headers: Record<string, string> = {}): Promise<Response> =>
    fetch(`${gateway.url}/v1/chat/completions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${as}`, ...headers },
      body: JSON.stringify({ model: 'chat', messages: [{ role: 'user', content: 'hi' }], ...body }),
    })
}

describe('at the same time', () => {
  test('under the same key and for the same prompt each has its own answer, and its own slots', async () => {
    const held: (() => void)[] = []
    let count = 0
    const upstream = await startUpstream((_, response) => {
      const message = { role: 'assistant', content: `answer ${count++}` }
      const answer = JSON.stringify({ choices: [{ index: 0, message, finish_reason: 'stop' }] })
      held.push(() => response.writeHead(200, { 'content-type': 'application/json' }).end(answer))
    })
    closing.push(() => upstream.close())
    const ask = await gatewayAt(upstream.url)
    const once = { 'idempotency-key': 'same' }
    const asked = TENANTS.map((as) => [ask(as, {}, once), ask(as, {}, once)])
    await upstream.arrival(1)
    // What is left of its slots is a tenant's own.
    const more = [1, 2, 3].map((seed) => ask('a', { seed }))
    await upstream.arrival(3)
    const full = await Promise.race(more)
    const other = [1, 2].map((seed) => ask('b', { seed }))
    await upstream.arrival(5)
    expect(full.status).toBe(429)
    for (const answer of held) answer()
    const texts = await Promise.all(asked.map((own) => Promise.all(own.map(async (one) => (await one).text()))))
    for (const own of texts) expect(new Set(own).size).toBe(1)
    expect(texts[0]?.[0]).not.toBe(texts[1]?.[0])
    const rest = await Promise.all([...more, ...other].map(async (one) => (await one).status))
    expect(rest.toSorted()).toEqual([200, 200, 200, 200, 429])
    expect(count).toBe(6)
  })
})

interface Served {
  /** Connections so far. */
  readonly connections: () => number
  url: string
  /** What is written for the next request; gets its body. */
  answer: (body: JsonObject) => string
}

/** An upstream that writes whatever a test wants onto connections that it keeps. */
async function startRaw(): Promise<Served> {
  let connections = 0
  const served: Served = { answer: () => '', connections: () => connections, url: '' }
  const server = net.createServer((socket) => {
    connections++
    let text = ''
    socket.on('error', () => {})
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1')
      const head = text.indexOf('\r\n\r\n')
      const length = Number(text.slice(0, head).toLowerCase().split('content-length: ')[1]?.split('\r\n')[0] ?? 0)
      if (head < 0 || text.length < head + 4 + length) return
      const asked = text.slice(0, 4) === 'POST' ? parseJson(text.slice(head + 4, head + 4 + length)) : undefined
      text = ''
      socket.write(isObject(asked) ? served.answer(asked) : whole('', 'HTTP/1.1 404 Not Found'))
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  served.url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}/v1`
  closing.push(() => new Promise((resolve) => server.close(resolve)))
  return served
}

function whole(body: string, first = 'HTTP/1.1 200 OK'): string {
  return `${first}\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`
}

function chunked(body: string, type: string): string {
  const size = Buffer.byteLength(body).toString(16)
  return `HTTP/1.1 200 OK\r\ncontent-type: ${type}\r\ntransfer-encoding: chunked\r\n\r\n${size}\r\n${body}\r\n0\r\n\r\n`
}

const said = (content: string): string =>
  JSON.stringify({ choices: [{ index: 0, message: { role: 'assistant', content }, finish_reason: 'stop' }] })
const streamed = (content: string): string =>
  `data: ${JSON.stringify({ choices: [{ index: 0, delta: { content } }] })}\n\ndata: [DONE]\n\n`

/** Answers to one that asks for that, each with its exact end. */
const FRAMINGS = {
  length: (content: string) => whole(said(content)),
  chunks: (content: string) => chunked(said(content), 'application/json'),
  stream: (content: string) => chunked(streamed(content), 'text/event-stream'),
} as const
type Framing = keyof typeof FRAMINGS

const POISON = 'poison'
const extras = fc.constantFrom(
  '',
  'x',
  '0\r\n\r\n',
  `data: ${POISON}\n\n`,
  whole(said(POISON)),
  whole(said(POISON)).slice(0, 60),
  chunked(streamed(POISON), 'text/event-stream'),
  `${POISON.length.toString(16)}\r\n${POISON}\r\n`,
)

describe('a kept connection', () => {
  test('carries nothing of one answer into the next, whoever asks and whatever stands behind its end', async () => {
    const upstream = await startRaw()
    const ask = await gatewayAt(upstream.url)
    let seed = 0
    let cases = 0
    const step = fc.record({
      as: fc.constantFrom(...TENANTS),
      framing: fc.constantFrom<Framing>('length', 'chunks', 'stream'),
      extra: extras,
    })
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 2, maxLength: 5 }), async (steps) => {
        for (const { as, framing, extra } of steps) {
          cases++
          const own = `answer ${seed++}`
          // Each says what it was asked: an answer that is another's would say so.
          upstream.answer = (body) => FRAMINGS[framing](`${stringAt(body, 'user') ?? ''} for ${as}`) + extra
          const response = await ask(as, { user: own, stream: framing === 'stream' })
          const text = await response.text()
          expect(text).not.toContain(POISON)
          expect([response.status, text.includes(`${own} for ${as}`)]).toEqual([200, true])
        }
      }),
      { numRuns: Number(process.env['TUTTI_LAW_RUNS'] ?? 60) },
    )
    reached(cases)
  })

  test('is used again by the next tenant where nothing stands behind the end, and only there', async () => {
    const upstream = await startRaw()
    const ask = await gatewayAt(upstream.url)
    const next = async (as: string, extra: string): Promise<number> => {
      upstream.answer = () => whole(said('a')) + extra
      await (
        await ask(as, { user: `${as} ${extra} ${upstream.connections()}` }, { 'cache-control': 'no-store' })
      ).text()
      return upstream.connections()
    }
    const first = await next('a', '')
    expect(await next('b', '')).toBe(first)
    expect(await next('a', 'x')).toBe(first)
    expect(await next('b', '')).toBe(first + 1)
  })
})
