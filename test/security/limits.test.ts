// What a caller may write to get round `limit`, as somebody would who reads what upstreams take besides their dialect.
import { describe, expect, test } from 'vitest'
import { isObject, parseJson } from '#src/core/json.ts'
import { createGateway } from '#src/index.ts'

const FACTS = { developer: 'tutti-test', lineage: [], price: { input: 1, output: 1 } }
const PROVIDERS = {
  ollama: { type: 'ollama', models: { tiny: FACTS } },
  llama: { type: 'llama-cpp', models: { tiny: FACTS } },
  vllm: { type: 'vllm', models: { tiny: FACTS } },
  openai: { apiKey: 'k', models: { tiny: FACTS } },
  openrouter: { apiKey: 'k', models: { tiny: FACTS } },
  claude: { type: 'anthropic', apiKey: 'k', models: { tiny: FACTS } },
  gemini: { apiKey: 'k', models: { tiny: FACTS } },
}
const ANSWER = { choices: [{ index: 0, message: { role: 'assistant', content: 'ok' }, finish_reason: 'stop' }] }
const MESSAGES = [{ role: 'user', content: 'hi' }]

async function ask(rule: object, path: string, body: object | string) {
  const sent: unknown[] = []
  const gateway = await createGateway(
    { version: 1, providers: PROVIDERS, policies: [{ name: 'rule', ...rule }] },
    {
      async fetch(url, init) {
        if (init.method !== 'POST' || url.endsWith('/api/show')) return new Response(null, { status: 404 })
        sent.push(parseJson(await new Response(init.body).text()))
        return Response.json(ANSWER)
      },
    },
  )
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  const { status } = await gateway.fetch(new Request(`http://tutti${path}`, { method: 'POST', body: text }))
  const [first] = sent
  return { status, sent: isObject(first) ? first : undefined }
}

const chat = (rule: object, more: object, target = 'vllm/tiny') =>
  ask(rule, '/v1/chat/completions', { model: target, messages: MESSAGES, ...more })

describe('output', () => {
  const LIMIT = { limit: { outputTokens: 100 } }

  test.each([
    // Ollama reads members as Go does, whatever their case; the last of them counts.
    ['ollama/tiny', { max_tokens: 50, Max_Tokens: 99_999 }],
    ['ollama/tiny', { max_tokens: 50, 'max_token\u017F': 99_999 }],
    // llama.cpp prefers its own name.
    ['llama/tiny', { max_tokens: 50, n_predict: 99_999 }],
    ['llama/tiny', { max_tokens: 50, n_predict: -1 }],
    ['vllm/tiny', { max_tokens: 50, max_new_tokens: 99_999 }],
    ['vllm/tiny', { max_completion_tokens: 50, max_output_tokens: '99999' }],
  ])('is capped by every name that an upstream takes: %s %j', async (target, more) => {
    const { status, sent } = await chat(LIMIT, more, target)
    expect(status).toBe(200)
    const [own, ...others] = Object.values(sent ?? {}).filter((value) => value === 50 || value === 100)
    expect([own, ...others]).toEqual([50, 100])
  })

  test('a number below the cap stays under any name', async () => {
    const { sent } = await chat(LIMIT, { max_tokens: 50, n_predict: 7 }, 'llama/tiny')
    expect(sent).toMatchObject({ n_predict: 7 })
  })

  test('is held for what another name asks for', async () => {
    const gateway = await createGateway({ version: 1, providers: PROVIDERS })
    const worst = async (more: object) => {
      const body = { model: 'llama/tiny', messages: MESSAGES, ...more }
      return (await gateway.explain({ body })).inputs.signals?.output_limit
    }
    expect(await worst({ max_tokens: 1 })).toBe(1)
    expect(await worst({ max_tokens: 1, n_predict: 5000 })).toBe(5000)
    expect(await worst({ max_tokens: 1, n_predict: -1 })).toBeUndefined()
    expect(await worst({})).toBeUndefined()
  })
})

describe('tools', () => {
  test.each([
    ['/v1/messages', { max_tokens: 5, mcp_servers: [{ type: 'url', url: 'https://mcp.example', name: 'x' }] }],
    ['/v1/chat/completions', { web_search_options: {} }],
  ])('are counted where they stand beside the list: %s %j', async (path, more) => {
    const model = path === '/v1/messages' ? 'claude/tiny' : 'openai/tiny'
    const { status, sent } = await ask({ limit: { tools: 0 } }, path, { model, messages: MESSAGES, ...more })
    expect([status, sent]).toEqual([403, undefined])
  })
})

