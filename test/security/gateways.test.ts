// Law 1, of upstreams that send requests on: Vercel's gateway, Cloudflare's, and another tutti.
import { describe, expect, test } from 'vitest'
import { routes as vercel } from '#providers/vercel-ai-gateway/routes.ts'
import { isObject, objectAt, parseJson, type JsonObject } from '#src/core/json.ts'
import { catalog } from '#src/routing/catalog/catalog.ts'
import { LEAST } from '../support/documented-fields.ts'
import { startEmbedded, type Sent } from '../support/embedded.ts'

const FACTS = { developer: 'openai', lineage: [], license: 'none', price: { input: 1, output: 1 } }
const VERCEL = 'vercel-ai-gateway/openai/gpt-5'
const CLOUDFLARE = 'cloudflare-ai-gateway/openai/gpt-5'
const TUTTI = 'inner/openai/gpt-5'
const ALL = [VERCEL, CLOUDFLARE, TUTTI]
const PROVIDERS = {
  'vercel-ai-gateway': { apiKey: 'sk-a', models: { 'openai/gpt-5': FACTS } },
  'cloudflare-ai-gateway': {
    apiKey: 'sk-a',
    settings: { accountId: 'a', gatewayId: 'my_gateway' },
    models: { 'openai/gpt-5': FACTS, 'dynamic/support': FACTS, 'cloudflare/auto': FACTS, 'openrouter/x/y': FACTS },
  },
  inner: {
    type: 'tutti',
    baseUrl: 'https://inner.tutti.example/v1',
    apiKey: 'sk-a',
    operator: { name: 'our-company', country: 'KR' },
    models: { 'openai/gpt-5': FACTS, chat: FACTS },
  },
}

interface Asking {
  readonly model: string
  readonly more?: object
  readonly headers?: Record<string, string>
  readonly path?: string
  readonly providers?: object
  answer?(sent: Sent): Response
}

const REFUSED = () => new Response('{}', { status: 400 })
const rule = (body: object) => ({ name: 'a-rule', ...body })

/** What left for a request, and what came back. */
async function ask(policies: readonly object[], asking: Asking) {
  const { model, more, headers = {}, path = '/v1/chat/completions', providers = {}, answer = REFUSED } = asking
  const config = { version: 1, providers: { ...PROVIDERS, ...providers }, policies }
  const world = await startEmbedded(config, answer)
  const least = path === '/v1/messages' ? LEAST.messages.body : LEAST.chat.body
  const body = JSON.stringify({ ...least, model, ...more })
  const response = await world.gateway.fetch(new Request(`http://tutti${path}`, { method: 'POST', headers, body }))
  const bodies = world.sent.map((one) => parseJson(new TextDecoder().decode(one.body)))
  return {
    status: response.status,
    text: await response.text(),
    sent: world.sent,
    bodies: bodies.filter(isObject),
    log: world.log,
  }
}

const told = ([body]: readonly JsonObject[]) => objectAt(body, 'providerOptions')

/** Hosts of Vercel's of which the catalog says this. */
const hostsOf = (holds: (facts: { operator?: string; operatorCountry?: string }) => boolean) =>
  Object.keys(vercel.hosts).filter((host) => holds(catalog.vendor(vercel.hosts[host] ?? '') ?? {}))

test.each(ALL)('where no rule asks who serves, %s is told nothing', async (model) => {
  const { bodies } = await ask([rule({ deny: { developer: 'deepseek', derived: true } })], { model })
  expect(bodies).toHaveLength(1)
  expect(told(bodies)).toBeUndefined()
})

