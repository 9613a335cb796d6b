// What stands in the way of an answer that is kept under an idempotency key: time, other instances, and the rules of today.
import { afterAll, beforeEach, describe, expect, test } from 'vitest'
import { createMemoryStore } from '#src/state/memory.ts'
import { createFakeClock } from '../support/fake-clock.ts'
import { compile, localProvider, startGateway, type TestGateway, type TestRuntime } from '../support/gateway.ts'
import { BODY } from '../support/repeats-world.ts'
import { keyNamed } from '../support/sharing-world.ts'
import { startUpstream } from '../support/upstream.ts'

const HOUR = 3_600_000
const REPLAY = 'x-tutti-idempotent-replay'

let answered = 0
let waiting: (() => void)[] | undefined
const upstream = await startUpstream((_, response) => {
  const answer = (): void => {
    response.setHeader('content-type', 'application/json')
    const message = { role: 'assistant', content: String(++answered) }
    response.end(JSON.stringify({ choices: [{ index: 0, message, finish_reason: 'stop' }] }))
  }
  if (waiting) waiting.push(answer)
  else answer()
})
const open: TestGateway[] = []
beforeEach(() => {
  answered = 0
  waiting = undefined
})
afterAll(async () => {
  for (const one of open) await one.close()
  await upstream.close()
})

function file(more: object = {}): object {
  const providers = { house: localProvider(upstream.url, ['m']), other: localProvider(upstream.url, ['m']) }
  return {
    version: 1,
    providers,
    models: { chat: { targets: ['house/m', 'other/m'] } },
    keys: [keyNamed('a')],
    ...more,
  }
}

async function start(more: object = {}, runtime: TestRuntime = {}): Promise<TestGateway> {
  const gateway = await startGateway(file(more), runtime)
  open.push(gateway)
  return gateway
}

async function ask({ url }: TestGateway, path = '/v1/chat/completions', body: object = BODY): Promise<Response> {
  const headers = { authorization: 'Bearer a', 'idempotency-key': 'k' }
  return fetch(`${url}${path}`, { method: 'POST', headers, body: JSON.stringify(body) })
}

async function reload({ gateway }: TestGateway, more: object): Promise<void> {
  gateway.snapshot = await compile(file(more))
}

async function said(response: Response): Promise<string> {
  return response.headers.get(REPLAY) === null ? `new ${response.status}` : `again ${response.status}`
}

describe('an answer is given again', () => {
  test.each([
    ['for a day unless the file says otherwise', {}, 24 * HOUR],
    ['for as long as the file says', { idempotency: { keep: '2h' } }, 2 * HOUR],
    ['never longer than `retention`', { idempotency: { keep: '90h' }, retention: '2d' }, 48 * HOUR],
  ])('%s', async (_what, more, ms) => {
    const clock = createFakeClock()
    const gateway = await start(more, { clock })
    expect(await said(await ask(gateway))).toBe('new 200')
    clock.advance(ms - 1)
    expect(await said(await ask(gateway))).toBe('again 200')
    clock.advance(1)
    expect(await said(await ask(gateway))).toBe('new 200')
  })

  test('by any instance on the same state; while the first is at work elsewhere it is a 409 that says when to ask again', async () => {
    const store = createMemoryStore()
    const [one, two] = [await start({}, { store }), await start({}, { store })]
    waiting = []
    const first = ask(one)
    await upstream.arrival(upstream.arrivals.length)
    const meanwhile = await ask(two)
    const { error } = await meanwhile.json()
    expect([meanwhile.status, meanwhile.headers.get('retry-after'), error.param]).toEqual([409, '1', 'idempotency-key'])
    for (const answer of waiting) answer()
    const text = await (await first).text()
    const again = await ask(two)
    expect(await again.text()).toBe(text)
    expect([await said(again), answered]).toEqual(['again 200', 1])
  })

  test.each([
    ['2h', 2 * HOUR],
    ['1m', HOUR / 2],
  ])(
    'where its first one died with its instance, it is carried out once more when no request can be at work any more',
    async (total, longest) => {
      const store = createMemoryStore()
      const clock = createFakeClock()
      const models = { chat: { targets: ['house/m'], timeouts: { total } }, other: { targets: ['house/m'] } }
      if (longest < HOUR) Object.assign(models.other, { timeouts: { total } })
      const gateway = await start({ models }, { store, clock })
      const other = await start({ models }, { store, clock })
      store.forget = () => {
        throw new Error('dead')
      }
      waiting = []
      const first = ask(gateway).catch(() => undefined)
      await upstream.arrival(upstream.arrivals.length)
      clock.advance(longest + 59_999)
      expect((await ask(other)).status).toBe(409)
      clock.advance(1)
      waiting = undefined
      expect(await said(await ask(other))).toBe('new 200')
      await first
    },
  )
})

