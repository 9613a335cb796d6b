// What the scripted provider writes where no official client is at hand: as it stands in recorded traffic and in the vendors' references.
import { afterEach, expect, test, vi } from 'vitest'
import { isObject, parseJson, type JsonObject } from '#src/core/json.ts'
import type { Answer, Script } from '#src/testing.ts'
import { cite, failInside, mockProviders, reply, script, stream, think, toolCall, toolCalls } from '#src/testing.ts'

afterEach(() => vi.useRealTimers())

const HOST = 'https://mock.test'
const MESSAGES = [{ role: 'user', content: '안녕' }]

async function send(given: Script | Answer, path: string, asked: { body?: object; accept?: string } = {}) {
  const mock = mockProviders({ script: 'answers' in given ? given : script(given), baseUrl: HOST })
  const { body, accept } = asked
  return mock.fetch(HOST + path, {
    method: body === undefined ? 'GET' : 'POST',
    headers: { ...(accept !== undefined && { accept }) },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  })
}

/** The events of a stream: names, and what stands in them. */
function eventsOf(text: string): readonly { name: string | undefined; data: JsonObject | string }[] {
  return text
    .split('\n\n')
    .filter((block) => block !== '')
    .map((block) => {
      const field = (name: string) => {
        const line = block.split('\n').find((each) => each.startsWith(`${name}: `))
        return line?.slice(name.length + 2)
      }
      const data = field('data') ?? ''
      const value = parseJson(data)
      return { name: field('event'), data: isObject(value) ? value : data }
    })
}

const COHERE = { model: 'command-a-03-2025', messages: MESSAGES }

test('cohere: an answer as it is recorded, citations in characters', async () => {
  const answer = cite('👋 날씨는 맑음', [{ url: 'https://x.test', title: 'T', text: '맑음' }], {
    usage: { input: 7, output: 5 },
  })
  const response = await send(answer, '/v2/chat', { body: COHERE })
  const whole = await response.json()
  expect(whole).toEqual({
    id: expect.any(String),
    message: {
      role: 'assistant',
      content: [{ type: 'text', text: '👋 날씨는 맑음' }],
      citations: [
        {
          start: 6,
          end: 8,
          text: '맑음',
          sources: [{ type: 'document', id: 'doc:0', document: { id: 'doc:0', title: 'T', url: 'https://x.test' } }],
          content_index: 0,
          type: 'TEXT_CONTENT',
        },
      ],
    },
    finish_reason: 'COMPLETE',
    usage: {
      billed_units: { input_tokens: 7, output_tokens: 5 },
      tokens: { input_tokens: 7, output_tokens: 5 },
      cached_tokens: 0,
    },
  })
  expect(whole.id.split('-').map((part: string) => part.length)).toEqual([8, 4, 4, 4, 12])
})

test('cohere: events in their order, each with its name', async () => {
  const body = { ...COHERE, stream: true, thinking: { type: 'enabled' } }
  const answer = toolCall('look', { a: 1 }, { reasoning: '음', text: '네', citations: [{ url: 'https://x.test' }] })
  const events = eventsOf(await (await send(answer, '/v2/chat', { body })).text())
  expect(events.map(({ name }) => name)).toEqual([
    'message-start',
    'content-start',
    'content-delta',
    'content-end',
    'content-start',
    'content-delta',
    'content-end',
    'citation-start',
    'citation-end',
    'tool-call-start',
    'tool-call-delta',
    'tool-call-delta',
    'tool-call-delta',
    'tool-call-end',
    'message-end',
    undefined,
  ])
  expect(events.slice(0, -1).every(({ name, data }) => isObject(data) && data['type'] === name)).toBe(true)
  expect(events[2]?.data).toMatchObject({ index: 0, delta: { message: { content: { thinking: '음' } } } })
  expect(events[5]?.data).toMatchObject({ index: 1, delta: { message: { content: { text: '네' } } } })
  expect(events.at(-2)?.data).toMatchObject({ delta: { finish_reason: 'TOOL_CALL' } })
  expect(events.at(-1)?.data).toBe('[DONE]')
})