describe('Vercel’s gateway is told in its own terms', () => {
  test.each([
    [
      'a country',
      { deny: { operatorCountry: 'CN' } },
      hostsOf(({ operatorCountry = 'CN' }) => operatorCountry !== 'CN'),
    ],
    ['an operator', { deny: { operator: 'google' } }, hostsOf(({ operator = 'google' }) => operator !== 'google')],
  ])('%s becomes a list of hosts', async (_name, policy, only) => {
    expect(only.length).toBeGreaterThan(3)
    expect(told((await ask([rule(policy)], { model: VERCEL })).bodies)).toEqual({ gateway: { only } })
  })

  test.each([{ trainsOnData: false }, { retainsData: false }])('%o becomes no retention', async (wanted) => {
    const { bodies, log } = await ask([rule({ require: wanted })], { model: VERCEL })
    expect(told(bodies)).toEqual({ gateway: { zeroDataRetention: true } })
    expect(log[0]).toMatchObject({ candidates: [{ verdict: 'eligible', told: { promised: 'no-retention' } }] })
  })

  test.each(['/v1/chat/completions', '/v1/messages'])(
    'whatever a client writes at %s, whole and in a stream',
    async (path) => {
      const gateway = {
        order: ['deepseek'],
        only: ['deepseek'],
        models: ['deepseek/deepseek-v4'],
        zeroDataRetention: false,
      }
      for (const stream of [false, true]) {
        const more = { providerOptions: { gateway: { ...gateway, byok: { deepseek: [{ apiKey: 'k' }] } } }, stream }
        const both = [rule({ deny: { operatorCountry: 'CN' } }), { name: 'b', require: { retainsData: false } }]
        const { bodies } = await ask(both, { model: VERCEL, path, more })
        expect(told(bodies)).toEqual({ gateway: { only: expect.arrayContaining(['openai']), zeroDataRetention: true } })
        expect(JSON.stringify(bodies)).not.toContain('deepseek')
      }
    },
  )
})

test.each([
  ['https://ai-gateway.vercel.sh/v1', 'vercel-ai-gateway'],
  ['https://gateway.ai.cloudflare.com/v1/a/g/openai', 'cloudflare-ai-gateway'],
])('%s is refused under another type', async (baseUrl, type) => {
  const providers = { p: { type: 'openai', apiKey: 'k', baseUrl } }
  await expect(ask([], { model: 'p/gpt-5', providers })).rejects.toThrow(`write \`type: ${type}\``)
})