describe('images', () => {
  const user = (part: object) => ({ messages: [{ role: 'user', content: [part] }] })

  test.each([
    ['vllm/tiny', user({ image_url: 'https://example.com/a.png' })],
    ['vllm/tiny', user({ type: 'text', image_url: { url: 'https://example.com/a.png' } })],
    ['vllm/tiny', user({ type: 'image_embeds', image_embeds: 'AAAA' })],
    ['vllm/tiny', user({ type: 'input_image', image_url: 'https://example.com/a.png' })],
    ['vllm/tiny', user({ type: 'image', image: 'https://example.com/a.png' })],
    ['vllm/tiny', user({ type: 'video', video: ['https://example.com/a.png'] })],
  ])('are counted and seen in every form that an upstream takes: %s %j', async (target, more) => {
    for (const rule of [{ limit: { images: 0 } }, { redact: { answers: false } }])
      expect([(await chat(rule, more, target)).sent, rule]).toEqual([undefined, rule])
  })

  test('a screenshot of a computer is one', async () => {
    const output = { type: 'computer_screenshot', image_url: 'https://example.com/a.png' }
    const body = { model: 'openai/tiny', input: [{ type: 'computer_call_output', call_id: 'c', output }] }
    for (const rule of [{ limit: { images: 0 } }, { redact: { answers: false } }])
      expect(await ask(rule, '/v1/responses', body)).toEqual({ status: 403, sent: undefined })
  })

  test('a list of more than an engine takes as arguments is looked into', async () => {
    const tools = [
      { type: 'function', function: { name: 'x', parameters: { enum: Array.from({ length: 600_000 }, () => 'a') } } },
    ]
    expect((await chat({ redact: 'all' }, { tools })).status).toBe(200)
  })

  test('whatever the case of their type', async () => {
    const parts = [{ inline_data: { mime_type: 'IMAGE/png', data: 'AAAA' } }]
    const path = '/v1beta/models/gemini/tiny:generateContent'
    expect((await ask({ limit: { images: 0 } }, path, { contents: [{ parts }] })).sent).toBeUndefined()
  })
})

test.each([
  [
    '/v1/chat/completions',
    { messages: [{ role: 'user', content: `see ![](data:image/png;base64,${'iVBO'.repeat(64)})` }] },
  ],
  ['/v1/completions', { prompt: 'x', prompt_embeds: 'AAAA' }],
  ['/v1/completions', { prompt: 'x', prompt_token_ids: [1, 2] }],
  ['/v1/completions', { prompt: 'x', input_ids: [[1, 2]] }],
])('what nobody can look into is seen where it stands for text: %s %j', async (path, more) => {
  const { status, sent } = await ask({ redact: { answers: false } }, path, { model: 'vllm/tiny', ...more })
  expect([status, sent]).toEqual([403, undefined])
})

test('around such a thing text is looked into, where it may pass', async () => {
  const content = `kim@example.com data:image/png;base64,${'iVBO'.repeat(64)} park@example.com, and ;base64, is a word`
  const { sent } = await chat(
    { redact: { answers: false, unscannable: 'allow' } },
    { messages: [{ role: 'user', content }] },
  )
  expect(sent).toMatchObject({
    messages: [{ content: content.replace('kim@example.com', '[EMAIL_1]').replace('park@example.com', '[EMAIL_2]') }],
  })
  const spoken = await chat(
    { redact: { answers: false } },
    { messages: [{ role: 'user', content: 'a url has ;base64,iVBO in it' }] },
  )
  expect(spoken.status).toBe(200)
})

test('effort is set under each name that the caller wrote', async () => {
  const set = { set: { reasoningEffort: 'low' } }
  const { sent } = await chat(set, { reasoning_effort: 'high', reasoning: { effort: 'high' } }, 'openrouter/tiny')
  expect(sent).toMatchObject({ reasoning_effort: 'low', reasoning: { effort: 'low' } })
  expect((await chat(set, { reasoning: { max_tokens: 9000 } }, 'openrouter/tiny')).sent).toMatchObject({
    reasoning: { effort: 'low' },
  })
  expect((await chat(set, {})).sent).not.toHaveProperty('reasoning')
})
