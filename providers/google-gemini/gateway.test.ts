// Callers of OpenAI's chat meet Gemini, callers of Gemini meet an OpenAI-like host and Gemini itself: the whole way, with the bill.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createServer, type Server } from 'node:http'
import { arrayAt, isObject, numberAt, objectAt, parseJson, stringAt, type Json } from '#src/core/json.ts'
import { startGateway, type TestGateway } from '../../test/support/gateway.ts'

interface Sent {
  readonly url: string
  readonly key: string | undefined
  readonly body: Json | undefined
}

const sent: Sent[] = []
let server: Server
let gateway: TestGateway

const event = (value: object): string => `data: ${JSON.stringify(value)}\r\n\r\n`
const usageMetadata = { promptTokenCount: 10, candidatesTokenCount: 4, thoughtsTokenCount: 2, totalTokenCount: 16 }
const candidate = (parts: readonly object[], more: object = {}) => ({
  candidates: [{ content: { role: 'model', parts }, index: 0, ...more }],
  modelVersion: 'gemini-3-flash',
  responseId: 'resp-1',
})
const CALL = { functionCall: { name: 'weather', args: { city: '서울' } }, thoughtSignature: 'SIG==' }

const ANSWERS: Readonly<Record<string, string>> = {
  ':generateContent': JSON.stringify({ ...candidate([{ text: '안녕 👋' }], { finishReason: 'STOP' }), usageMetadata }),
  ':streamGenerateContent': [
    event({ ...candidate([{ text: '안녕' }]), usageMetadata: { promptTokenCount: 10, totalTokenCount: 10 } }),
    event({ ...candidate([CALL]) }),
    event({ ...candidate([{ text: '' }], { finishReason: 'STOP' }), usageMetadata }),
  ].join(''),
  '/chat/completions': [
    ...['생각', undefined].map((own, at) => ({
      id: 'c',
      object: 'chat.completion.chunk',
      created: 1,
      model: 'm',
      choices: [{ index: 0, delta: at === 0 ? { content: own } : {}, finish_reason: at === 0 ? null : 'stop' }],
    })),
    { id: 'c', choices: [], usage: { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5 } },
  ]
    .map((one) => `data: ${JSON.stringify(one)}\n\n`)
    .concat('data: [DONE]\n\n')
    .join(''),
}