describe('what cannot be told denies', () => {
  test.each([
    ['a region', { require: { region: 'KR' } }, ALL],
    ['training', { require: { trainsOnData: false } }, [CLOUDFLARE, TUTTI]],
    ['a country', { deny: { operatorCountry: 'CN' } }, [TUTTI]],
    ['an operator, by the gateway’s own', { require: { operatorCountry: 'KR' } }, ALL],
    [
      'a country, of what chooses by itself',
      { deny: { operatorCountry: 'CN' } },
      [
        'cloudflare-ai-gateway/dynamic/support',
        'cloudflare-ai-gateway/cloudflare/auto',
        'cloudflare-ai-gateway/openrouter/x/y',
        'inner/chat',
      ],
    ],
  ])('%s', async (_name, policy, models) => {
    for (const model of models) {
      const { status, sent, text } = await ask([rule(policy)], { model })
      expect({ model, status, sent }).toEqual({ model, status: 403, sent: [] })
      expect(parseJson(text)).toMatchObject({ error: { code: 'policy_denied', rule: 'a-rule' } })
    }
  })

  test('and says so', async () => {
    const { log } = await ask([rule({ deny: { operatorCountry: 'CN' } })], { model: TUTTI })
    expect(log[0]).toMatchObject({ candidates: [{ verdict: 'denied', code: 'host_unknown' }] })
  })

  test('what the operator declares of another tutti holds', async () => {
    const providers = { inner: { ...PROVIDERS.inner, region: 'KR', trainsOnData: false } }
    const policies = [rule({ require: { region: 'KR', trainsOnData: false } })]
    expect((await ask(policies, { model: TUTTI, providers })).sent).toHaveLength(1)
  })

  test('so does the operator of one name, for whom that asks', async () => {
    const operator = { name: 'our-company', country: 'KR' }
    const ours = (more: object) => ({
      inner: { ...PROVIDERS.inner, ...more, models: { chat: { ...FACTS, operator } } },
    })
    const sentFor = async (policy: object, more: object = {}) =>
      (await ask([policy], { model: 'inner/chat', providers: ours(more) })).sent.length
    expect(await sentFor({ preset: 'deepseek-everywhere' })).toBe(1)
    expect(await sentFor(rule({ require: { operatorCountry: 'KR' } }))).toBe(1)
    expect(await sentFor(rule({ require: { region: 'KR' } }))).toBe(0)
    expect(await sentFor(rule({ deny: { operator: 'our-company' } }), { operator: { name: 'x', country: 'KR' } })).toBe(
      0,
    )
    // It says nothing of the gateway itself.
    expect(await sentFor(rule({ deny: { operatorCountry: 'CN' } }), { operator: { name: 'x', country: 'CN' } })).toBe(0)
  })

  test('but not of a host that the id names', async () => {
    const operator = { name: 'our-company', country: 'KR' }
    const models = { 'openai/gpt-5': { ...FACTS, operator }, 'dynamic/support': { ...FACTS, operator } }
    const providers = { 'cloudflare-ai-gateway': { ...PROVIDERS['cloudflare-ai-gateway'], models } }
    const policies = [rule({ deny: { operator: 'openai' } })]
    expect((await ask(policies, { model: CLOUDFLARE, providers })).sent).toHaveLength(0)
    expect((await ask(policies, { model: 'cloudflare-ai-gateway/dynamic/support', providers })).sent).toHaveLength(1)
  })

  test.each(['openai-compatible', 'vercel-ai-gateway'])(
    'an operator of one model is refused of type %s',
    async (type) => {
      const models = { x: { ...FACTS, operator: { name: 'our-company' } } }
      const providers = { p: { type, apiKey: 'k', baseUrl: 'https://p.example/v1', models } }
      await expect(ask([], { model: 'p/x', providers })).rejects.toThrow('cannot be told whom to ask')
    },
  )

  test('nothing is known of a name there that the file does not declare', async () => {
    const policies = [rule({ deny: { developer: 'deepseek', derived: true } })]
    expect((await ask(policies, { model: 'inner/openai/gpt-6-luna' })).status).toBe(403)
    expect((await ask(policies, { model: 'cloudflare-ai-gateway/somebody/model' })).status).toBe(403)
  })
})

test('Cloudflare’s is judged as the host that the id chooses', async () => {
  expect((await ask([rule({ deny: { operatorCountry: 'CN' } })], { model: CLOUDFLARE })).sent).toHaveLength(1)
  expect((await ask([rule({ deny: { operator: 'openai' } })], { model: CLOUDFLARE })).sent).toEqual([])
})

test('what chooses by itself at Cloudflare’s is a target only where the file writes it', async () => {
  for (const id of ['dynamic/other', 'cloudflare/auto-2'])
    expect((await ask([], { model: `cloudflare-ai-gateway/${id}` })).status).toBe(404)
  expect((await ask([], { model: 'cloudflare-ai-gateway/dynamic/support' })).sent).toHaveLength(1)
})

test.each(ALL)('headers that steer gateways are not sent on to %s', async (model) => {
  const headers = {
    'cf-aig-authorization': 'Bearer canary',
    'cf-aig-allowed-models': 'canary',
    'cf-aig-zdr': 'canary',
    'cf-aig-custom-cost': 'canary',
    'x-tutti-metadata': '{"a":"canary"}',
    'x-tutti-target': 'canary/x',
    'ai-gateway-model-id': 'canary',
  }
  const { sent } = await ask([], { model, headers })
  expect(JSON.stringify(sent.map((one) => [...one.headers]))).not.toContain('canary')
  const [{ headers: own, path } = { headers: new Headers(), path: '' }] = sent
  if (model === CLOUDFLARE)
    expect([path, own.get('cf-aig-authorization')]).toEqual(['/v1/a/my_gateway/compat/chat/completions', 'Bearer sk-a'])
})

