// `idempotency-key`: a caller's request is carried out once, and its repeats get the same answer.
import { describe, expect, test } from 'vitest'
import type { StateStore } from '#src/core/state-store.ts'
import { StateUnavailable } from '#src/core/state-unavailable.ts'
import { createMemoryStore } from '#src/state/memory.ts'
import { BODY, openRepeats, whole } from '../support/repeats-world.ts'
import { keyNamed } from '../support/sharing-world.ts'

const REPLAY = 'x-tutti-idempotent-replay'

/** Status, code, param and message of a refusal. */
async function refusal(response: Response): Promise<unknown> {
  const { error } = await response.json()
  return [response.status, error.code, error.param, error.message]
}

describe('the same key and body', () => {
  test('get the stored answer: byte for byte, headers and request id too, asked and billed once', async () => {
    const store = createMemoryStore()
    const { ask, sent, log } = await openRepeats(whole, {}, store)
    const first = await ask({ key: 'k' })
    const [text, headers] = [await first.text(), Object.fromEntries(first.headers)]
    const second = await ask({ key: 'k' })
    expect(await second.text()).toBe(text)
    expect(Object.fromEntries(second.headers)).toEqual({ ...headers, [REPLAY]: 'true' })
    expect(headers).not.toHaveProperty(REPLAY)
    expect([sent.length, log.length, (await store.ledger({ most: 9 })).rows.length]).toEqual([1, 1, 1])
  })

  test('get a stream again as it was', async () => {
    const events = ['안', '녕'].map((content) => ({ choices: [{ index: 0, delta: { content } }] }))
    const body = [...events, { choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] }]
      .map((event) => `data: ${JSON.stringify(event)}\n\n`)
      .join('')
    const { ask, sent } = await openRepeats(
      () => new Response(`${body}data: [DONE]\n\n`, { headers: { 'content-type': 'text/event-stream' } }),
    )
    const asked = { key: 'k', body: { ...BODY, stream: true } }
    const [first, second] = [await ask(asked), await ask(asked)]
    const text = await first.text()
    expect(text).toContain('[DONE]')
    expect(await second.text()).toBe(text)
    expect(second.headers.get('content-type')).toBe(first.headers.get('content-type'))
    expect([first.headers.get(REPLAY), second.headers.get(REPLAY), sent.length]).toEqual([null, 'true', 1])
  })

  test('get bytes that are no text again', async () => {
    const sound = Uint8Array.from({ length: 70_000 }, (_, index) => index % 256)
    const { ask, sent } = await openRepeats(() => new Response(sound, { headers: { 'content-type': 'audio/mpeg' } }))
    const asked = { key: 'k', path: '/v1/audio/speech', body: { model: 'one/m', input: 'hi', voice: 'alloy' } }
    expect(new Uint8Array(await (await ask(asked)).arrayBuffer())).toEqual(sound)
    const again = await ask(asked)
    expect([again.headers.get('content-type'), again.headers.get(REPLAY)]).toEqual(['audio/mpeg', 'true'])
    expect(new Uint8Array(await again.arrayBuffer())).toEqual(sound)
    expect(sent.length).toBe(1)
  })

  test('are not counted: limits and budgets that are used up stop no repeat, and what they say is of another time', async () => {
    const keys = [keyNamed('a', { limits: { rpm: 1 }, budget: { usd: 1, per: 'total' } })]
    const { ask } = await openRepeats(whole, { keys })
    const first = await ask({ key: 'k' })
    expect(first.headers.get('x-ratelimit-remaining-requests')).toBe('0')
    const again = await ask({ key: 'k' })
    expect([again.status, again.headers.get('x-ratelimit-remaining-requests')]).toEqual([200, null])
    expect((await ask({ key: 'other' })).status).toBe(429)
  })

  test('with another time limit are the same', async () => {
    const { ask, sent } = await openRepeats()
    await ask({ key: 'k', headers: { 'x-tutti-timeout-ms': '5000' } })
    expect((await ask({ key: 'k', headers: { 'x-tutti-timeout-ms': '6000' } })).status).toBe(200)
    expect(sent.length).toBe(1)
  })

  test('of a form are the same under another boundary', async () => {
    const { ask, sent } = await openRepeats(() => Response.json({ text: '네' }))
    const form = (content: string, name = 'a.mp3'): FormData => {
      const data = new FormData()
      data.set('model', 'one/m')
      data.set('file', new File([content], name))
      return data
    }
    const asked = { key: 'k', path: '/v1/audio/transcriptions' }
    const first = await ask({ ...asked, body: form('sound') })
    expect([first.status, await first.text()]).toEqual([200, '{"text":"네"}'])
    expect((await ask({ ...asked, body: form('sound') })).headers.get(REPLAY)).toBe('true')
    for (const other of [form('Sound'), form('sound', 'b.mp3')])
      expect((await ask({ ...asked, body: other })).status).toBe(400)
    expect(sent.length).toBe(1)
  })
})

