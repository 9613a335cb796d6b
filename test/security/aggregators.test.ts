// Law 1, of upstreams that send requests on: they get the policy in their own terms, or nothing at all.
import { describe, expect, test } from 'vitest'
import { routes } from '#providers/openrouter/routes.ts'
import { isObject, parseJson, type JsonObject } from '#src/core/json.ts'
import { catalog } from '#src/routing/catalog/catalog.ts'
import { LEAST } from '../support/documented-fields.ts'
import { startEmbedded } from '../support/embedded.ts'

const FACTS = { developer: 'meta', lineage: [], license: 'llama', price: { input: 1, output: 1 } }
const PROVIDERS = {
  openrouter: { apiKey: 'sk-a', models: { 'meta-llama/llama-4': FACTS } },
  huggingface: {
    apiKey: 'sk-a',
    models: { 'meta-llama/llama-4': FACTS, 'meta-llama/llama-4:groq': FACTS, 'x/y:novita': FACTS },
  },
}
const HOSTS = Object.keys(routes.hosts)

interface Asking {
  readonly model?: string
  readonly path?: string
  readonly body?: object
  readonly more?: object
  readonly providers?: object
}

/** What left for a request, and what came back. */
async function ask(policies: readonly object[], asking: Asking = {}) {
  const { model = 'openrouter/meta-llama/llama-4', path = '/v1/chat/completions', more = {}, providers = {} } = asking
  const { body = LEAST.chat.body } = asking
  const world = await startEmbedded(
    { version: 1, providers: { ...PROVIDERS, ...providers }, policies },
    () => new Response('{}', { status: 400 }),
  )
  const request = new Request(`http://tutti${path}`, {
    method: 'POST',
    body: JSON.stringify({ ...body, model, ...more }),
  })
  const response = await world.gateway.fetch(request)
  const sent = world.sent.map(({ body: bytes }) => parseJson(new TextDecoder().decode(bytes)))
  return { status: response.status, error: await response.json(), sent: sent.filter(isObject) }
}

const routing = ([body]: readonly JsonObject[]) => body?.['provider']
const rule = (body: object) => ({ name: 'a-rule', ...body })

test('where no rule asks who serves, nothing is told', async () => {
  const { sent } = await ask([rule({ deny: { developer: 'deepseek', derived: true } })])
  expect(sent).toHaveLength(1)
  expect(routing(sent)).toBeUndefined()
})

/** Hosts of which the catalog says this. */
const hostsOf = (holds: (facts: { operator?: string; operatorCountry?: string }) => boolean) =>
  HOSTS.filter((host) => holds(catalog.vendor(routes.hosts[host] ?? '') ?? {}))

test.each([
  [
    'a country',
    { deny: { operatorCountry: 'CN' } },
    hostsOf(({ operatorCountry }) => operatorCountry !== undefined && operatorCountry !== 'CN'),
  ],
  [
    'the only countries',
    { require: { operatorCountry: ['US', 'CA'] } },
    hostsOf(({ operatorCountry }) => operatorCountry === 'US' || operatorCountry === 'CA'),
  ],
  [
    'an operator',
    { deny: { operator: 'deepseek' } },
    hostsOf(({ operator }) => operator !== undefined && operator !== 'deepseek'),
  ],
  [
    'whom alone, itself or behind it',
    { require: { anyOf: [{ operator: ['openrouter', 'groq'], operatorCountry: 'US' }] } },
    hostsOf(({ operatorCountry }) => operatorCountry === 'US'),
  ],
])('%s becomes a list of hosts', async (_name, policy, hosts) => {
  expect(hosts.length).toBeGreaterThan(3)
  const { sent } = await ask([rule(policy)])
  expect(routing(sent)).toEqual({ only: hosts })
})

test.each([
  ['no training', { require: { trainsOnData: false } }, { data_collection: 'deny' }],
  ['no training, denied', { deny: { trainsOnData: true } }, { data_collection: 'deny' }],
  ['no keeping', { require: { retainsData: false } }, { data_collection: 'deny', zdr: true }],
])('%s becomes a promise', async (_name, policy, told) => {
  const { sent } = await ask([rule(policy)])
  expect(routing(sent)).toEqual(told)
})

