// Repeats that come while the first request is at work, over real sockets: they join its answer from its start.
import type { ServerResponse } from 'node:http'
import { afterEach, describe, expect, test } from 'vitest'
import { localProvider, startGateway, type TestGateway } from '../support/gateway.ts'
import type { StateStore } from '#src/core/state-store.ts'
import { createMemoryStore } from '#src/state/memory.ts'
import { keyNamed } from '../support/sharing-world.ts'
import { startUpstream, type Upstream } from '../support/upstream.ts'

const REPLAY = 'x-tutti-idempotent-replay'
const event = (content: string): string =>
  `data: ${JSON.stringify({ choices: [{ index: 0, delta: { content } }] })}\n\n`
const STREAM = { model: 'house/tiny', stream: true, messages: [{ role: 'user', content: 'hi' }] }
const WHOLE = { ...STREAM, stream: false }

const open: { close(): Promise<void> }[] = []
afterEach(async () => {
  for (const one of open.splice(0)) await one.close()
})

interface World {
  readonly gateway: TestGateway
  readonly upstream: Upstream
  /** The n-th request's answer, to be written by hand. */
  response(index: number): Promise<ServerResponse>
  ask(body?: object, signal?: AbortSignal, headers?: Record<string, string>): Promise<Response>
}

async function start(store: StateStore = createMemoryStore(), more: object = {}): Promise<World> {
  const responses: ServerResponse[] = []
  const upstream = await startUpstream((_, response) => void responses.push(response))
  const file = { version: 1, providers: { house: localProvider(upstream.url) }, ...more }
  const gateway = await startGateway(file, { store })
  open.push(gateway, upstream)
  return {
    gateway,
    upstream,
    async response(index) {
      await upstream.arrival(index)
      const response = responses[index]
      if (!response) throw new Error('no answer is asked for')
      return response
    },
    ask: (body = STREAM, signal, headers = {}) =>
      fetch(`${gateway.url}/v1/chat/completions`, {
        method: 'POST',
        headers: { 'idempotency-key': 'k', ...headers },
        body: JSON.stringify(body),
        ...(signal && { signal }),
      }),
  }
}

function begin(response: ServerResponse, first: string): void {
  response.writeHead(200, { 'content-type': 'text/event-stream' }).write(event(first))
}

/** Reads until that text was seen; all that was read. */
async function readUntil(reader: ReadableStreamDefaultReader<Uint8Array>, text: string): Promise<string> {
  const decoder = new TextDecoder()
  let seen = ''
  while (!seen.includes(text)) {
    const { done, value } = await reader.read()
    if (done) return seen
    seen += decoder.decode(value, { stream: true })
  }
  return seen
}

function readerOf(response: Response): ReadableStreamDefaultReader<Uint8Array> {
  if (!response.body) throw new Error('there is no body')
  return response.body.getReader()
}

describe('a repeat joins the answer that is being written', () => {
  test('a stream from its start, as it goes on, to the same end', async () => {
    const { ask, response, upstream } = await start()
    const first = ask()
    const upstreams = await response(0)
    begin(upstreams, 'one')
    const own = readerOf(await first)
    const before = await readUntil(own, 'one')
    const joined = await ask()
    const other = readerOf(joined)
    expect(joined.headers.get(REPLAY)).toBe('true')
    const caught = await readUntil(other, 'one')
    upstreams.write(event('two'))
    const [more, same] = [await readUntil(own, 'two'), await readUntil(other, 'two')]
    upstreams.end('data: [DONE]\n\n')
    const [last, end] = [await readUntil(own, 'nothing'), await readUntil(other, 'nothing')]
    expect(caught + same + end).toBe(before + more + last)
    expect(end).toContain('[DONE]')
    expect(upstream.arrivals.length).toBe(1)
  })

  test('a whole answer once it is there', async () => {
    const { ask, response, upstream, gateway } = await start()
    const first = ask(WHOLE)
    const upstreams = await response(0)
    const second = ask(WHOLE)
    // It has arrived: the third is behind it on the same loop.
    await (await fetch(`${gateway.url}/-/health`)).text()
    upstreams.setHeader('content-type', 'application/json')
    upstreams.end(JSON.stringify({ choices: [{ index: 0, message: { content: 'a' }, finish_reason: 'stop' }] }))
    const [one, two] = [await first, await second]
    expect(await two.text()).toBe(await one.text())
    expect([two.status, two.headers.get(REPLAY)]).toEqual([200, 'true'])
    expect(upstream.arrivals.length).toBe(1)
  })

  test('an error, which is kept for nobody else', async () => {
    const { ask, response, upstream, gateway } = await start()
    const first = ask(WHOLE)
    const upstreams = await response(0)
    const second = ask(WHOLE)
    await (await fetch(`${gateway.url}/-/health`)).text()
    upstreams.writeHead(400, { 'content-type': 'application/json' }).end('{"error":{"message":"no"}}')
    expect([(await first).status, (await second).status]).toEqual([400, 400])
    void ask(WHOLE).catch(() => {})
    await upstream.arrival(1)
  })

  test('another body is refused meanwhile', async () => {
    const { ask, response } = await start()
    const first = ask()
    const upstreams = await response(0)
    expect((await ask(WHOLE)).status).toBe(400)
    begin(upstreams, 'one')
    upstreams.end('data: [DONE]\n\n')
    expect(await (await first).text()).toContain('[DONE]')
  })

  test("its own, and not another caller's under the same key", async () => {
    const keys = [keyNamed('a'), keyNamed('b')]
    const { ask, response, upstream } = await start(createMemoryStore(), { keys })
    const asked = (as: string): Promise<Response> => ask(STREAM, undefined, { authorization: `Bearer ${as}` })
    const [first, other] = [asked('a'), asked('b')]
    for (const at of [0, 1]) begin(await response(at), `answer ${at}`)
    const own = await readUntil(readerOf(await first), 'answer')
    const theirs = await readUntil(readerOf(await other), 'answer')
    expect(own).not.toBe(theirs)
    expect(await readUntil(readerOf(await asked('a')), 'answer')).toBe(own)
    expect(await readUntil(readerOf(await asked('b')), 'answer')).toBe(theirs)
    expect(upstream.arrivals.length).toBe(2)
  })

  test('a break is a break for both', async () => {
    const { ask, response } = await start()
    const first = ask()
    const upstreams = await response(0)
    begin(upstreams, 'one')
    const own = readerOf(await first)
    await readUntil(own, 'one')
    const other = readerOf(await ask())
    await readUntil(other, 'one')
    upstreams.destroy()
    for (const reader of [own, other]) expect(await readUntil(reader, 'nothing')).toContain('"error"')
  })
})