describe('the rules of today', () => {
  const DENY = { policies: [{ name: 'no-house', deny: { provider: 'house' }, reason: 'not any more' }] }

  test('deny an answer of a target that they deny, as explain would say', async () => {
    const gateway = await start()
    await ask(gateway)
    await reload(gateway, DENY)
    const response = await ask(gateway)
    const { error } = await response.json()
    expect([response.status, error.code, error.rule, error.reason]).toEqual([
      403,
      'policy_denied',
      'no-house',
      'not any more',
    ])
    expect(answered).toBe(1)
    await reload(gateway, {})
    expect(await said(await ask(gateway))).toBe('again 200')
  })

  test('that deny another target stop nothing', async () => {
    const gateway = await start()
    await ask(gateway)
    await reload(gateway, { policies: [{ ...DENY.policies[0], deny: { provider: 'other' } }] })
    expect(await said(await ask(gateway))).toBe('again 200')
  })

  test('that deny for what the request says count too', async () => {
    const gateway = await start()
    await ask(gateway)
    const when = "request.model == 'chat'"
    await reload(gateway, { policies: [{ name: 'r', when, deny: { provider: 'house' }, reason: 'no' }] })
    expect((await ask(gateway)).status).toBe(403)
    await reload(gateway, {
      policies: [{ name: 'r', when: "request.model == 'x'", deny: { provider: 'house' }, reason: 'no' }],
    })
    expect((await ask(gateway)).status).toBe(200)
  })

  test('that refuse the request refuse its answer', async () => {
    const gateway = await start()
    await ask(gateway)
    const guard = { on: ['input'], literals: ['hi'] }
    await reload(gateway, { policies: [{ name: 'g', guard, reason: 'no' }] })
    expect((await ask(gateway)).status).toBe(403)
  })

  test('count while the answer is written', async () => {
    const gateway = await start()
    waiting = []
    const first = ask(gateway)
    await upstream.arrival(upstream.arrivals.length)
    await reload(gateway, { keys: [keyNamed('a', { models: ['other'] })] })
    expect((await ask(gateway)).status).toBe(404)
    for (const answer of waiting) answer()
    expect((await first).status).toBe(200)
  })

  test('deny a target while it answers to whoever would join', async () => {
    const begun = Promise.withResolvers<void>()
    const streaming = await startUpstream((_, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      response.write('data: {"choices":[{"index":0,"delta":{"content":"a"}}]}\n\n')
      void begun.promise.then(() => response.end('data: [DONE]\n\n'))
    })
    const providers = { house: localProvider(streaming.url, ['m']) }
    const models = { chat: { targets: ['house/m'] } }
    const gateway = await start({ providers, models })
    const body = { ...BODY, stream: true }
    const first = await ask(gateway, undefined, body)
    await reload(gateway, { providers, models, ...DENY })
    expect((await ask(gateway, undefined, body)).status).toBe(403)
    begun.resolve()
    expect(await first.text()).toContain('[DONE]')
    await streaming.close()
  })

  test.each([
    ['whole', false],
    ['that began with a heartbeat', true],
  ])('deny a target to whoever joined before it was known who answers: %s', async (_what, stream) => {
    const begun = Promise.withResolvers<void>()
    const slow = await startUpstream((_, response) => {
      void begun.promise.then(() => {
        response.writeHead(200, { 'content-type': stream ? 'text/event-stream' : 'application/json' })
        const said = { index: 0, [stream ? 'delta' : 'message']: { content: '비밀' }, finish_reason: 'stop' }
        const text = JSON.stringify({ choices: [said] })
        response.end(stream ? `data: ${text}\n\ndata: [DONE]\n\n` : text)
      })
    })
    const clock = createFakeClock()
    const providers = { house: localProvider(slow.url, ['m']) }
    const models = { chat: { targets: ['house/m'] } }
    const gateway = await start({ providers, models }, { clock })
    const body = { ...BODY, stream }
    const first = ask(gateway, undefined, body)
    await slow.arrival(0)
    if (stream) clock.advance(15_000)
    const joined = ask(gateway, undefined, body)
    if (stream) await joined
    // By the time of another answer whoever joined was let in.
    expect((await ask(gateway, undefined, { ...body, n: 2 })).status).toBe(400)
    await reload(gateway, { providers, models, ...DENY })
    begun.resolve()
    expect(await (await first).text()).toContain('비밀')
    const text = (await joined).text()
    if (stream) await expect(text).rejects.toThrow()
    else expect(await text).toContain('not any more')
    await slow.close()
  })

  test('a denial of another instance counts for whoever joined before', async () => {
    const [store, clock] = [createMemoryStore(), createFakeClock()]
    const [one, two] = [await start({}, { store, clock }), await start({}, { store, clock })]
    waiting = []
    const first = ask(one)
    await upstream.arrival(upstream.arrivals.length)
    const joined = ask(one)
    expect((await ask(one, undefined, { ...BODY, n: 2 })).status).toBe(400)
    const { name, deny, reason } = DENY.policies[0] ?? {}
    await two.gateway.ports.killSwitch.deny(two.gateway, { name: name ?? '', deny: deny ?? {}, reason: reason ?? '' })
    clock.advance(1000)
    for (const answer of waiting) answer()
    expect([(await first).status, (await joined).status]).toEqual([200, 403])
  })

  test('a key that may not use the name any more does not find its answer', async () => {
    const gateway = await start()
    await ask(gateway)
    await reload(gateway, { keys: [keyNamed('a', { models: ['other'] })] })
    expect((await ask(gateway)).status).toBe(404)
  })

  test('a target that the name does not have any more is judged all the same; one whose provider is gone is nobody to vouch for', async () => {
    const gateway = await start()
    await ask(gateway)
    const models = { chat: { targets: ['other/m'] } }
    await reload(gateway, { models })
    expect(await said(await ask(gateway))).toBe('again 200')
    await reload(gateway, { models, ...DENY })
    expect((await ask(gateway)).status).toBe(403)
    await reload(gateway, { models, providers: { other: localProvider(upstream.url, ['m']) } })
    expect((await ask(gateway)).status).toBe(503)
    expect(answered).toBe(1)
  })

  test('whether the target could be asked now is not asked', async () => {
    const gateway = await start({ keys: [keyNamed('a', { budget: { usd: 1, per: 'total' } })] })
    await ask(gateway)
    await reload(gateway, { keys: [keyNamed('a', { budget: { usd: 0.000000001, per: 'total' } })] })
    expect((await ask(gateway)).status).toBe(200)
  })
})