test('several rules are told together, whatever a client writes', async () => {
  const { sent } = await ask(
    [rule({ deny: { operatorCountry: 'CN' } }), { name: 'b', require: { trainsOnData: false } }],
    {
      more: {
        provider: { only: ['deepseek'], order: ['siliconflow'], data_collection: 'allow' },
        models: ['deepseek/deepseek-v4'],
      },
    },
  )
  expect(routing(sent)).toEqual({
    only: expect.not.arrayContaining(['deepseek', 'siliconflow']),
    data_collection: 'deny',
  })
  expect(JSON.stringify(sent)).not.toContain('deepseek')
})

test.each(['/v1/messages', '/v1/responses', '/v1/completions'])('asked at %s too', async (path) => {
  const body =
    path === '/v1/messages' ? LEAST.messages.body : path === '/v1/responses' ? LEAST.responses.body : { prompt: 'hi' }
  const { sent } = await ask([rule({ deny: { operatorCountry: 'CN' } })], { path, body: { ...body, max_tokens: 10 } })
  expect(routing(sent)).toMatchObject({ only: expect.arrayContaining(['groq']) })
})

describe('what it cannot be told denies it', () => {
  test.each([
    ['a region that no host is known to be in', rule({ require: { region: 'KR' } }), {}],
    [
      'an operator country, of one that takes no orders',
      rule({ deny: { operatorCountry: 'CN' } }),
      { model: 'huggingface/meta-llama/llama-4' },
    ],
    [
      'an operator country, of a host that nobody knows',
      rule({ deny: { operatorCountry: 'CN' } }),
      { model: 'huggingface/x/y:novita' },
    ],
    [
      'training, of one that promises nothing',
      rule({ require: { trainsOnData: false } }),
      { model: 'huggingface/meta-llama/llama-4:groq' },
    ],
  ])('%s', async (_name, policy, options) => {
    const { status, sent, error } = await ask([policy], options)
    expect({ status, sent, error }).toMatchObject({
      status: 403,
      sent: [],
      error: { error: { code: 'policy_denied', rule: 'a-rule' } },
    })
  })
})

test('a host that the id alone chooses is judged as that host', async () => {
  const model = 'huggingface/meta-llama/llama-4:groq'
  expect((await ask([rule({ deny: { operatorCountry: 'CN' } })], { model })).sent).toHaveLength(1)
  expect((await ask([rule({ deny: { operator: 'groq' } })], { model })).sent).toEqual([])
  expect(
    (await ask([rule({ require: { operator: 'huggingface', operatorCountry: 'US' } })], { model })).sent,
  ).toHaveLength(1)
})

test('what the operator declares of it holds for whom it asks', async () => {
  const providers = { openrouter: { ...PROVIDERS.openrouter, region: 'EU', retainsData: false } }
  expect(
    routing((await ask([rule({ require: { region: 'EU', retainsData: false } })], { providers })).sent),
  ).toBeUndefined()
})

test('the aggregator itself is judged first', async () => {
  expect((await ask([rule({ deny: { operator: 'openrouter' } })])).sent).toEqual([])
  expect((await ask([rule({ deny: { provider: 'openrouter' } })])).sent).toEqual([])
})

test('a condition that does not hold asks for nothing', async () => {
  expect(routing((await ask([rule({ deny: { operatorCountry: 'CN' }, when: 'request.stream' })])).sent)).toBeUndefined()
  expect(routing((await ask([rule({ deny: { operatorCountry: 'CN' }, mode: 'shadow' })])).sent)).toBeUndefined()
})

test('the decision shows what is told', async () => {
  const world = await startEmbedded(
    { version: 1, providers: PROVIDERS, policies: [rule({ require: { trainsOnData: false } })] },
    () => new Response('{}', { status: 400 }),
  )
  const body = JSON.stringify({ ...LEAST.chat.body, model: 'openrouter/meta-llama/llama-4' })
  await world.gateway.fetch(new Request('http://tutti/v1/chat/completions', { method: 'POST', body }))
  expect(world.log[0]).toMatchObject({ candidates: [{ verdict: 'eligible', told: { promised: 'no-training' } }] })
})
