// `cache` under a name: the same request of the same tenant gets the answer that was given before.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createMemoryStore } from '#src/state/memory.ts'
import { CACHE, CACHED, either, openCached, STREAM } from '../support/cached-world.ts'
import { createFakeClock } from '../support/fake-clock.ts'
import { compile, localProvider, startGateway } from '../support/gateway.ts'
import { BODY, PROVIDERS, type Answering, type Asking } from '../support/repeats-world.ts'
import { keyNamed } from '../support/sharing-world.ts'
import { startUpstream } from '../support/upstream.ts'

describe('the same request', () => {
  test('gets the same answer again, which costs nothing and asks nobody', async () => {
    const store = createMemoryStore()
    const keys = [keyNamed('a', { budget: { usd: 2, per: 'total' } })]
    const { ask, sent, log } = await openCached(either, { keys }, store)
    const [first, second] = [await ask({}), await ask({})]
    const [one, two] = [await first.json(), await second.json()]
    expect(one.usage).toMatchObject({ completion_tokens: 1, cost: 1 })
    expect(two).toEqual({ ...one, usage: { ...one.usage, cost: 0 } })
    const headers = ['x-tutti-cache', 'x-tutti-cost-usd', 'x-tutti-attempts', 'x-tutti-target']
    expect(headers.map((name) => first.headers.get(name))).toEqual(['miss', '1', '1', 'one/m'])
    expect(headers.map((name) => second.headers.get(name))).toEqual(['hit', '0', '0', 'one/m'])
    expect(first.headers.get('x-tutti-request-id')).not.toBe(second.headers.get('x-tutti-request-id'))
    expect([sent.length, (await store.ledger({ most: 9 })).rows.length]).toEqual([1, 1])
    expect(log[0]).not.toHaveProperty('cache')
    expect(log[1]).toMatchObject({ status: 200, cache: 'hit', served_by: 'one/m', attempts: [], cost_usd: 0 })
    expect(log[1]).not.toHaveProperty('usage')
    const lines = [{ account: 'key/a', per: 'total', ends: Infinity }] as const
    expect(await store.spend({ shard: 'key/a', lines }, Date.now())).toEqual([{ spent: 1_000_000_000n, held: 0n }])
  })

  test('gets the same stream again, with a cost of nothing', async () => {
    const { ask, sent } = await openCached()
    const [first, second] = [await ask({ body: STREAM }), await ask({ body: STREAM })]
    const text = await first.text()
    expect(text).toContain('"cost":1}')
    expect(await second.text()).toBe(text.replace('"cost":1}', '"cost":0}'))
    expect([second.headers.get('x-tutti-cache'), sent.length]).toEqual(['hit', 1])
  })

  test.each([
    ['/v1/messages', { model: 'chat', max_tokens: 1, messages: BODY.messages }],
    ['/v1beta/models/chat:generateContent', { contents: [{ parts: [{ text: 'hi' }] }] }],
    ['/v1/responses', { model: 'chat', input: 'hi', store: false }],
  ])('is answered in the dialect of %s', async (path, body) => {
    const { ask, sent } = await openCached()
    const texts: string[] = []
    for (const expected of ['miss', 'hit']) {
      const response = await ask({ path, body })
      expect([response.status, response.headers.get('x-tutti-cache')]).toEqual([200, expected])
      texts.push(await response.text())
    }
    for (const text of texts) expect(text).toContain('답 1')
    expect(sent.length).toBe(1)
  })

  test('as bytes that are no text', async () => {
    const sound = Uint8Array.from({ length: 3000 }, (_, index) => index % 256)
    const { ask } = await openCached(() => new Response(sound, { headers: { 'content-type': 'audio/mpeg' } }))
    const asked = { path: '/v1/audio/speech', body: { model: 'chat', input: 'hi', voice: 'alloy' } }
    await (await ask(asked)).text()
    const again = await ask(asked)
    expect([again.headers.get('x-tutti-cache'), again.headers.get('content-type')]).toEqual(['hit', 'audio/mpeg'])
    expect(new Uint8Array(await again.arrayBuffer())).toEqual(sound)
  })

  test('counts for limits as any other', async () => {
    const { said } = await openCached(either, { keys: [keyNamed('a', { limits: { rpm: 2 } })] })
    expect([await said({}), await said({}), await said({})]).toEqual(['miss', 'hit', '429'])
  })
})

