// Thresholds of budgets: somebody is told once a period, whoever sees it first, signed, and again where nobody takes it.
import { expect, test } from 'vitest'
import { isObject, parseJson, type JsonObject } from '#src/core/json.ts'
import { createGateway } from '#src/index.ts'
import { assemble } from '#src/assemble.ts'
import { createWebChannel } from '#src/http/web-channel.ts'
import { createFetchTransport } from '#src/transport/fetch.ts'
import { createMemoryStore } from '#src/state/memory.ts'
import { compile, sha256 } from '../support/gateway.ts'
import { keyNamed } from '../support/sharing-world.ts'

const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'
const MODELS = { m: { developer: 'x', lineage: [], price: { input: 0, output: 1_000_000 } } }
const FILE = {
  version: 1,
  providers: { one: { type: 'openai-compatible', apiKey: 'k', baseUrl: 'https://one.example/v1', models: MODELS } },
  models: { chat: { targets: ['one/m'] } },
  alerts: { webhook: { url: 'https://ops.example/hook', secret: SECRET } },
  keys: [keyNamed('a', { budget: { usd: 4, per: 'total', alerts: [50, 100] } }), keyNamed('b')],
  budgets: [{ name: 'all', usd: 10, per: 'month', alerts: [20, 40, 90] }],
}
const ANSWER = {
  id: 'c',
  model: 'm',
  choices: [{ index: 0, message: { role: 'assistant', content: 'a' }, finish_reason: 'stop' }],
  usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 },
}

interface Told {
  readonly body: JsonObject
  readonly headers: Headers
}

/** Two gateways over one store; `status` is what the webhook says to each try. A request is over when all is told. */
async function open(statuses: readonly number[] = [], file: object = FILE) {
  const told: Told[] = []
  const events: JsonObject[] = []
  const state = createMemoryStore()
  const gateways = await Promise.all(
    [1, 2].map(async () =>
      assemble(await compile(file), {
        store: state,
        hash: sha256,
        log(line) {
          const record = parseJson(line)
          if (isObject(record) && 'event' in record) events.push(record)
        },
        transport: createFetchTransport(async (url, init) => {
          if (!url.includes('ops.')) return Response.json(ANSWER)
          const body = parseJson(String(init.body))
          told.push({ body: isObject(body) ? body : {}, headers: new Headers(init.headers) })
          return new Response('', { status: statuses[told.length - 1] ?? 200 })
        }),
      }),
    ),
  )
  return {
    told,
    events,
    state,
    async ask(as: string, times: number) {
      for (let i = 0; i < times; i++) {
        const body = JSON.stringify({ model: 'chat', max_tokens: 1, messages: [{ role: 'user', content: 'hi' }] })
        const init = { method: 'POST', headers: { authorization: `Bearer ${as}` }, body }
        const request = new Request('http://tutti/v1/chat/completions', init)
        const channel = createWebChannel(request, 'network')
        const work: Promise<unknown>[] = []
        const bindings = { channel, waitUntil: (one: Promise<unknown>) => void work.push(one) }
        const response = await gateways[i % 2]?.app.fetch(request, bindings)
        await response?.text()
        await Promise.all(work)
      }
    },
  }
}

const said = ({ told }: { readonly told: readonly Told[] }) =>
  told.map(({ body: { data } }) => (isObject(data) ? `${String(data['budget'])} ${String(data['percent'])}` : ''))

test('each threshold is told once, by whichever gateway passes it, the highest of several', async () => {
  const world = await open()
  await world.ask('a', 4)
  expect(said(world)).toEqual(['key/a 50', 'all 20', 'key/a 100', 'all 40'])
  await world.ask('b', 6)
  expect(said(world)).toEqual(['key/a 50', 'all 20', 'key/a 100', 'all 40', 'all 90'])
  expect(world.told[1]?.body).toMatchObject({
    type: 'budget.alert',
    data: { account: 'budget/all', percent: 20, spent_usd: 2, limit_usd: 10, per: 'month' },
  })
  expect(world.events.filter(({ event }) => event === 'budget_alert')).toHaveLength(5)
})

test('what state did not say is asked again', async () => {
  const world = await open([], { ...FILE, budgets: [{ name: 'all', usd: 10, per: 'month', alerts: [20] }] })
  const { claim } = world.state
  let failures = 2
  world.state.claim = (keepsake, now) => {
    if (failures-- > 0) throw new Error('reset')
    return claim(keepsake, now)
  }
  await world.ask('b', 2)
  expect([said(world), failures]).toEqual([['all 20'], -1])
  await world.ask('b', 2)
  expect(said(world)).toEqual(['all 20'])
})

/** Of a tenant's caller: one budget lies in a shard of its own, the other one in another. */
const COMPANY = { name: 'company', usd: 100, per: 'total' }
const ONE = { name: 'one', providers: ['one'], usd: 2, per: 'total', alerts: [50, 100] }
const OWN = { usd: 2, per: 'total', alerts: [50, 100] }

