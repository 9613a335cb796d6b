// What rules write into requests and what they refuse, in each dialect, over what an upstream really gets.
import { describe, expect, test } from 'vitest'
import { isObject, parseJson } from '#src/core/json.ts'
import { LEAST } from '../support/documented-fields.ts'
import { startEmbedded } from '../support/embedded.ts'

const FACTS = { developer: 'tutti-test', lineage: [], price: { input: 10, output: 20 } }
const PROVIDERS = {
  chat: { type: 'openai-compatible', baseUrl: 'https://chat.example/v1', models: { m: FACTS } },
  responses: { type: 'openai', apiKey: 'sk-a', baseUrl: 'https://responses.example/v1', models: { m: FACTS } },
  messages: { type: 'anthropic', apiKey: 'sk-a', baseUrl: 'https://messages.example/v1', models: { m: FACTS } },
  gemini: { type: 'gemini', apiKey: 'sk-a', baseUrl: 'https://gemini.example/v1beta', models: { m: FACTS } },
}

/** What the upstream got for a request, and what the caller was told. */
async function ask(policies: readonly object[], path: string, body: object | string) {
  const world = await startEmbedded(
    { version: 1, providers: PROVIDERS, policies },
    () => new Response('{}', { status: 400 }),
  )
  const request = new Request(`http://tutti${path}`, {
    method: 'POST',
    body: typeof body === 'string' ? body : JSON.stringify(body),
  })
  const response = await world.gateway.fetch(request)
  const text = new TextDecoder().decode(world.sent[0]?.body)
  const sent = parseJson(text)
  return {
    status: response.status,
    error: await response.json(),
    text,
    sent: isObject(sent) ? sent : undefined,
    log: world.log,
  }
}

const set = (values: object, more: object = {}) => ({ name: 'set-it', set: values, ...more })
const limit = (caps: object, more: object = {}) => ({ name: 'limit-it', limit: caps, ...more })
const EVERYTHING = { temperature: 0, topP: 0.5, seed: 7, stop: 'END', user: 'u', store: false, serviceTier: 'flex' }
const chat = { ...LEAST.chat.body, model: 'chat/m' }

describe('in each dialect', () => {
  test.each([
    [
      '/v1/chat/completions',
      chat,
      { temperature: 0, top_p: 0.5, seed: 7, stop: ['END'], user: 'u', store: false, service_tier: 'flex' },
    ],
    [
      '/v1/responses',
      { ...LEAST.responses.body, model: 'responses/m' },
      { temperature: 0, top_p: 0.5, user: 'u', store: false, service_tier: 'flex' },
    ],
    [
      '/v1/messages',
      { ...LEAST.messages.body, model: 'messages/m' },
      { temperature: 0, top_p: 0.5, stop_sequences: ['END'], metadata: { user_id: 'u' }, service_tier: 'flex' },
    ],
    [
      '/v1beta/models/gemini/m:generateContent',
      LEAST.geminiGenerate.body,
      { generationConfig: { temperature: 0, topP: 0.5, seed: 7, stopSequences: ['END'] } },
    ],
    [
      '/v1/completions',
      { model: 'chat/m', prompt: 'hi' },
      { temperature: 0, top_p: 0.5, seed: 7, stop: ['END'], user: 'u' },
    ],
    ['/v1/embeddings', { model: 'chat/m', input: 'hi' }, { user: 'u' }],
  ])('%s', async (path, body, wanted) => {
    const plain = await ask([], path, body)
    const { sent } = await ask([set(EVERYTHING)], path, body)
    expect(sent).toEqual({ ...plain.sent, ...wanted })
  })

  test.each([
    ['/v1/chat/completions', chat, { max_completion_tokens: 100 }],
    ['/v1/chat/completions', { ...chat, max_tokens: 5000 }, { max_tokens: 100 }],
    ['/v1/chat/completions', { ...chat, max_tokens: 50 }, { max_tokens: 50 }],
    [
      '/v1/chat/completions',
      { ...chat, max_tokens: 50, max_completion_tokens: 500 },
      { max_tokens: 50, max_completion_tokens: 100 },
    ],
    ['/v1/responses', { ...LEAST.responses.body, model: 'responses/m' }, { max_output_tokens: 100 }],
    ['/v1/messages', { ...LEAST.messages.body, model: 'messages/m', max_tokens: 8192 }, { max_tokens: 100 }],
    [
      '/v1beta/models/gemini/m:generateContent',
      LEAST.geminiGenerate.body,
      { generationConfig: { maxOutputTokens: 100 } },
    ],
    [
      '/v1beta/models/gemini/m:generateContent',
      { ...LEAST.geminiGenerate.body, generation_config: { max_output_tokens: 500, topK: 3 } },
      { generation_config: { max_output_tokens: 100, topK: 3 } },
    ],
    [
      '/v1beta/models/gemini/m:generateContent',
      { ...LEAST.geminiGenerate.body, generation_config: { topK: 3 } },
      { generation_config: { topK: 3, maxOutputTokens: 100 } },
    ],
  ])('%s is limited: %j', async (path, body, wanted) => {
    const { sent } = await ask([limit({ outputTokens: 100 })], path, body)
    expect(sent).toMatchObject(wanted)
  })
})

test('a target of another dialect gets it in its own words', async () => {
  const { sent } = await ask([set({ temperature: 0 }), limit({ outputTokens: 100 })], '/v1/chat/completions', {
    ...chat,
    model: 'messages/m',
  })
  expect(sent).toMatchObject({ temperature: 0, max_tokens: 100 })
})