describe('what is another request', () => {
  const keys = [
    keyNamed('a', { tenant: 't' }),
    keyNamed('b', { tenant: 't' }),
    keyNamed('c', { tenant: 'u' }),
    keyNamed('t'),
    keyNamed('alone'),
  ]

  test('a tenant shares with nobody, keys of one tenant share', async () => {
    const { said } = await openCached(either, { keys })
    expect(await said({ as: 'a' })).toBe('miss')
    expect(await said({ as: 'b' })).toBe('hit')
    for (const as of ['c', 't', 'alone']) expect([as, await said({ as })]).toEqual([as, 'miss'])
    for (const as of ['c', 't', 'alone']) expect([as, await said({ as })]).toEqual([as, 'hit'])
  })

  test('whatever differs in it', async () => {
    const others: readonly Asking[] = [
      { body: { ...BODY, max_tokens: 2 } },
      { body: { ...BODY, temperature: 0 } },
      { body: { ...BODY, stream: true } },
      { body: { ...BODY, stop: 'a' } },
      { body: { ...BODY, unheard_of: 1 } },
      { body: { ...BODY, messages: [...BODY.messages, ...BODY.messages] } },
      { path: '/v1/messages', body: BODY, headers: { 'anthropic-beta': 'x' } },
      { path: '/v1/messages', body: BODY, headers: { 'anthropic-beta': 'y' } },
    ]
    const { said } = await openCached()
    expect(await said({})).toBe('miss')
    for (const one of others) expect([one, await said(one)]).toEqual([one, 'miss'])
    for (const one of [{}, ...others]) expect([one, await said(one)]).toEqual([one, 'hit'])
  })

  test('what else is asked in the same words: another address, another provider at it, another account of it', async () => {
    const facts = { developer: 'x', lineage: [] }
    const same = { type: 'openai-compatible', baseUrl: 'https://same.example/v1', models: { m: facts } }
    const accounts = [
      { id: 'main', apiKey: 'k' },
      { id: 'spare', apiKey: 'k' },
    ]
    const more = {
      providers: {
        first: { ...same, apiKey: 'k' },
        second: { ...same, apiKey: 'k' },
        taking: { ...same, accounts },
        google: { type: 'gemini', apiKey: 'k', baseUrl: 'https://google.example/v1beta', models: { m: facts } },
      },
      models: Object.fromEntries(
        ['first', 'second', 'taking', 'google'].map((name) => [name, { targets: [`${name}/m`], cache: CACHE }]),
      ),
    }
    const google = { candidates: [{ content: { role: 'model', parts: [{ text: 'a' }] }, finishReason: 'STOP' }] }
    const { ask, said } = await openCached(
      (count, body, url) => (url.includes('google') ? Response.json(google) : either(count, body, url)),
      more,
    )
    const named = (model: string): Asking => ({ body: { ...BODY, model } })
    expect([await said(named('first')), await said(named('second'))]).toEqual(['miss', 'miss'])
    const asked = { body: { contents: [{ parts: [{ text: 'hi' }] }] } }
    expect(await said({ ...asked, path: '/v1beta/models/google:generateContent' })).toBe('miss')
    expect(await said({ ...asked, path: '/v1beta/models/google:streamGenerateContent?alt=sse' })).toBe('miss')
    const ids = new Map<string, string>()
    for (let at = 0; at < 40 || ids.size < 2; at++) {
      const response = await ask(named('taking'))
      const { id } = await response.json()
      ids.set(id, response.headers.get('x-tutti-cache') ?? '')
    }
    expect([...ids.values()]).toEqual(['hit', 'hit'])
  })

  test('two bodies are one exactly where they are the same', async () => {
    const body = fc.record(
      {
        temperature: fc.constantFrom(0, 0.5, 1),
        top_p: fc.constantFrom(0.5, 1),
        seed: fc.constantFrom(1, 2),
        user: fc.constantFrom('x', 'y'),
        messages: fc.array(fc.record({ role: fc.constant('user'), content: fc.constantFrom('a', 'b', '"', 'ab') }), {
          minLength: 1,
          maxLength: 3,
        }),
      },
      { requiredKeys: ['messages'] },
    )
    const { ask, sent } = await openCached()
    const answers = new Map<string, string>()
    await fc.assert(
      fc.asyncProperty(body, fc.constantFrom('a', 'b'), async (own, as) => {
        const asked = JSON.stringify({ model: 'chat', ...own })
        const response = await ask({ as, body: asked })
        const { id } = await response.json()
        const name = `${as} ${asked}`
        const known = answers.get(name)
        expect([response.headers.get('x-tutti-cache'), id]).toEqual(
          known ? ['hit', known] : ['miss', `c${sent.length}`],
        )
        answers.set(name, id)
      }),
    )
  })

  test('one that was decided by another configuration', async () => {
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
    const clock = createFakeClock()
    const gateway = await startGateway(file(), { clock })
    const said = async (): Promise<string | null> => {
      const init = { method: 'POST', body: JSON.stringify(BODY) }
      const response = await fetch(`${gateway.url}/v1/chat/completions`, init)
      await response.text()
      return response.headers.get('x-tutti-cache')
    }
    expect([await said(), await said()]).toEqual(['miss', 'hit'])
    const before = gateway.gateway.snapshot
    const policies = [{ name: 'r', deny: { provider: 'x' }, reason: 'r' }]
    gateway.gateway.snapshot = await compile(file({ policies }))
    expect([await said(), await said()]).toEqual(['miss', 'hit'])
    gateway.gateway.snapshot = before
    clock.advance(3_599_999)
    expect(await said()).toBe('hit')
    clock.advance(1)
    expect(await said()).toBe('miss')
    gateway.gateway.snapshot = await compile(
      file({ retention: '1d', models: { chat: { targets: ['house/m'], cache: { ttl: '48h' } } } }),
    )
    expect(await said()).toBe('miss')
    clock.advance(24 * 3_600_000 - 1)
    expect(await said()).toBe('hit')
    clock.advance(1)
    expect(await said()).toBe('miss')
    gateway.gateway.snapshot = await compile(file({ models: { chat: { targets: ['house/m'] } } }))
    expect([await said(), await said()]).toEqual([null, null])
    await gateway.close()
    await upstream.close()
  })
})