/** Asks until the request before has let go of the key. */
async function askAgain(ask: World['ask']): Promise<Response> {
  for (;;) {
    const response = await ask()
    if (response.status !== 409) return response
    expect(response.headers.get('retry-after')).toBe('1')
  }
}

describe('a caller that hangs up', () => {
  test('alone, ends the work: the upstream sees it, and the key is free again', async () => {
    const { ask, upstream, response } = await start()
    const caller = new AbortController()
    const first = ask(STREAM, caller.signal).catch(() => undefined)
    const { closed } = await upstream.arrival(0)
    caller.abort()
    await first
    expect(await closed).toBe('hung up')
    const second = askAgain(ask)
    const upstreams = await response(1)
    begin(upstreams, 'new')
    upstreams.end('data: [DONE]\n\n')
    expect((await second).headers.get(REPLAY)).toBe(null)
    expect(await (await second).text()).toContain('new')
  })

  test('is waited for by a drain until the key is free', async () => {
    const store: StateStore = createMemoryStore()
    const { forget } = store
    const freeing = Promise.withResolvers<void>()
    const order: string[] = []
    const asked = Promise.withResolvers<void>()
    store.forget = async (place) => {
      asked.resolve()
      await freeing.promise
      order.push('free')
      return forget(place)
    }
    const { ask, upstream, gateway } = await start(store)
    const caller = new AbortController()
    const first = ask(STREAM, caller.signal).catch(() => undefined)
    await upstream.arrival(0)
    caller.abort()
    await first
    await asked.promise
    const closed = gateway.close().then(() => order.push('closed'))
    await new Promise((resolve) => setTimeout(resolve, 50))
    freeing.resolve()
    await closed
    expect(order).toEqual(['free', 'closed'])
  })

  test('ends nothing while another reads; what that one gets is kept', async () => {
    const { ask, upstream, response } = await start()
    const caller = new AbortController()
    const first = ask(STREAM, caller.signal)
    const upstreams = await response(0)
    begin(upstreams, 'one')
    await readUntil(readerOf(await first), 'one')
    const other = readerOf(await ask())
    caller.abort()
    // The gateway has seen it go when it has answered what came after.
    const third = await ask()
    upstreams.write(event('two'))
    const seen = await readUntil(other, 'two')
    upstreams.end('data: [DONE]\n\n')
    const whole = seen + (await readUntil(other, 'nothing'))
    expect(whole).toContain('[DONE]')
    expect(await third.text()).toBe(whole)
    expect(await (await askAgain(ask)).text()).toBe(whole)
    expect(upstream.arrivals.length).toBe(1)
  })

  test('as the last of several, ends the work', async () => {
    const { ask, upstream, response } = await start()
    const [caller, other] = [new AbortController(), new AbortController()]
    const first = ask(STREAM, caller.signal)
    begin(await response(0), 'one')
    await readUntil(readerOf(await first), 'one')
    await readUntil(readerOf(await ask(STREAM, other.signal)), 'one')
    const { closed } = await upstream.arrival(0)
    caller.abort()
    other.abort()
    expect(await closed).toBe('hung up')
  })
})
