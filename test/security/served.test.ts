// Law 1, the answer's side: an upstream that answers as another model is caught, whatever it speaks and whatever its caller speaks.
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { describe, expect, test } from 'vitest'
import { createGateway } from '#src/index.ts'
import type { Answer } from '#src/testing.ts'
import { mockProviders, script, stream } from '#src/testing.ts'
import { LEAST } from '../support/documented-fields.ts'

const HOST = 'https://mock.test'
const ASKED = 'kanana-2'
const ANSWERED = 'deepseek-v4-flash'
const FACTS = { developer: 'kakao', lineage: [], family: 'kanana', price: { input: 10, output: 20 } }

/** What names its model in an answer; AWS and Cohere name none. */
const UPSTREAMS = [
  { type: 'openai-compatible', baseUrl: `${HOST}/v1` },
  { type: 'openai', baseUrl: `${HOST}/v1` },
  { type: 'openrouter', baseUrl: `${HOST}/v1` },
  { type: 'anthropic', baseUrl: `${HOST}/v1` },
  { type: 'gemini', baseUrl: `${HOST}/v1beta` },
  { type: 'ollama-native', baseUrl: HOST, local: false },
] as const
const CALLERS = [
  { ...LEAST.chat, streams: true },
  { ...LEAST.responses, streams: true },
  { ...LEAST.messages, streams: true },
  { path: '/v1beta/models/alias:generateContent', body: LEAST.geminiGenerate.body, streams: false },
  { path: '/v1beta/models/alias:streamGenerateContent?alt=sse', body: LEAST.geminiGenerate.body, streams: false },
]

const DENY = { name: 'no-deepseek', deny: { developer: 'deepseek', derived: true } }
const VERIFY = { name: 'who-answers', verifyServed: true }

/** A gateway whose upstream writes another name of its model into its answer than it was asked for. */
async function start(
  upstream: object,
  policies: readonly object[],
  as: string | ((text: string) => string) = ANSWERED,
  answer: Answer = stream(['안녕', '하세요']),
) {
  const mock = mockProviders({ script: script(answer), baseUrl: HOST })
  const own = { apiKey: 'sk-canary', ...upstream, models: { [ASKED]: FACTS } }
  const models = { alias: { targets: [`up/${ASKED}`], retry: { attempts: 1 } } }
  const config = { version: 1, providers: { up: own }, models, policies, metrics: { auth: 'none' } }
  const log: string[] = []
  const gateway = await createGateway(config, {
    log: (line) => void (line.startsWith('{"event"') || log.push(line)),
    async fetch(url, init) {
      const reply = await mock.fetch(url, init)
      if (url.endsWith('/api/show')) return reply
      const text = await reply.text()
      return new Response(typeof as === 'string' ? text.replaceAll(ASKED, as) : as(text), {
        status: reply.status,
        headers: reply.headers,
      })
    },
  })
  const attempts = () => JSON.parse(log[0] ?? '').attempts
  // What Ollama is asked about itself is no request of a caller's.
  const sent = () => mock.requests.filter(({ url }) => !url.endsWith('/api/tags') && !url.endsWith('/api/show'))
  return { gateway, attempts, sent }
}

async function ask({ gateway }: Awaited<ReturnType<typeof start>>, path: string, body: object) {
  const request = new Request(`http://tutti${path}`, { method: 'POST', body: JSON.stringify(body) })
  const response = await gateway.fetch(request)
  return { status: response.status, text: await response.text() }
}

const CASES = UPSTREAMS.flatMap((upstream) =>
  CALLERS.flatMap(({ path, body, streams }) =>
    (streams ? [false, true] : [false]).map((stream) => ({
      name: `${upstream.type}, ${path}${stream ? ', streamed' : ''}`,
      upstream,
      path,
      body: { ...body, ...(path.startsWith('/v1beta') ? {} : { model: 'alias' }), ...(stream && { stream }) },
    })),
  ),
)

describe.each(CASES)('$name', ({ upstream, path, body }) => {
  test.each([
    ['a rule that denies the model that answers', DENY],
    ['a rule that wants the model that was asked', VERIFY],
  ])('%s', async (_name, rule) => {
    const world = await start(upstream, [rule])
    const { status, text } = await ask(world, path, body)
    expect(world.sent()).toHaveLength(1)
    expect({ status, text }).toMatchObject({ status: 502 })
    expect(text).not.toContain('하세요')
    expect(text).toContain(ANSWERED)
    const [attempt] = world.attempts()
    expect(attempt).toMatchObject({ outcome: 'mismatch', rule: rule.name, served_as: ANSWERED })
    // What was answered is paid for.
    expect(attempt.cost_usd).toBeGreaterThan(0)
    expect(await metricsOf(world)).toContain('tutti_attempts_total{target="up/kanana-2",outcome="mismatch"} 1')
  })

  test('the model that was asked, under a date, passes', async () => {
    const world = await start(upstream, [DENY, VERIFY], `${ASKED}-20260813`)
    const { status, text } = await ask(world, path, body)
    expect({ status, text }).toMatchObject({ status: 200 })
    expect(text).toContain('하세요')
  })

  test('in shadow it is only noted', async () => {
    const world = await start(upstream, [
      { ...DENY, mode: 'shadow' },
      { ...VERIFY, mode: 'shadow' },
    ])
    const { status } = await ask(world, path, body)
    expect(status).toBe(200)
    const [attempt] = world.attempts()
    expect(attempt).toMatchObject({ outcome: 'answered' })
    expect(attempt.shadow.map(({ rule }: { rule: string }) => rule).toSorted()).toEqual(['no-deepseek', 'who-answers'])
  })
})