describe('a caller narrows it by `cache-control`', () => {
  test('no-cache asks anew, and keeps what comes', async () => {
    const { ask } = await openCached()
    const idOf = async (headers: Record<string, string> = {}): Promise<string> =>
      (await (await ask({ headers })).json()).id
    expect(await idOf()).toBe('c1')
    expect(await idOf({ 'cache-control': 'max-age=0, No-Cache' })).toBe('c2')
    expect(await idOf()).toBe('c2')
  })

  test('no-store asks anew, and keeps nothing', async () => {
    const { ask, said } = await openCached()
    expect(await said({ headers: { 'cache-control': 'no-store' } })).toBe('miss')
    expect(await said({})).toBe('miss')
    const response = await ask({ headers: { 'cache-control': 'no-store' } })
    expect([(await response.json()).id, (await (await ask({})).json()).id]).toEqual(['c3', 'c2'])
  })
})

describe('only answers that are whole, of models alone, are kept', () => {
  const cut = 'data: {"choices":[{"index":0,"delta":{"content":"a"}}]}\n\n'
  const NONE: Readonly<Record<string, Answering>> = {
    'a refusal': () => Response.json({ error: { message: 'no' } }, { status: 400 }),
    'a stream that was cut': () => new Response(cut, { headers: { 'content-type': 'text/event-stream' } }),
    'an error in a 200': () => Response.json({ error: { message: 'no' } }),
    'a 201': () =>
      Response.json({ choices: [{ index: 0, message: { content: 'a' }, finish_reason: 'stop' }] }, { status: 201 }),
    'more than a megabyte': () => {
      const message = { role: 'assistant', content: 'a'.repeat(1024 * 1024) }
      return Response.json({ choices: [{ index: 0, message, finish_reason: 'stop' }] })
    },
  }

  test.each(Object.entries(NONE))('%s is not', async (_what, answer) => {
    const { ask, sent, said } = await openCached((count, ...more) =>
      count === 1 ? answer(count, ...more) : either(count, ...more),
    )
    const body = { ...BODY, stream: answer === NONE['a stream that was cut'] }
    await (await ask({ body })).text()
    expect([await said({ body }), await said({ body }), sent.length]).toEqual(['miss', 'hit', 2])
  })

  const MCP = { type: 'mcp', server_label: 'x', server_url: 'https://mcp.example/sse' }
  const PICTURES = { type: 'image_generation', model: 'gpt-image-1' }
  const BEYOND: readonly Asking[] = [
    { body: { ...BODY, store: true } },
    { body: { ...BODY, web_search_options: {} } },
    { path: '/v1/responses', body: { model: 'chat', input: 'hi' } },
    { path: '/v1/responses', body: { model: 'chat', input: 'hi', store: true } },
    { path: '/v1/responses', body: { model: 'chat', input: 'hi', store: false, tools: [MCP] } },
    { path: '/v1/responses', body: { model: 'chat', input: 'hi', store: false, tools: [PICTURES] } },
    { path: '/v1/messages', body: { model: 'claude', max_tokens: 1, messages: BODY.messages, container: 'c' } },
    { path: '/v1/responses', body: { model: 'chat', input: 'hi', store: false, conversation: 'conv_1' } },
  ]

  test.each(BEYOND)('nothing of what has a part elsewhere: %j', async (one) => {
    const { said, sent } = await openCached((count, body, url) => {
      if (url.includes('claude')) return fromClaude(count, body, url)
      return body['input'] === undefined ? either(count, body, url) : answerOfResponses(count)
    }, OWN)
    const [first, second] = [await said(one), await said(one)]
    expect([first, second]).toEqual(['miss', 'miss'])
    expect(sent.length).toBe(2)
  })
})

