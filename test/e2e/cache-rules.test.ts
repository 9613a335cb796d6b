// What is done with an answer that comes from the cache is what is done with every other; and what becomes of it while the state fails.
import { describe, expect, test } from 'vitest'
import type { StateStore } from '#src/core/state-store.ts'
import { createMemoryStore } from '#src/state/memory.ts'
import { CACHE, either, openCached, STREAM } from '../support/cached-world.ts'
import { createFakeClock } from '../support/fake-clock.ts'
import { compile, localProvider, startGateway } from '../support/gateway.ts'
import { BODY, type Answering } from '../support/repeats-world.ts'
import { startUpstream } from '../support/upstream.ts'

test('what is kept and broken is a break where some of it went out, and nothing where none did', async () => {
  const store: StateStore = createMemoryStore()
  const { keep } = store
  let cutAt = (text: string): number => text.indexOf('data:', 9)
  store.keep = (keepsakes, now) =>
    keep(
      keepsakes.map((one) => {
        const kept: { text: string } = JSON.parse(one.value)
        return { ...one, value: JSON.stringify({ ...kept, text: kept.text.slice(0, cutAt(kept.text)) }) }
      }),
      now,
    )
  const { ask, sent } = await openCached(either, {}, store)
  await (await ask({ body: STREAM })).text()
  cutAt = () => 20
  const broken = await (await ask({ body: STREAM })).text()
  expect(broken).toContain('답 1')
  expect(broken).toContain('"error"')
  expect([broken.includes('[DONE]'), broken.includes('답 2'), sent.length]).toEqual([false, false, 1])
  await (await ask({})).text()
  const again = await ask({})
  expect([again.headers.get('x-tutti-cache'), (await again.json()).id]).toEqual(['miss', 'c3'])
})

describe('the rules see an answer that is kept as any other', () => {
  test('a guard that has something against it now ends it, and another answer is asked for', async () => {
    let found = false
    const webhook = { url: 'https://guard.example/check' }
    const policies = [{ name: 'g', guard: { on: ['output'], webhook }, reason: 'no' }]
    const { ask, said, sent } = await openCached(
      (count, body, url) => (url === webhook.url ? Response.json({ allow: !found }) : either(count, body, url)),
      { policies },
    )
    const models = (): number => sent.filter((body) => body['messages']).length
    expect([await said({}), await said({}), models()]).toEqual(['miss', 'hit', 1])
    found = true
    const response = await ask({})
    expect([response.status, models()]).toEqual([403, 2])
    found = false
    expect(await said({})).toBe('hit')
  })

  test('what a guard had something against is not kept', async () => {
    const policies = [{ name: 'g', guard: { on: ['output'], literals: ['답 1'] }, reason: 'no' }]
    const { said, sent } = await openCached(either, { policies })
    expect([await said({}), await said({}), await said({}), sent.length]).toEqual(['403', 'miss', 'hit', 2])
  })

  test('what was taken out of a request is put back for each caller as its own', async () => {
    const policies = [{ name: 'r', redact: { types: ['email'], restore: true } }]
    const echo: Answering = (count, { messages }) => {
      const [first] = Array.isArray(messages) ? messages : []
      const message = { role: 'assistant', content: `${JSON.stringify(first)} ${count}` }
      return Response.json({ choices: [{ index: 0, message, finish_reason: 'stop' }] })
    }
    const { ask, sent } = await openCached(echo, { policies })
    const body = (content: string) => ({ ...BODY, messages: [{ role: 'user', content: `I am ${content}` }] })
    const texts: string[] = []
    for (const address of ['kim@example.com', 'lee@example.com']) {
      const response = await ask({ body: body(address) })
      texts.push(`${response.headers.get('x-tutti-cache')} ${await response.text()}`)
    }
    expect(sent.length).toBe(1)
    expect(JSON.stringify(sent)).not.toContain('@example.com')
    expect(texts[0]).toContain('kim@example.com')
    expect(texts[1]).toContain('lee@example.com')
    expect(texts[1]).not.toContain('kim')
    expect(texts.map((text) => text.slice(0, 4))).toEqual(['miss', 'hit '])
  })

  test('a target that is denied by now is not answered for', async () => {
    const clock = createFakeClock(Date.parse('2026-01-01T00:00:00Z'))
    const upstream = await startUpstream((_, response) => {
      response.setHeader('content-type', 'application/json')
      const message = { role: 'assistant', content: 'a' }
      response.end(JSON.stringify({ choices: [{ index: 0, message, finish_reason: 'stop' }] }))
    })
    const gateway = await startGateway(
      {
        version: 1,
        providers: { house: localProvider(upstream.url, ['m', 'n']) },
        models: { chat: { targets: ['house/m', 'house/n'], cache: { ttl: '9h' } } },
        policies: [{ name: 'r', when: 'time.now.getHours("UTC") >= 2', deny: { model: 'm' }, reason: 'r' }],
      },
      { clock },
    )
    const said = async (): Promise<string> => {
      const init = { method: 'POST', body: JSON.stringify(BODY) }
      const response = await fetch(`${gateway.url}/v1/chat/completions`, init)
      await response.text()
      const { headers } = response
      return `${headers.get('x-tutti-cache')} ${headers.get('x-tutti-target')}`
    }
    expect([await said(), await said()]).toEqual(['miss house/m', 'hit house/m'])
    clock.advance(2 * 3_600_000)
    expect([await said(), await said()]).toEqual(['miss house/n', 'hit house/n'])
    await gateway.close()
    await upstream.close()
  })
})