test('cohere: a plan, log probabilities, an error', async () => {
  const planned = await (await send(toolCall('look', {}, { reasoning: '본다' }), '/v2/chat', { body: COHERE })).json()
  expect(planned.message).toEqual({
    role: 'assistant',
    tool_plan: '본다',
    tool_calls: [{ id: expect.any(String), type: 'function', function: { name: 'look', arguments: '{}' } }],
  })
  const asked = { ...COHERE, logprobs: true }
  const { logprobs } = await (await send(stream(['a', 'b']), '/v2/chat', { body: asked })).json()
  expect(logprobs).toMatchObject([{ text: 'a', token_ids: [expect.any(Number)] }, { text: 'b' }])
  const refused = await send({}, '/v2/chat', { body: { model: 'x' } })
  expect([refused.status, Object.keys(await refused.json())]).toEqual([400, ['id', 'message']])
  const broken = await send(failInside(stream(['a']), 'no'), '/v2/chat', { body: { ...COHERE, stream: true } })
  expect(eventsOf(await broken.text())).toMatchObject([
    { name: 'message-end', data: { type: 'message-end', delta: { finish_reason: 'ERROR', error: 'no' } } },
  ])
})

test('rerank: in the form of Cohere at its second version', async () => {
  const body = { model: 'rerank-v4', query: '서울', documents: ['부산', '서울'], top_n: 1 }
  const answer = { reply: { scores: [0.25, 0.75] } }
  expect(await (await send(answer, '/v2/rerank', { body })).json()).toEqual({
    id: expect.any(String),
    results: [{ index: 1, relevance_score: 0.75 }],
    meta: { api_version: { version: '2' }, billed_units: { search_units: 1 } },
  })
  expect(await (await send({ error: { status: 422, message: 'no' } }, '/v1/rerank', { body })).json()).toEqual({
    detail: 'no',
  })
})

const CLOVA = '/testapp/v3/chat-completions/HCX-005'
const EVENTS = 'text/event-stream'

test('clova: a stream is asked for by `accept` alone, and says everything once more', async () => {
  // Both answers say when they were made.
  vi.useFakeTimers({ toFake: ['Date'] })
  const body = { messages: MESSAGES, stream: true }
  const answer = think('음', '안녕 👋', { usage: { input: 9, output: 5, reasoning: 2 } })
  const whole = await (await send(answer, CLOVA, { body })).json()
  expect(whole).toMatchObject({
    status: { code: '20000', message: 'OK' },
    result: {
      message: { role: 'assistant', content: '안녕 👋', thinkingContent: '음' },
      finishReason: 'stop',
      usage: { promptTokens: 9, completionTokens: 5, totalTokens: 14, completionTokensDetails: { thinkingTokens: 2 } },
      aiFilter: [{ groupName: 'curse' }, {}, {}],
    },
  })
  const events = eventsOf(await (await send(answer, CLOVA, { body, accept: EVENTS })).text())
  expect(events.map(({ name }) => name)).toEqual(['token', 'token', 'token', 'result', 'signal'])
  expect(events[0]?.data).toMatchObject({ message: { content: '', thinkingContent: '음' }, finishReason: null })
  expect(events[3]?.data).toEqual(whole.result)
  expect(events[4]?.data).toEqual({ data: '[DONE]' })
})

test('clova: calls as objects, in a stream as pieces of JSON and without a signal', async () => {
  const answer = toolCalls([
    { name: 'look', arguments: { city: '서울' }, id: 'c1' },
    { name: 'now', pieces: 1 },
  ])
  const whole = await (await send(answer, CLOVA, { body: { messages: MESSAGES } })).json()
  expect(whole.result).toMatchObject({
    finishReason: 'tool_calls',
    message: { content: '', toolCalls: [{ id: 'c1', function: { arguments: { city: '서울' } } }, {}] },
  })
  const events = eventsOf(await (await send(answer, CLOVA, { body: { messages: MESSAGES }, accept: EVENTS })).text())
  expect(events.at(-1)?.name).toBe('result')
  expect(events.map(({ data }) => isObject(data) && data['message'])).toMatchObject([
    { toolCalls: [{ id: 'c1', type: 'function', function: { name: 'look' } }] },
    { toolCalls: [{ function: { partialJson: expect.any(String) } }] },
    {},
    {},
    { toolCalls: [{ function: { name: 'now', partialJson: '{}' } }] },
    {},
  ])
})

test.each([
  [{ status: 400 }, '40000'],
  [{ status: 429, code: 42901 }, '42901'],
  [{ status: 500, code: 'x' }, '50000'],
])('clova: the error %j has the code %s', async (error, code) => {
  const response = await send({ error }, CLOVA, { body: { messages: MESSAGES } })
  expect([response.status, await response.json()]).toMatchObject([error.status, { status: { code } }])
})