test('what goes on from an answer that is kept elsewhere is asked anew', async () => {
  const { ask, said, sent } = await openCached((count) => answerOfResponses(count), OWN)
  const path = '/v1/responses'
  const { id } = await (await ask({ path, body: { model: 'chat', input: 'hi' } })).json()
  const body = { model: 'chat', input: 'hi', store: false, previous_response_id: id }
  expect([await said({ path, body }), await said({ path, body }), sent.length]).toEqual(['miss', 'miss', 3])
})

test('of a sound of more than a megabyte not even the beginning is kept', async () => {
  const piece = new Uint8Array(512 * 1024).fill(7)
  const { ask, sent } = await openCached(() => {
    const body = new ReadableStream<Uint8Array>({
      start(controller) {
        for (let at = 0; at < 3; at++) controller.enqueue(piece)
        controller.close()
      },
    })
    return new Response(body, { headers: { 'content-type': 'audio/mpeg' } })
  })
  const asked = { path: '/v1/audio/speech', body: { model: 'chat', input: 'hi', voice: 'alloy' } }
  for (const count of [1, 2]) {
    expect((await (await ask(asked)).arrayBuffer()).byteLength).toBe(3 * piece.length)
    expect(sent.length).toBe(count)
  }
})

test('files are not kept: their forms are never the same', async () => {
  const { said, sent } = await openCached(() => Response.json({ text: '네' }))
  for (const content of ['one', 'two']) {
    const body = new FormData()
    body.set('model', 'chat')
    body.set('file', new File([content], 'a.mp3'))
    expect(await said({ path: '/v1/audio/transcriptions', body })).toBe('miss')
  }
  expect(sent.length).toBe(2)
})

/** Providers that speak Responses and Messages themselves. */
const OWN = {
  providers: {
    ...PROVIDERS,
    one: { type: 'openai', apiKey: 'k', baseUrl: 'https://one.example/v1' },
    claude: { type: 'anthropic', apiKey: 'k', baseUrl: 'https://claude.example/v1' },
  },
  models: { ...CACHED.models, claude: { targets: ['claude/m'], cache: CACHE } },
}

const fromClaude: Answering = () =>
  Response.json({
    id: 'msg',
    type: 'message',
    role: 'assistant',
    content: [{ type: 'text', text: 'a' }],
    stop_reason: 'end_turn',
  })

function answerOfResponses(count: number): Response {
  const content = [{ type: 'output_text', text: 'a', annotations: [] }]
  const output = [{ type: 'message', id: `msg_${count}`, role: 'assistant', status: 'completed', content }]
  return Response.json({ id: `resp_${count}`, object: 'response', status: 'completed', model: 'm', output })
}
