// Idempotency keys and the cache in the worker: its Durable Objects keep what is given again, and callers of one isolate join what is being written.
import { createHash } from 'node:crypto'
import { rm } from 'node:fs/promises'
import type { ServerResponse } from 'node:http'
import { afterAll, afterEach, beforeAll, describe, expect, inject, test, vi } from 'vitest'
import { configured, startWorkerd, type Workerd } from '../../scripts/workerd.ts'
import { startUpstream, type Upstream } from '../support/upstream.ts'
import { newFolder } from './state-client.ts'

const bundle = inject('bundles')?.worker
const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')
const REPLAY = 'x-tutti-idempotent-replay'
const event = (content: string): string =>
  `data: ${JSON.stringify({ choices: [{ index: 0, delta: { content } }] })}\n\n`

describe.skipIf(bundle === undefined)('the worker', () => {
  let waiting: ServerResponse[] = []
  let upstream: Upstream
  let folder = ''
  let workerd: Workerd

  async function start(): Promise<void> {
    if (bundle === undefined) throw new Error('there is no workerd here')
    const local = { type: 'openai-compatible', baseUrl: upstream.url, local: true, models: { m: {} } }
    const models = { chat: { targets: ['local/m'] }, faq: { targets: ['local/m'], cache: { ttl: '1h' } } }
    const keys = ['a', 'b'].map((id) => ({ id, sha256: sha256(`sk-${id}`) }))
    const config = { version: 1, providers: { local }, models, keys, admin: { sha256: sha256('root') } }
    workerd = await startWorkerd(configured(bundle, JSON.stringify(config)), { state: { folder } })
  }

  beforeAll(async () => {
    upstream = await startUpstream((_, response) => void waiting.push(response))
    folder = await newFolder()
    await start()
  })
  afterEach(() => {
    waiting = []
  })
  afterAll(async () => {
    await workerd?.close()
    await rm(folder, { recursive: true })
    await upstream?.close()
  })

  const ask = (key: string, more: object = {}, init: RequestInit = {}, as = 'a'): Promise<Response> =>
    fetch(`${workerd.url}/v1/chat/completions`, {
      method: 'POST',
      headers: { authorization: `Bearer sk-${as}`, 'idempotency-key': key },
      body: JSON.stringify({ model: 'chat', messages: [{ role: 'user', content: '안녕' }], ...more }),
      ...init,
    })

  async function next(at = 0): Promise<ServerResponse> {
    return vi.waitFor(() => {
      const response = waiting[at]
      if (!response) throw new Error('nobody asks')
      return response
    }, 30_000)
  }

  function answer(response: ServerResponse): void {
    const choices = [{ index: 0, message: { role: 'assistant', content: '네' }, finish_reason: 'stop' }]
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ model: 'm', choices }))
  }

  test('of twenty at once asks one, whose answer all get that come in time, and whoever comes later, to the next worker too', async () => {
    const asked = Array.from({ length: 20 }, () => ask('crowd'))
    const response = await next()
    answer(response)
    const answers = await Promise.all(asked)
    const texts = new Set<string>()
    for (const one of answers) {
      expect([200, 409]).toContain(one.status)
      if (one.status === 200) texts.add(await one.text())
    }
    expect(texts.size).toBe(1)
    expect(answers.filter(({ status }) => status === 200).length).toBeGreaterThan(1)
    await workerd.close()
    await start()
    const again = await ask('crowd')
    expect([again.status, again.headers.get(REPLAY), texts.has(await again.text())]).toEqual([200, 'true', true])
    expect(waiting.length).toBe(1)
    void ask('crowd', {}, {}, 'b').catch(() => undefined)
    answer(await next(1))
  })

  test('a stream is joined from its start, and goes on when its first caller has left', async () => {
    const hangUp = new AbortController()
    const first = ask('stream', { stream: true }, { signal: hangUp.signal })
    const response = await next()
    response.writeHead(200, { 'content-type': 'text/event-stream' }).write(event('one'))
    const own = (await first).body?.getReader()
    await own?.read()
    const joined = await ask('stream', { stream: true })
    expect(joined.headers.get(REPLAY)).toBe('true')
    const reader = joined.body?.getReader()
    let seen = new TextDecoder().decode((await reader?.read())?.value)
    expect(seen).toContain('one')
    hangUp.abort()
    await own?.read().catch(() => undefined)
    response.write(event('two'))
    response.end('data: [DONE]\n\n')
    for (let read = await reader?.read(); read && !read.done; read = await reader?.read())
      seen += new TextDecoder().decode(read.value)
    expect(seen).toContain('two')
    expect(seen).toContain('[DONE]')
    await vi.waitFor(async () => expect(await (await ask('stream', { stream: true })).text()).toBe(seen), 10_000)
    expect(waiting.length).toBe(1)
  })

  test('an operator’s POST is done once, and the next worker gives its secret again', async () => {
    const post = async (path: string, key: string, body: object = {}) => {
      const headers = { authorization: 'Bearer root', 'idempotency-key': key }
      const init = { method: 'POST', headers, body: JSON.stringify(body) }
      const response = await fetch(`${workerd.url}${path}`, init)
      return [response.status, response.headers.get(REPLAY), await response.text()]
    }
    const [made] = await post('/-/keys', 'make', { id: 'bot' })
    expect(made).toBe(200)
    const [status, , text] = await post('/-/keys/bot/rotate', 'rotate')
    expect([status, text]).toEqual([200, expect.stringContaining('"secret":"tutti_')])
    await workerd.close()
    await start()
    expect(await post('/-/keys/bot/rotate', 'rotate')).toEqual([200, 'true', text])
  })

  test('an answer of a name that keeps them is a hit for the next worker, and for its own tenant alone', async () => {
    const faq = { model: 'faq' }
    const first = ask('first', faq)
    answer(await next())
    expect((await first).headers.get('x-tutti-cache')).toBe('miss')
    await workerd.close()
    await start()
    const hit = await ask('second', faq)
    expect([hit.status, hit.headers.get('x-tutti-cache'), waiting.length]).toEqual([200, 'hit', 1])
    const other = ask('first', faq, {}, 'b')
    answer(await next(1))
    expect((await other).headers.get('x-tutti-cache')).toBe('miss')
  })
})