beforeAll(async () => {
  server = createServer((request, response) => {
    let body = ''
    request.on('data', (chunk) => (body += String(chunk)))
    request.on('end', () => {
      const key = request.headers['x-goog-api-key']
      sent.push({ url: request.url ?? '', key: typeof key === 'string' ? key : undefined, body: parseJson(body) })
      const [, answer = ''] = Object.entries(ANSWERS).find(([part]) => request.url?.includes(part) === true) ?? []
      response.writeHead(200, { 'content-type': answer.startsWith('data:') ? 'text/event-stream' : 'application/json' })
      response.end(answer)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const base = `http://127.0.0.1:${isObject(address) ? String(address['port']) : ''}`
  const price = { input: 1, output: 5 }
  gateway = await startGateway({
    version: 1,
    providers: {
      google: {
        type: 'gemini',
        apiKey: 'google-key',
        baseUrl: `${base}/v1beta`,
        local: true,
        models: { 'gemini-3-flash': { developer: 'google', price } },
      },
      other: {
        type: 'openai-compatible',
        baseUrl: `${base}/v1`,
        local: true,
        models: { m: { developer: 'x', price } },
      },
    },
    models: {
      flash: { targets: ['google/gemini-3-flash'], retry: { attempts: 1 } },
      other: { targets: ['other/m'], retry: { attempts: 1 } },
    },
  })
})

afterAll(async () => {
  await gateway.close()
  server.close()
})

async function ask(path: string, body: object) {
  const response = await fetch(gateway.url + path, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  return { status: response.status, headers: response.headers, text: await response.text(), sent: sent.at(-1) }
}

const dataOf = (text: string): readonly Json[] =>
  text.split('\n').flatMap((line) => (line.startsWith('data: {') ? [parseJson(line.slice(6)) ?? null] : []))

test('a chat is spoken to Gemini and comes back as one', async () => {
  const body = {
    model: 'flash',
    messages: [
      { role: 'system', content: 'kind' },
      { role: 'user', content: 'hi' },
    ],
    max_tokens: 9,
  }
  const { status, headers, text, sent: upstream } = await ask('/v1/chat/completions', body)
  expect(status).toBe(200)
  expect(upstream).toEqual({
    url: '/v1beta/models/gemini-3-flash:generateContent',
    key: 'google-key',
    body: {
      systemInstruction: { parts: [{ text: 'kind' }] },
      contents: [{ role: 'user', parts: [{ text: 'hi' }] }],
      generationConfig: { maxOutputTokens: 9 },
    },
  })
  const answer = parseJson(text)
  expect(objectAt(arrayAt(answer, 'choices')?.[0], 'message')).toMatchObject({ content: '안녕 👋' })
  expect(objectAt(answer, 'usage')).toMatchObject({ prompt_tokens: 10, completion_tokens: 6, cost: 0.00004 })
  expect(headers.get('x-tutti-cost-usd')).toBe('0.00004')
})

test('a streamed chat: the call, its signature, its end', async () => {
  const tools = [
    {
      type: 'function',
      function: { name: 'weather', parameters: { type: 'object', properties: { city: { type: 'string' } } } },
    },
  ]
  const body = {
    model: 'flash',
    messages: [{ role: 'user', content: '날씨' }],
    tools,
    stream: true,
    stream_options: { include_usage: true },
  }
  const { text, sent: upstream } = await ask('/v1/chat/completions', body)
  expect(upstream?.url).toBe('/v1beta/models/gemini-3-flash:streamGenerateContent?alt=sse')
  expect(text.endsWith('data: [DONE]\n\n')).toBe(true)
  const choices = dataOf(text).flatMap((chunk) => arrayAt(chunk, 'choices') ?? [])
  expect(choices.map((choice) => stringAt(objectAt(choice, 'delta'), 'content') ?? '').join('')).toBe('안녕')
  expect(JSON.stringify(choices)).toContain('SIG==')
  expect(choices.flatMap((choice) => stringAt(choice, 'finish_reason') ?? [])).toEqual(['tool_calls'])
  expect(objectAt(dataOf(text).at(-1), 'usage')).toMatchObject({ completion_tokens: 6, cost: 0.00004 })
})

const GEMINI = { contents: [{ parts: [{ text: 'hi' }] }] }

test('Gemini to Gemini travels as it came, with the cost in its usage', async () => {
  const whole = await ask('/v1beta/models/flash:generateContent', { ...GEMINI, model: 'models/other' })
  expect(whole.sent?.body).toEqual(GEMINI)
  expect(objectAt(parseJson(whole.text), 'usageMetadata')).toMatchObject({ ...usageMetadata, cost: 0.00004 })
  const events = await ask('/v1beta/models/flash:streamGenerateContent?alt=sse', GEMINI)
  const [first, second] = (ANSWERS[':streamGenerateContent'] ?? '').split('\r\n\r\n')
  expect(events.text.startsWith(`${first}\r\n\r\n${second}\r\n\r\n`)).toBe(true)
  expect(objectAt(dataOf(events.text.replaceAll('\r', '')).at(-1), 'usageMetadata')).toMatchObject({ cost: 0.00004 })
})

test('an array where no events are asked for', async () => {
  const { headers, text } = await ask('/v1beta/models/flash:streamGenerateContent', GEMINI)
  expect(headers.get('content-type')).toContain('application/json')
  const objects = parseJson(text)
  expect(Array.isArray(objects) && objects.length).toBe(3)
  expect(objectAt(Array.isArray(objects) ? objects[2] : null, 'usageMetadata')).toMatchObject({ cost: 0.00004 })
})

test('Gemini`s clients meet another vendor, in events and in an array', async () => {
  const events = await ask('/v1beta/models/other:streamGenerateContent?alt=sse', GEMINI)
  expect(objectAt({ body: events.sent?.body }, 'body')).toMatchObject({
    model: 'm',
    messages: [{ role: 'user', content: 'hi' }],
  })
  const seen = dataOf(events.text.replaceAll('\r', ''))
  expect(JSON.stringify(seen[0])).toContain('생각')
  expect(numberAt(objectAt(seen.at(-1), 'usageMetadata'), 'cost')).toBe(0.000013)
  const array = await ask('/v1beta/models/other:streamGenerateContent', GEMINI)
  expect(JSON.stringify(parseJson(array.text))).toContain('생각')
})

test('errors are Google`s', async () => {
  const { status, text } = await ask('/v1beta/models/nobody:generateContent', GEMINI)
  expect(status).toBe(404)
  expect(objectAt(parseJson(text), 'error')).toMatchObject({ code: 404, status: 'NOT_FOUND' })
})