test('clova: what is not told to write more writes a hundred tokens', async () => {
  const long = { ...reply('x'), reply: { model: '가'.repeat(10) } }
  const { result } = await (await send(long, CLOVA, { body: { messages: MESSAGES, maxTokens: 3 } })).json()
  expect(result).toMatchObject({ finishReason: 'length', usage: { completionTokens: 3 } })
})

const OLLAMA = { model: 'qwen3:4b', messages: MESSAGES }

test('ollama: lines unless told otherwise; calls whole, arguments as objects', async () => {
  const answer = toolCall('look', { city: '서울' }, { reasoning: '음', text: '네', usage: { input: 7, output: 5 } })
  const response = await send(answer, '/api/chat', { body: OLLAMA })
  expect(response.headers.get('content-type')).toBe('application/x-ndjson')
  const lines = (await response.text()).trim().split('\n').map(parseJson)
  expect(lines).toMatchObject([
    { model: 'qwen3:4b', message: { role: 'assistant', content: '', thinking: '음' }, done: false },
    { message: { content: '네' }, done: false },
    { message: { content: '', tool_calls: [{ function: { name: 'look', arguments: { city: '서울' } } }] } },
    { message: { content: '' }, done: true, done_reason: 'stop', prompt_eval_count: 7, eval_count: 5 },
  ])
  const whole = await (await send(answer, '/api/chat', { body: { ...OLLAMA, stream: false } })).json()
  expect(whole).toMatchObject({
    message: { content: '네', thinking: '음', tool_calls: [{}] },
    done: true,
    eval_count: 5,
  })
  expect(new Date(whole.created_at).getTime()).toBeGreaterThan(0)
})

test('ollama: errors are a text, and models have tags', async () => {
  const given = { answers: [], otherwise: {}, models: ['qwen3:4b'] }
  const unknown = await send(given, '/api/chat', { body: { ...OLLAMA, model: 'x' } })
  expect([unknown.status, await unknown.json()]).toEqual([404, { error: "model 'x' not found" }])
  const { models } = await (await send(given, '/api/tags')).json()
  expect(models).toMatchObject([{ name: 'qwen3:4b', model: 'qwen3:4b', details: { format: 'gguf' } }])
  expect(models[0].digest).toHaveLength(64)
  const broken = await send(failInside(stream(['a', 'b']), 'gone', { afterEvents: 1 }), '/api/chat', { body: OLLAMA })
  expect((await broken.text()).trim().split('\n').map(parseJson)).toMatchObject([{ done: false }, { error: 'gone' }])
})

const RUN = '/client/v4/accounts/acc/ai/run/@cf/meta/llama-3.1-8b-instruct'

test('workers ai: an envelope, padded events, and an end', async () => {
  const answer = toolCall('look', { city: '서울' }, { text: '네', usage: { input: 7, output: 5 } })
  const usage = { prompt_tokens: 7, completion_tokens: 5, total_tokens: 12 }
  const calls = [{ name: 'look', arguments: { city: '서울' } }]
  expect(await (await send(answer, RUN, { body: { messages: MESSAGES } })).json()).toEqual({
    result: { response: '네', tool_calls: calls, usage },
    success: true,
    errors: [],
    messages: [],
  })
  const streamed = await send(answer, RUN, { body: { messages: MESSAGES, stream: true } })
  expect(eventsOf(await streamed.text()).map(({ data }) => data)).toMatchObject([
    { response: '네', p: expect.any(String) },
    { response: '', tool_calls: calls },
    { response: '', usage },
    '[DONE]',
  ])
})

test('workers ai: a prompt will do, JSON is an object, errors have numbers', async () => {
  const format = { type: 'json_schema', json_schema: { type: 'object', properties: { city: { type: 'string' } } } }
  const body = { prompt: '서울?', response_format: format }
  const { result } = await (await send({}, RUN, { body })).json()
  expect(result.response).toEqual({ city: '서울' })
  const refused = await send({}, RUN, { body: {} })
  expect([refused.status, await refused.json()]).toMatchObject([400, { success: false, errors: [{ code: 5006 }] }])
  const limited = await send({ error: { status: 429 } }, RUN, { body })
  expect(await limited.json()).toMatchObject({ result: null, success: false, errors: [{ code: 3040 }], messages: [] })
})