test('what no rule names stays byte for byte', async () => {
  const text =
    '{ "model":"chat/m",  "messages":[{"role":"user","content":"\\uc548\\ub155"}], "temperature" : 1.0, "x":1e400 }'
  const { text: sent } = await ask([set({ temperature: 0 })], '/v1/chat/completions', text)
  expect(sent).toBe(text.replace('"chat/m"', '"m"').replace('1.0', '0'))
})

test('the caller is told, and the decision says which rule did it', async () => {
  const world = await startEmbedded(
    { version: 1, providers: PROVIDERS, policies: [set({ temperature: 0, topK: 3 }), limit({ outputTokens: 100 })] },
    () =>
      Response.json({ choices: [{ index: 0, message: { role: 'assistant', content: 'hi' }, finish_reason: 'stop' }] }),
  )
  const response = await world.client.chat.completions
    .create({ model: 'chat/m', messages: [{ role: 'user', content: 'hi' }], max_tokens: 500 })
    .asResponse()
  const warnings = response.headers.get('x-tutti-warnings')
  expect(warnings).toContain('`max_tokens` was limited to 100 by `limit-it`')
  expect(warnings).toContain('`temperature` was set to 0 by `set-it`')
  expect(warnings).toContain('`topK` has no place here and was not set by `set-it`')
  expect(world.log[0]).toMatchObject({
    request: { output_tokens_limit: 500 },
    changes: [
      { setting: 'outputTokens', value: 100, rules: ['limit-it'] },
      { setting: 'temperature', value: 0, rules: ['set-it'] },
      { setting: 'topK', value: 3, rules: ['set-it'] },
    ],
  })
})

test('the smallest cap counts', async () => {
  const policies = [
    limit({ outputTokens: 300 }),
    { ...limit({ outputTokens: 100 }), name: 'b' },
    { ...limit({ outputTokens: 200 }), name: 'c' },
  ]
  const { sent } = await ask(policies, '/v1/chat/completions', chat)
  expect(sent).toMatchObject({ max_completion_tokens: 100 })
})

const IMAGE = { type: 'image_url', image_url: { url: 'https://host.example/a.png' } }
const TOOL = { type: 'function', function: { name: 'f', parameters: {} } }

test.each([
  ['inputTokens', 20, { messages: [{ role: 'user', content: 'word '.repeat(100) }] }],
  ['choices', 1, { n: 2 }],
  ['tools', 0, { tools: [TOOL] }],
  ['tools', 0, { web_search_options: {} }],
  ['images', 1, { messages: [{ role: 'user', content: [IMAGE, IMAGE] }] }],
])('more %s than the cap is refused, and nobody is asked', async (cap, most, more) => {
  const refused = await ask([limit({ [cap]: most })], '/v1/chat/completions', { ...chat, ...more })
  expect(refused.status).toBe(403)
  expect(refused.error).toMatchObject({ error: { code: 'policy_denied', rule: 'limit-it' } })
  expect(refused.sent).toBeUndefined()
  expect(refused.log[0]).toMatchObject({ outcome: 'deny', candidates: [{ code: 'limit_exceeded' }] })
  // One that is in shadow only shows it.
  const shown = await ask([limit({ [cap]: most }, { mode: 'shadow' })], '/v1/chat/completions', { ...chat, ...more })
  expect(shown.sent).toBeDefined()
  expect(shown.log[0]).toMatchObject({ candidates: [{ shadow: [{ rule: 'limit-it', code: 'limited' }] }] })
})

test('two values for one setting refuse the request and name both rules', async () => {
  const policies = [set({ temperature: 0 }), { name: 'other', set: { temperature: 1 }, when: 'request.model != ""' }]
  const { status, error, sent } = await ask(policies, '/v1/chat/completions', chat)
  expect(status).toBe(403)
  expect(error).toMatchObject({
    error: { code: 'policy_conflict', rules: ['other', 'set-it'], reason: expect.stringContaining('`1` and `0`') },
  })
  expect(sent).toBeUndefined()
})

test('two that want the same are no conflict', async () => {
  const policies = [set({ temperature: 0 }), { name: 'other', set: { temperature: 0 } }]
  expect((await ask(policies, '/v1/chat/completions', chat)).sent).toMatchObject({ temperature: 0 })
})

test('a condition that fails refuses the request, unless it may be left out', async () => {
  const when = 'client.country == "KR"'
  const broken = await ask([set({ temperature: 0 }, { when })], '/v1/chat/completions', chat)
  expect(broken).toMatchObject({ status: 403, error: { error: { code: 'policy_error', rule: 'set-it' } } })
  const lenient = await ask([set({ temperature: 0 }, { when, onError: 'allow' })], '/v1/chat/completions', chat)
  expect(lenient.sent).not.toHaveProperty('temperature')
})

test('a cap lowers what is held', async () => {
  const keys = [
    {
      id: 'app',
      sha256: '2bb80d537b1da3e38bd30361aa855686bde0eacd7162fef6a25fe97bf527a25b',
      budget: { usd: 0.05, per: 'month' },
    },
  ]
  const providers = {
    chat: { ...PROVIDERS.chat, models: { m: { ...FACTS, price: { input: 0, output: 1000 }, maxOutput: 1000 } } },
  }
  const askWithBudget = async (policies: readonly object[]) => {
    const world = await startEmbedded(
      { version: 1, providers, policies, keys },
      () => new Response('{}', { status: 400 }),
    )
    const request = new Request('http://tutti/v1/chat/completions', {
      method: 'POST',
      body: JSON.stringify(chat),
      headers: { authorization: 'Bearer secret' },
    })
    return (await world.gateway.fetch(request)).status
  }
  expect(await askWithBudget([])).toBe(429)
  expect(await askWithBudget([limit({ outputTokens: 10 })])).toBe(400)
})