describe('who served is verified', () => {
  const message =
    (more: object, headers: Record<string, string> = {}) =>
    () =>
      Response.json(
        {
          model: 'openai/gpt-5',
          choices: [{ index: 0, message: { role: 'assistant', content: '하세요', ...more }, finish_reason: 'stop' }],
        },
        { headers },
      )
  const routing = (finalProvider: string, canonicalSlug = 'openai/gpt-5') => ({
    provider_metadata: { gateway: { routing: { finalProvider, modelAttempts: [{ canonicalSlug, success: true }] } } },
  })
  /** Unknown passes, so that only what is said stands against it. */
  const NOT_GOOGLE = rule({ deny: { operator: 'google' }, unknown: 'allow' })
  const NOT_DEEPSEEK = rule({ deny: { developer: 'deepseek' }, unknown: 'allow' })

  test.each([
    ['its host', VERCEL, NOT_GOOGLE, message(routing('vertexAnthropic')), message(routing('azure'))],
    ['its model', VERCEL, NOT_DEEPSEEK, message(routing('azure', 'deepseek/deepseek-v3.2')), message(routing('azure'))],
    [
      'its host',
      CLOUDFLARE,
      NOT_GOOGLE,
      message({}, { 'cf-aig-model': 'gpt-5', 'cf-aig-provider': 'google-ai-studio' }),
      message({}, { 'cf-aig-model': 'gpt-5', 'cf-aig-provider': 'openai' }),
    ],
    [
      'its model',
      CLOUDFLARE,
      NOT_DEEPSEEK,
      message({}, { 'cf-aig-routed-model': '@cf/deepseek-ai/deepseek-v4-pro-0813' }),
      message({}, { 'cf-aig-routed-model': 'openai/gpt-5' }),
    ],
    [
      'its host',
      TUTTI,
      NOT_GOOGLE,
      message({}, { 'x-tutti-target': 'google-vertex/gpt-5' }),
      message({}, { 'x-tutti-target': 'openai/gpt-5' }),
    ],
    [
      'its model',
      TUTTI,
      NOT_DEEPSEEK,
      message({}, { 'x-tutti-target': 'openai/deepseek-chat' }),
      message({}, { 'x-tutti-target': 'openai/gpt-5' }),
    ],
  ])('%s, at %s', async (_name, model, policy, bad, good) => {
    for (const path of ['/v1/chat/completions', '/v1/messages']) {
      const refused = await ask([policy], { model, path, answer: bad })
      expect(refused).toMatchObject({ status: 502, log: [{ attempts: [{ outcome: 'mismatch', rule: 'a-rule' }] }] })
      expect(refused.text).not.toContain('하세요')
      expect(await ask([policy], { model, path, answer: good })).toMatchObject({ status: 200 })
    }
  })

  test.each([
    ['/v1/chat/completions', '[DONE]'],
    ['/v1/messages', 'message_stop'],
  ])('in a stream of Vercel’s only at its end, at %s: it ends in an error, without an end', async (path, end) => {
    const event = (delta: object, finish_reason: string | null) =>
      `data: ${JSON.stringify({ model: 'openai/gpt-5', choices: [{ index: 0, delta, finish_reason }] })}\n\n`
    const answer = () =>
      new Response(`${event({ content: '하세요' }, null)}${event(routing('vertex'), 'stop')}data: [DONE]\n\n`, {
        headers: { 'content-type': 'text/event-stream' },
      })
    const { text } = await ask([NOT_GOOGLE], { model: VERCEL, path, more: { stream: true }, answer })
    expect(text).toContain('rule `a-rule`')
    expect(text).not.toContain(end)
  })

  test.each(ALL)('the very model that was asked passes `verifyServed` at %s', async (model) => {
    const headers = { 'x-tutti-target': 'openai/gpt-5', 'cf-aig-model': 'gpt-5' }
    expect(
      (await ask([rule({ verifyServed: true })], { model, answer: message(routing('openai'), headers) })).status,
    ).toBe(200)
  })
})