describe('the same key for another request', () => {
  const OTHERS = {
    'another body': { body: { ...BODY, max_tokens: 2 } },
    'another path': { path: '/v1/completions', body: { model: 'chat', prompt: 'hi' } },
    'another query': { path: '/v1/chat/completions?a=1' },
    'other tags': { headers: { 'x-tutti-tags': 'x' } },
    'other metadata': { headers: { 'x-tutti-metadata': '{"a":1}' } },
  }

  test.each(Object.entries(OTHERS))('%s is a 400 that names the header', async (_what, other) => {
    const { ask, sent } = await openRepeats()
    await ask({ key: 'k' })
    expect(await refusal(await ask({ key: 'k', ...other }))).toEqual([
      400,
      'invalid_request_error',
      'idempotency-key',
      'this key stands for another request: each has a key of its own',
    ])
    expect((await ask({ key: 'k' })).status).toBe(200)
    expect(sent.length).toBe(1)
  })

  test('another version of the dialect is another request', async () => {
    const { ask } = await openRepeats()
    const asked = { key: 'k', path: '/v1/messages' }
    await ask({ ...asked, headers: { 'anthropic-beta': 'x' } })
    const other = await ask({ ...asked, headers: { 'anthropic-beta': 'y' } })
    expect([other.status, (await other.json()).error.type]).toEqual([400, 'invalid_request_error'])
  })

  test('is free to another caller, who has its own answer', async () => {
    const { ask, sent } = await openRepeats()
    const first = await (await ask({ key: 'k' })).json()
    const second = await (await ask({ key: 'k', as: 'b' })).json()
    expect([first.id, second.id, sent.length]).toEqual(['c1', 'c2', 2])
  })

  test.each(['', 'a b', 'é', 'a'.repeat(256)])('the key `%.9s` is refused', async (key) => {
    const { ask, sent } = await openRepeats()
    expect(await refusal(await ask({ key }))).toMatchObject({ 0: 400, 2: 'idempotency-key' })
    expect(sent).toEqual([])
  })

  test.each(['!', '~'.repeat(255)])('a key is 1 to 255 visible characters of ASCII', async (key) => {
    const { ask, sent } = await openRepeats()
    expect((await ask({ key })).status).toBe(200)
    expect((await ask({ key })).status).toBe(200)
    expect(sent.length).toBe(1)
  })
})

describe('an answer that is none', () => {
  const FAILURES = {
    'an error of the upstream': () => Response.json({ error: { message: 'no' } }, { status: 500 }),
    'a refusal of the upstream': () => Response.json({ error: { message: 'no' } }, { status: 400 }),
    'a limit of the upstream': () => Response.json({ error: { message: 'no' } }, { status: 429 }),
    nothing: () => {
      throw new TypeError('fetch failed')
    },
  }

  test.each(Object.entries(FAILURES))('%s is not kept: the next one is carried out', async (_what, fails) => {
    const { ask, sent } = await openRepeats((count) => (count === 1 ? fails() : whole(count, {}, '')))
    expect((await ask({ key: 'k' })).status).toBeGreaterThanOrEqual(400)
    const second = await ask({ key: 'k' })
    expect([second.status, second.headers.get(REPLAY)]).toEqual([200, null])
    expect((await ask({ key: 'k' })).headers.get(REPLAY)).toBe('true')
    expect(sent.length).toBe(2)
  })

  test('a stream that broke off is not kept', async () => {
    const event = 'data: {"choices":[{"index":0,"delta":{"content":"a"}}]}\n\n'
    const { ask, sent } = await openRepeats(
      (count) =>
        new Response(count === 1 ? event : `${event}data: [DONE]\n\n`, {
          headers: { 'content-type': 'text/event-stream' },
        }),
    )
    const asked = { key: 'k', body: { ...BODY, stream: true } }
    expect(await (await ask(asked)).text()).toContain('"error"')
    expect(await (await ask(asked)).text()).toContain('[DONE]')
    expect(sent.length).toBe(2)
  })

  test('what is refused before it is sent is not kept, and other callers are not in its way', async () => {
    const { ask, sent } = await openRepeats(whole, { keys: [keyNamed('a', { models: ['chat'] })] })
    expect((await ask({ key: 'k', body: { ...BODY, model: 'one/m' } })).status).toBe(404)
    expect((await ask({ key: 'k' })).status).toBe(200)
    expect(sent.length).toBe(1)
  })
})