test.each([
  { name: 'the alerted one first', budgets: [ONE, COMPANY], key: {}, said: ['one 50', 'one 100'] },
  { name: 'the alerted one last', budgets: [COMPANY, ONE], key: {}, said: ['one 50', 'one 100'] },
  {
    name: 'all of them alerted',
    budgets: [{ ...COMPANY, usd: 2, alerts: [100] }, ONE],
    key: { budget: OWN },
    said: ['key/a 50', 'one 50', 'key/a 100', 'company 100', 'one 100'],
  },
])('of budgets on several shards the bill that reaches a threshold is told, the last one too: $name', async (given) => {
  const keys = [keyNamed('a', { tenant: 't', ...given.key })]
  const world = await open([], { ...FILE, keys, budgets: given.budgets })
  await world.ask('a', 2)
  expect(said(world)).toEqual(given.said)
})

test.each(['settle', 'spend', 'claim'] as const)(
  'the bill that reaches the limit is told also where `%s` fails at first: none comes after it',
  async (step) => {
    const world = await open([], {
      ...FILE,
      keys: [keyNamed('a', { tenant: 't', budget: OWN })],
      budgets: [COMPANY, ONE],
    })
    await world.ask('a', 1)
    const steps: Record<typeof step, (...given: never[]) => unknown> = world.state
    const whole = steps[step]
    let failures = 3
    steps[step] = (...given) => {
      if (failures-- > 0) throw new Error('reset')
      return whole(...given)
    }
    await world.ask('a', 1)
    expect(said(world)).toEqual(['key/a 50', 'one 50', 'key/a 100', 'one 100'])
  },
)

test('a claim whose answer got lost is known again, and told', async () => {
  const world = await open([], { ...FILE, budgets: [{ name: 'all', usd: 10, per: 'month', alerts: [20] }] })
  const { claim } = world.state
  world.state.claim = (keepsake, now) => {
    world.state.claim = claim
    void claim(keepsake, now)
    throw new Error('reset')
  }
  await world.ask('b', 2)
  expect(said(world)).toEqual(['all 20'])
})

test('the state is asked once for each threshold by each gateway', async () => {
  const world = await open()
  const { claim } = world.state
  let claims = 0
  world.state.claim = (keepsake, now) => {
    claims++
    return claim(keepsake, now)
  }
  await world.ask('b', 10)
  expect(claims).toBe(2 * 3)
})

test('is signed as Standard Webhooks has it', async () => {
  const { told, ask } = await open()
  await ask('a', 2)
  const [first] = told
  const [id, at] = ['webhook-id', 'webhook-timestamp'].map((name) => first?.headers.get(name) ?? '')
  const bytes = Uint8Array.from(atob(SECRET.slice(6)), (char) => char.charCodeAt(0))
  const key = await crypto.subtle.importKey('raw', bytes, { name: 'HMAC', hash: 'SHA-256' }, false, ['sign'])
  const text = new TextEncoder().encode(`${id}.${at}.${JSON.stringify(first?.body)}`)
  const mac = btoa(String.fromCharCode(...new Uint8Array(await crypto.subtle.sign('HMAC', key, text))))
  expect(first?.headers.get('webhook-signature')).toBe(`v1,${mac}`)
})

test('without a webhook it stands in the log alone; without thresholds nothing is told', async () => {
  const { alerts: _, ...file } = FILE
  const logged = await open([], file)
  await logged.ask('b', 2)
  expect([logged.told.length, logged.events.map(({ event }) => event)]).toEqual([0, ['budget_alert']])
  const silent = await open([], { ...FILE, keys: [keyNamed('b')], budgets: [{ name: 'all', usd: 2, per: 'month' }] })
  await silent.ask('b', 3)
  expect([silent.told.length, silent.events.length]).toEqual([0, 0])
})

test('what is not taken is told again under the same id', async () => {
  const world = await open([500])
  await world.ask('b', 2)
  const ids = world.told.map(({ headers }) => headers.get('webhook-id'))
  expect(ids).toEqual([ids[0], ids[0]])
  expect(world.events.map(({ event }) => event)).toEqual(['budget_alert'])
})

test('a bad webhook and bad thresholds are said with their places', async () => {
  const alerts = { webhook: { url: 'http://10.0.0.1/x', secret: 'whsec_***' } }
  const budgets = [{ name: 'all', usd: 1, per: 'day', alerts: [0, 120] }]
  await expect(createGateway({ ...FILE, alerts, budgets }, {})).rejects.toThrow(
    /(?=[\s\S]*url[\s\S]*private)(?=[\s\S]*not base64)(?=[\s\S]*from 1 to 100)/,
  )
})