describe('while the state', () => {
  test.each(['recall', 'keep'] as const)('fails to `%s`, models are asked', async (step) => {
    const store: StateStore = createMemoryStore()
    store[step] = () => {
      throw new Error('down')
    }
    const { said, sent } = await openCached(either, {}, store)
    expect([await said({}), await said({}), sent.length]).toEqual(['miss', 'miss', 2])
  })

  test('is asked, a reload counts', async () => {
    const store: StateStore = createMemoryStore()
    const upstream = await startUpstream((_, response) => {
      response.setHeader('content-type', 'application/json')
      response.end(JSON.stringify({ choices: [{ index: 0, message: { content: 'a' }, finish_reason: 'stop' }] }))
    })
    const file = (more: object = {}) => ({
      version: 1,
      providers: { house: localProvider(upstream.url, ['m']) },
      models: { chat: { targets: ['house/m'], cache: CACHE } },
      ...more,
    })
    const gateway = await startGateway(file(), { store })
    const ask = (): Promise<Response> =>
      fetch(`${gateway.url}/v1/chat/completions`, { method: 'POST', body: JSON.stringify(BODY) })
    await (await ask()).text()
    const { recall } = store
    const denying = await compile(file({ policies: [{ name: 'r', deny: { provider: 'house' }, reason: 'r' }] }))
    store.recall = (asked) => {
      gateway.gateway.snapshot = denying
      return recall(asked)
    }
    expect((await ask()).status).toBe(403)
    expect(upstream.arrivals.length).toBe(1)
    await gateway.close()
    await upstream.close()
  })
})

test('an idempotency key goes before: what was a hit is given again as that', async () => {
  const { ask, sent } = await openCached()
  await ask({})
  const first = await ask({ key: 'k' })
  const again = await ask({ key: 'k' })
  expect([first, again].map(({ headers }) => headers.get('x-tutti-cache'))).toEqual(['hit', 'hit'])
  expect(again.headers.get('x-tutti-idempotent-replay')).toBe('true')
  expect(sent.length).toBe(1)
})

test('the log has a mark once, where it was sent: none stands there for what the cache was asked', async () => {
  const openai = { type: 'openai', apiKey: 'k', baseUrl: 'https://one.example/v1', models: { m: { maxOutput: 9 } } }
  const chat = { targets: ['openai/m'], cache: CACHE, promptCache: { mark: true } }
  const { said, log, sent } = await openCached(either, { providers: { openai }, models: { chat } })
  expect([await said({}), await said({})]).toEqual(['miss', 'hit'])
  expect(sent).toMatchObject([{ prompt_cache_key: expect.any(String) }])
  expect(log).toMatchObject([{ attempts: [{ cache_marks: ['prompt_cache_key'] }] }, { cache: 'hit', attempts: [] }])
})