test('what could not even be decided is not kept either', async () => {
  const { ask, sent } = await openRepeats()
  const asked = { key: 'k', path: '/v1/responses' }
  const gone = { model: 'chat', input: 'hi', previous_response_id: 'resp_1' }
  expect((await ask({ ...asked, body: gone })).status).toBe(400)
  expect((await ask({ ...asked, body: { model: 'chat', input: 'hi' } })).status).toBe(200)
  expect(sent.length).toBe(1)
})

test('what could not be decided is an error for whoever waits for it too', async () => {
  const store: StateStore = createMemoryStore()
  const { ask } = await openRepeats(whole, {}, store)
  const body = { model: 'chat', input: 'hi' }
  const { id } = await (await ask({ path: '/v1/responses', body })).json()
  const { recall } = store
  const { promise, reject } = Promise.withResolvers<ReadonlyMap<string, string>>()
  const recalled: unknown[] = []
  store.recall = (asked) => (recalled.push(asked) === 1 ? promise : recall(asked))
  const asked = { key: 'k', path: '/v1/responses', body: { ...body, previous_response_id: id } }
  const both = [ask(asked), ask(asked)]
  while (recalled.length < 2) await new Promise(setImmediate)
  // The second waits for the first by then.
  await new Promise(setImmediate)
  reject(new StateUnavailable('here', 'it is down'))
  expect((await Promise.all(both)).map(({ status }) => status)).toEqual([503, 503])
})

test('an answer is kept, and a claim let go, before the caller sees the end', async () => {
  const store: StateStore = createMemoryStore()
  const order: string[] = []
  const { keep, forget } = store
  const slowly =
    <Asked extends readonly unknown[], Answer>(name: string, step: (...asked: Asked) => Answer) =>
    async (...asked: Asked) => {
      await new Promise(setImmediate)
      order.push(name)
      return step(...asked)
    }
  Object.assign(store, { keep: slowly('kept', keep), forget: slowly('let go', forget) })
  const { ask } = await openRepeats(
    (count) => (count === 1 ? Response.json({}, { status: 400 }) : whole(count, {}, '')),
    {},
    store,
  )
  for (const _ of [1, 2]) {
    await (await ask({ key: 'k' })).text()
    order.push('ended')
  }
  expect(order).toEqual(['let go', 'ended', 'kept', 'ended'])
})

describe('while the state', () => {
  test('cannot be asked, nothing is sent: 503 with the seconds to wait', async () => {
    const store: StateStore = createMemoryStore()
    store.claim = () => {
      throw new StateUnavailable('redis.internal:6379', 'there is no connection')
    }
    const { ask, sent } = await openRepeats(whole, {}, store)
    const response = await ask({ key: 'k' })
    expect(response.headers.get('retry-after')).toBe('1')
    expect(await refusal(response)).toMatchObject({ 0: 503, 1: 'state_unavailable' })
    expect(sent).toEqual([])
    expect((await ask({})).status).toBe(200)
  })

  test('has no room for the answer, its caller has it and the next is refused: it is not done twice', async () => {
    const store: StateStore = createMemoryStore()
    const { keep } = store
    store.keep = (keepsakes, now) => {
      if (keepsakes.some(({ value }) => value.length > 200)) throw new Error('too large')
      return keep(keepsakes, now)
    }
    const { ask, sent } = await openRepeats(whole, {}, store)
    expect((await ask({ key: 'k' })).status).toBe(200)
    const second = await ask({ key: 'k' })
    expect(second.headers.get('x-should-retry')).toBe('false')
    expect(await refusal(second)).toMatchObject({ 0: 409, 1: 'invalid_request_error', 2: 'idempotency-key' })
    expect(sent.length).toBe(1)
  })

  test('takes neither the answer nor word of it, the claim stays', async () => {
    const store: StateStore = createMemoryStore()
    store.keep = () => {
      throw new Error('down')
    }
    const { ask, sent } = await openRepeats(whole, {}, store)
    expect((await ask({ key: 'k' })).status).toBe(200)
    const second = await ask({ key: 'k' })
    expect([second.status, second.headers.get('retry-after'), sent.length]).toEqual([409, '1', 1])
  })

  test('an answer over 8 MB is not kept, and not made twice', async () => {
    const content = 'a'.repeat(8 * 1024 * 1024)
    const { ask, sent } = await openRepeats(() =>
      Response.json({ choices: [{ index: 0, message: { role: 'assistant', content }, finish_reason: 'stop' }] }),
    )
    const first = await ask({ key: 'k' })
    expect((await first.text()).length).toBeGreaterThan(content.length)
    expect((await ask({ key: 'k' })).status).toBe(409)
    expect(sent.length).toBe(1)
  })
})