async function metricsOf({ gateway }: Awaited<ReturnType<typeof start>>): Promise<string> {
  const response = await gateway.fetch(new Request('http://localhost/-/metrics'))
  return response.text()
}

/** A gateway over one upstream of chat completions that answers by these words, each time the next. */
async function answering(replies: readonly Response[], more: object) {
  const queue = [...replies]
  const log: string[] = []
  const gateway = await createGateway(
    { version: 1, ...more },
    {
      log: (line) => void (line.startsWith('{"event"') || log.push(line)),
      fetch: async () => queue.shift() ?? new Response(null, { status: 500 }),
    },
  )
  const chat = (body: object, path = '/v1/chat/completions') =>
    gateway.fetch(
      new Request(`http://tutti${path}`, {
        method: 'POST',
        body: JSON.stringify({ messages: [{ role: 'user', content: '안녕' }], max_tokens: 9, ...body }),
      }),
    )
  return { gateway, chat, attempts: () => JSON.parse(log[0] ?? '').attempts }
}

const completion = (model: string, more: object = {}, headers: Record<string, string> = {}) =>
  Response.json(
    {
      model,
      choices: [{ index: 0, message: { role: 'assistant', content: '하세요' }, finish_reason: 'stop' }],
      ...more,
    },
    { headers },
  )

const events = (...chunks: readonly object[]) =>
  new Response(`${chunks.map((chunk) => `data: ${JSON.stringify(chunk)}\n\n`).join('')}data: [DONE]\n\n`, {
    headers: { 'content-type': 'text/event-stream' },
  })
const delta = (model: string, content: string) => ({ model, choices: [{ index: 0, delta: { content } }] })

const house = (more: object = {}) => ({
  providers: {
    house: { type: 'openai-compatible', baseUrl: `${HOST}/v1`, models: { [ASKED]: FACTS, other: FACTS }, ...more },
  },
})

const STREAMED = CASES.filter(({ path, body }) => 'stream' in body || path.includes('stream'))

test.each(STREAMED)('a model that only the last event names is caught: $name', async ({ upstream, path, body }) => {
  const world = await start(upstream, [DENY], (text) => {
    const last = text.lastIndexOf(ASKED)
    return text.slice(0, last) + ANSWERED + text.slice(last + ASKED.length)
  })
  const { text } = await ask(world, path, body)
  expect(text).toContain('served_model_mismatch')
  expect(text).not.toContain('[DONE]')
  expect(world.attempts()[0]).toMatchObject({ outcome: 'mismatch', served_as: ANSWERED })
})

test.each([
  ['/v1/chat/completions', '[DONE]'],
  ['/v1/messages', 'message_stop'],
])(
  'a model that changes in the middle of a stream at %s ends it with an error and without an end',
  async (path, end) => {
    const world = await answering([events(delta(ASKED, '안녕'), delta(ANSWERED, '하세요'), delta(ASKED, '!'))], {
      ...house(),
      policies: [DENY],
    })
    const response = await world.chat({ model: `house/${ASKED}`, stream: true }, path)
    const text = await response.text()
    expect(response.status).toBe(200)
    expect(text).toContain('안녕')
    expect(text).not.toContain('하세요')
    expect(text).toContain(`answered as \`${ANSWERED}\``)
    expect(text).not.toContain(end)
    expect(world.attempts()).toMatchObject([{ outcome: 'mismatch', rule: 'no-deepseek' }])
  },
)

test('the next target of the plan answers instead, and both are in the log', async () => {
  const world = await answering([completion(ANSWERED), completion('other')], {
    ...house(),
    models: { both: { targets: [`house/${ASKED}`, 'house/other'] } },
    policies: [DENY],
  })
  const response = await world.chat({ model: 'both' })
  expect(response.status).toBe(200)
  expect(response.headers.get('x-tutti-target')).toBe('house/other')
  expect(world.attempts()).toMatchObject([{ outcome: 'mismatch' }, { outcome: 'answered' }])
})

test.each([
  ['by the country of its headquarters', { operatorCountry: 'CN' }, 'SiliconFlow'],
  ['by its name', { operator: 'deepseek' }, 'DeepSeek'],
  ['by a name that the catalog does not know', { operator: 'some*' }, 'Somebody Cloud'],
])('whom an aggregator asked is judged %s', async (_name, deny, provider) => {
  const config = {
    providers: { openrouter: { apiKey: 'sk-test', models: { [ASKED]: FACTS } } },
    policies: [{ name: 'not-them', deny }],
  }
  const denied = await answering([completion(ASKED, { provider })], config)
  expect((await denied.chat({ model: `openrouter/${ASKED}` })).status).toBe(502)
  expect(denied.attempts()).toMatchObject([{ outcome: 'mismatch', rule: 'not-them', served_as: ASKED }])
  const fine = await answering([completion(ASKED, { provider: 'Fireworks' })], config)
  expect((await fine.chat({ model: `openrouter/${ASKED}` })).status).toBe(200)
})

test('another tutti says in its head who answers', async () => {
  const world = await answering([completion(ASKED, {}, { 'x-tutti-target': `inner/${ANSWERED}` })], {
    ...house(),
    policies: [DENY],
  })
  expect((await world.chat({ model: `house/${ASKED}` })).status).toBe(502)
})

test('an answer that names nobody passes a deny and not a `verifyServed`', async () => {
  const { model: _model, ...nameless } = {
    model: '',
    choices: [{ index: 0, message: { content: 'x' }, finish_reason: 'stop' }],
  }
  const ask = async (policies: readonly object[]) => {
    const world = await answering([Response.json(nameless)], { ...house(), policies })
    return (await world.chat({ model: `house/${ASKED}` })).status
  }
  expect(await ask([DENY])).toBe(200)
  expect(await ask([VERIFY])).toBe(502)
  expect(await ask([{ ...VERIFY, unknown: 'allow' }])).toBe(200)
  // Only where it concerns the request.
  expect(await ask([{ ...VERIFY, when: 'request.stream' }])).toBe(200)
})

test.each([
  ['an alias that an allow-list does not name', [{ name: 'only', require: { model: ASKED } }], 'some-alias'],
  [
    'a maker that a rule requires, where the name says nothing',
    [{ name: 'only', require: { developer: 'kakao' } }],
    'x-1',
  ],
  ['a name that merely holds a denied one', [DENY], 'deep-sea-seeker'],
])('%s is no mismatch', async (_name, policies, model) => {
  const world = await answering([completion(model)], { ...house(), policies })
  expect((await world.chat({ model: `house/${ASKED}` })).status).toBe(200)
})

test('a maker that is surely another than the required one is a mismatch', async () => {
  const config = {
    providers: { groq: { apiKey: 'sk-test' } },
    policies: [{ name: 'ours', require: { developer: 'openai' } }],
  }
  const world = await answering([completion('llama-3.3-70b-versatile')], config)
  const response = await world.chat({ model: 'groq/openai/gpt-oss-120b' })
  expect({ status: response.status, text: await response.text() }).toMatchObject({ status: 502 })
})

test('a name in another order of words is the same model, one with other numbers is not', async () => {
  const asked = 'anthropic/claude-haiku-4.5'
  for (const [answered, status] of [
    ['anthropic/claude-4.5-haiku-20251001', 200],
    ['anthropic/claude-5.4-haiku', 502],
    ['anthropic/claude-4.5-sonnet', 502],
  ] as const) {
    const { chat } = await answering([completion(answered)], {
      providers: { openrouter: { apiKey: 'sk-a', models: { [asked]: FACTS } } },
      policies: [VERIFY],
    })
    expect((await chat({ model: `openrouter/${asked}` })).status, answered).toBe(status)
  }
})

test('names without end are not kept: a hostile upstream fills no memory with them', async () => {
  const long = 'x'.repeat(500_000)
  let asked = 0
  const gateway = await createGateway(
    { version: 1, ...house(), policies: [DENY] },
    { fetch: async () => completion(`${++asked}${long}`, { provider: `${asked}${long}` }) },
  )
  setFlagsFromString('--expose_gc')
  const collect: () => void = runInNewContext('gc')
  const ask = async () => {
    const body = JSON.stringify({ model: `house/${ASKED}`, messages: [{ role: 'user', content: '안녕' }] })
    const response = await gateway.fetch(new Request('http://tutti/v1/chat/completions', { method: 'POST', body }))
    expect((await response.text()).length).toBeGreaterThan(long.length)
  }
  await ask()
  collect()
  const before = process.memoryUsage().heapUsed
  for (let index = 0; index < 60; index++) await ask()
  collect()
  expect((process.memoryUsage().heapUsed - before) / 1e6).toBeLessThan(15)
})

test('a long name is judged by how it begins', async () => {
  const world = await answering([completion(`${ANSWERED}:${'x'.repeat(5000)}`)], { ...house(), policies: [DENY] })
  expect((await world.chat({ model: `house/${ASKED}` })).status).toBe(502)
})
