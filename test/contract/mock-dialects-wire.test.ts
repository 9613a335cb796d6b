// What the scripted provider writes in Anthropic's, Google's and AWS's dialects: as it stands in recorded traffic, whoever reads it.
import { expect, test } from 'vitest'
import { converseCodec } from '#providers/aws-bedrock/codec.ts'
import { collect } from '#src/core/collect.ts'
import { isObject, parseJson, type JsonObject } from '#src/core/json.ts'
import type { Answer, Script } from '#src/testing.ts'
import {
  cite,
  cut,
  empty,
  fail,
  failInside,
  mockProviders,
  refuse,
  reply,
  script,
  stream,
  structured,
  think,
  toolCall,
  toolCalls,
} from '#src/testing.ts'
import { decodeSteps } from '../support/answers.ts'

const HOST = 'https://mock.test'
const HELLO = expect.stringContaining('안녕하세요!')

function send(given: Script | Answer, path: string, body: object = {}): Promise<Response> {
  const { fetch } = mockProviders({ script: 'answers' in given ? given : script(given), baseUrl: HOST })
  return fetch(HOST + path, { method: 'POST', body: JSON.stringify(body) })
}

/** The events of a stream: each with its name, where it has one. */
function eventsOf(text: string, end = '\n'): readonly (readonly [string | undefined, JsonObject])[] {
  const blocks = text.split(end + end).filter((block) => block !== '')
  return blocks.map((block) => {
    const fields = block.split(end).map((line) => line.split(': '))
    const named = (name: string) => fields.find(([field]) => field === name)
    const value = parseJson(named('data')?.slice(1).join(': ') ?? '')
    return [named('event')?.[1], isObject(value) ? value : {}]
  })
}

const CITED = cite('👋 날씨는 맑음', [{ url: 'https://x.test', title: 'T', text: '맑음' }])
const CALL = toolCall('look', { city: '서울' }, { reasoning: '음', text: '네', usage: { input: 9, output: 7 } })

const CLAUDE = { model: 'claude-x', max_tokens: 100, messages: [{ role: 'user', content: '안녕' }] }
const MESSAGES = '/v1/messages'

test('messages: events in their order, each by its name', async () => {
  const events = eventsOf(await (await send(CALL, MESSAGES, { ...CLAUDE, stream: true })).text())
  expect(events.map(([name]) => name)).toEqual(events.map(([, { type }]) => type))
  expect(events.map(([, { type, index, delta }]) => [type, index, isObject(delta ?? null) && delta])).toMatchObject([
    ['message_start', undefined, false],
    ['content_block_start', 0, false],
    ['ping', undefined, false],
    ['content_block_delta', 0, { type: 'thinking_delta', thinking: '음' }],
    ['content_block_delta', 0, { type: 'signature_delta', signature: expect.any(String) }],
    ['content_block_stop', 0, false],
    ['content_block_start', 1, false],
    ['content_block_delta', 1, { type: 'text_delta', text: '네' }],
    ['content_block_stop', 1, false],
    ['content_block_start', 2, false],
    ['content_block_delta', 2, { type: 'input_json_delta', partial_json: '' }],
    ['content_block_delta', 2, { partial_json: '{"cit' }],
    ['content_block_delta', 2, { partial_json: 'y":"서' }],
    ['content_block_delta', 2, { partial_json: '울"}' }],
    ['content_block_stop', 2, false],
    ['message_delta', undefined, { stop_reason: 'tool_use', stop_sequence: null, stop_details: null }],
    ['message_stop', undefined, false],
  ])
  expect(events[0]?.[1]).toMatchObject({
    message: { id: expect.stringMatching('msg_'), content: [], stop_reason: null, usage: { output_tokens: 1 } },
  })
  expect(events[9]?.[1]).toMatchObject({ content_block: { type: 'tool_use', name: 'look', input: {} } })
  expect(events[15]?.[1]).toMatchObject({
    usage: { input_tokens: 9, output_tokens: 7, output_tokens_details: { thinking_tokens: 1 } },
  })
})

test('messages: what is cited stands in a block of its own, its sources first', async () => {
  const citation = { type: 'web_search_result_location', cited_text: '맑음', url: 'https://x.test', title: 'T' }
  const whole = await (await send(CITED, MESSAGES, CLAUDE)).json()
  expect(whole.content).toMatchObject([{ text: '👋 날씨는 ' }, { text: '맑음', citations: [citation] }])
  expect(whole.content[0]).not.toHaveProperty('citations')
  const events = eventsOf(await (await send(CITED, MESSAGES, { ...CLAUDE, stream: true })).text())
  const second = events.filter(([, { index }]) => index === 1).map(([, json]) => json)
  expect(second).toMatchObject([
    { content_block: { citations: [], type: 'text', text: '' } },
    { delta: { type: 'citations_delta', citation } },
    { delta: { type: 'text_delta', text: '맑음' } },
    { type: 'content_block_stop' },
  ])
})

test('messages: a tool without arguments has an empty piece of input; nothing said, no block', async () => {
  const called = eventsOf(await (await send(toolCall('now'), MESSAGES, { ...CLAUDE, stream: true })).text())
  expect(called.filter(([name]) => name === 'content_block_delta')).toMatchObject([
    [{}, { delta: { partial_json: '' } }],
  ])
  const silent = eventsOf(await (await send(empty(), MESSAGES, { ...CLAUDE, stream: true })).text())
  expect(silent.map(([name]) => name)).toEqual(['message_start', 'ping', 'message_delta', 'message_stop'])
})

test('messages: thoughts that are not shown, and a refusal', async () => {
  const hidden = { ...CLAUDE, thinking: { type: 'adaptive', display: 'omitted' } }
  const thought = { type: 'thinking', thinking: '', signature: 'c2ln' }
  const answer = think('음', 'a', { signature: 'c2ln' })
  expect((await (await send(answer, MESSAGES, hidden)).json()).content).toEqual([thought, { type: 'text', text: 'a' }])
  const events = eventsOf(await (await send(answer, MESSAGES, { ...hidden, stream: true })).text())
  expect(events.filter(([, { index, delta }]) => index === 0 && delta !== undefined)).toMatchObject([
    [{}, { delta: { type: 'signature_delta', signature: 'c2ln' } }],
  ])
  expect(await (await send(refuse('아니요'), MESSAGES, CLAUDE)).json()).toMatchObject({
    content: [{ type: 'text', text: '아니요' }],
    stop_reason: 'refusal',
    stop_details: { type: 'refusal', category: null, explanation: '아니요' },
  })
})

test('messages: the tool that is asked for is called, none where none may be or one has answered', async () => {
  const schema = { type: 'object', properties: { x: { type: 'integer' } } }
  const tools = [
    { type: 'web_search_20250305', name: 's' },
    ...['a', 'b'].map((name) => ({ name, input_schema: schema })),
  ]
  const content = async (more: object) =>
    (await (await send({}, MESSAGES, { ...CLAUDE, tools, ...more })).json()).content
  expect(await content({ tool_choice: { type: 'tool', name: 'b' } })).toMatchObject([{ name: 'b', input: { x: 21 } }])
  expect(await content({ tool_choice: { type: 'any' } })).toMatchObject([{ type: 'tool_use', name: 'a' }])
  expect(await content({ tool_choice: { type: 'none' } })).toMatchObject([{ type: 'text' }])
  const answered = { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'x', content: '맑음' }] }
  expect(await content({ messages: [...CLAUDE.messages, answered] })).toMatchObject([{ type: 'text' }])
})

test('messages: what was read from a cache and written to one is beside the input', async () => {
  const usage = { input: 100, cached: 60, cacheWrite: 30, output: 5 }
  const whole = await (await send(reply('a', { usage }), MESSAGES, CLAUDE)).json()
  expect(whole.usage).toMatchObject({
    input_tokens: 10,
    cache_read_input_tokens: 60,
    cache_creation_input_tokens: 30,
    cache_creation: { ephemeral_5m_input_tokens: 30, ephemeral_1h_input_tokens: 0 },
    output_tokens: 5,
  })
})

test('messages: errors, whole and in a stream', async () => {
  const refused = await send(fail(429, { message: 'slow', retryAfter: 3 }), MESSAGES, CLAUDE)
  const id = refused.headers.get('request-id')
  expect([refused.status, refused.headers.get('retry-after'), await refused.json()]).toEqual([
    429,
    '3',
    { type: 'error', error: { type: 'rate_limit_error', message: 'slow' }, request_id: id },
  ])
  const short = await send(reply('a'), MESSAGES, { model: 'claude-x', messages: [] })
  expect(await short.json()).toMatchObject({
    error: { type: 'invalid_request_error', message: 'max_tokens: Field required' },
  })
  const broken = failInside(stream(['a']), { type: 'overloaded_error', message: 'busy' }, { afterEvents: 1 })
  const events = eventsOf(await (await send(broken, MESSAGES, { ...CLAUDE, stream: true })).text())
  expect(events.slice(1)).toEqual([
    ['error', { type: 'error', error: { details: null, type: 'overloaded_error', message: 'busy' } }],
  ])
})

test('messages at vertex: model and stream stand in the path', async () => {
  const place = '/v1/projects/p/locations/global/publishers/anthropic/models'
  const body = { anthropic_version: 'vertex-2023-10-16', max_tokens: 10, messages: CLAUDE.messages }
  const whole = await send(reply('a'), `${place}/claude-x%4020250929:rawPredict`, body)
  expect(await whole.json()).toMatchObject({ model: 'claude-x@20250929', content: [{ text: 'a' }] })
  const streamed = await send(reply('a'), `${place}/claude-x:streamRawPredict`, body)
  expect(eventsOf(await streamed.text()).at(-1)?.[0]).toBe('message_stop')
  const counted = await send(script(), `${place}/count-tokens:rawPredict`, CLAUDE)
  expect(await counted.json()).toEqual({ input_tokens: expect.any(Number) })
})

const GEMINI = { contents: [{ role: 'user', parts: [{ text: '안녕' }] }] }
const GENERATE = '/v1beta/models/gemini-x:generateContent'
const STREAM = '/v1beta/models/gemini-x:streamGenerateContent'

test('gemini: a whole answer; the first call is signed, thoughts are counted beside what is said', async () => {
  const calls = toolCalls([{ name: 'look', arguments: { city: '서울' }, id: 'c1' }, { name: 'now' }], {
    reasoning: '음',
    signature: 'c2ln',
    usage: { input: 9, cached: 4, output: 7, reasoning: 5 },
  })
  expect(await (await send(calls, GENERATE, GEMINI)).json()).toEqual({
    candidates: [
      {
        content: {
          parts: [
            { text: '음', thought: true },
            { functionCall: { name: 'look', args: { city: '서울' }, id: 'c1' }, thoughtSignature: 'c2ln' },
            { functionCall: { name: 'now', args: {}, id: expect.any(String) } },
          ],
          role: 'model',
        },
        finishReason: 'STOP',
        finishMessage: 'Model generated function call(s).',
        index: 0,
      },
    ],
    usageMetadata: {
      promptTokenCount: 9,
      candidatesTokenCount: 2,
      totalTokenCount: 16,
      cachedContentTokenCount: 4,
      promptTokensDetails: [{ modality: 'TEXT', tokenCount: 9 }],
      cacheTokensDetails: [{ modality: 'TEXT', tokenCount: 4 }],
      thoughtsTokenCount: 5,
    },
    modelVersion: 'gemini-x',
    responseId: expect.any(String),
  })
})

test('gemini: events with `alt=sse`, else one array of the same, usage as far as it has come', async () => {
  const answer = think('음', '안녕 👋', { usage: { input: 9, output: 20, reasoning: 4 } })
  const sse = await send(answer, `${STREAM}?alt=sse`, GEMINI)
  expect(sse.headers.get('content-type')).toContain('text/event-stream')
  const text = await sse.text()
  const events = eventsOf(text, '\r\n').map(([, json]) => json)
  expect(text.endsWith('\r\n\r\n')).toBe(true)
  expect(events).toMatchObject([
    { candidates: [{ content: { parts: [{ text: '음', thought: true }] } }], usageMetadata: { thoughtsTokenCount: 1 } },
    { candidates: [{ content: { parts: [{ text: '안녕 ' }] }, index: 0 }], usageMetadata: { candidatesTokenCount: 1 } },
    { candidates: [{ content: { parts: [{ text: '👋' }] } }], usageMetadata: { candidatesTokenCount: 2 } },
    {
      candidates: [{ content: { parts: [{ text: '', thoughtSignature: expect.any(String) }] }, finishReason: 'STOP' }],
      usageMetadata: { candidatesTokenCount: 16, thoughtsTokenCount: 4, totalTokenCount: 29 },
    },
  ])
  const array = await send(answer, STREAM, GEMINI)
  expect(array.headers.get('content-type')).toContain('application/json')
  expect(await array.json()).toEqual(events)
  const half = await (await send(cut(answer, { afterEvents: 2, how: 'terminated' }), STREAM, GEMINI)).text()
  expect([half.startsWith('['), parseJson(half), parseJson(`${half}]`)]).toEqual([true, undefined, events.slice(0, 2)])
})

test('gemini: what has come of the usage is never more than its end', async () => {
  const answer = think('음 생각', '안녕 👋 끝', { usage: { input: 9, output: 2, reasoning: 1 } })
  const events: readonly { usageMetadata: { totalTokenCount: number } }[] = await (
    await send(answer, STREAM, GEMINI)
  ).json()
  expect(events.map(({ usageMetadata }) => usageMetadata.totalTokenCount)).toEqual([10, 11, 11, 11, 11, 11])
})

test('gemini: sources by bytes, an error with its reason and how long to wait', async () => {
  const { candidates } = await (await send(CITED, GENERATE, GEMINI)).json()
  expect(candidates[0].groundingMetadata).toEqual({
    groundingChunks: [{ web: { uri: 'https://x.test', title: 'T' } }],
    groundingSupports: [{ segment: { startIndex: 15, endIndex: 21, text: '맑음' }, groundingChunkIndices: [0] }],
  })
  const refused = await send(fail(429, { message: 'slow', code: 'RATE', retryAfter: 13 }), GENERATE, GEMINI)
  expect(await refused.json()).toEqual({
    error: {
      code: 429,
      message: 'slow',
      status: 'RESOURCE_EXHAUSTED',
      details: [
        { '@type': 'type.googleapis.com/google.rpc.ErrorInfo', reason: 'RATE', domain: 'googleapis.com' },
        { '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: '13s' },
      ],
    },
  })
  expect(await (await send(reply('a'), GENERATE, {})).json()).toMatchObject({ error: { status: 'INVALID_ARGUMENT' } })
})

test('gemini: names with underscores, a tool that has to be called, several answers, the same at vertex', async () => {
  const tools = [{ function_declarations: [{ name: 'a' }, { name: 'b', parameters: { type: 'OBJECT' } }] }]
  const calling = { function_calling_config: { mode: 'ANY', allowed_function_names: ['b'] } }
  const called = await (await send({}, GENERATE, { ...GEMINI, tools, tool_config: calling })).json()
  expect(called.candidates[0].content.parts).toMatchObject([{ functionCall: { name: 'b' } }])
  const parts = async (more: object) =>
    (await (await send({}, GENERATE, { ...GEMINI, tools, ...more })).json()).candidates[0].content.parts
  expect(await parts({ toolConfig: { functionCallingConfig: { mode: 'NONE' } } })).toMatchObject([{ text: HELLO }])
  const answered = { role: 'user', parts: [{ functionResponse: { name: 'a', response: {} } }] }
  expect(await parts({ contents: [...GEMINI.contents, answered] })).toMatchObject([{ text: HELLO }])
  const schema = { type: 'OBJECT', properties: { city: { type: 'STRING' } } }
  const config = { response_mime_type: 'application/json', response_schema: schema, candidate_count: 2 }
  const vertex = '/v1/projects/p/locations/us-central1/publishers/google/models/gemini-x:generateContent'
  const { candidates } = await (await send(structured(), vertex, { ...GEMINI, generation_config: config })).json()
  expect(candidates).toMatchObject([
    { content: { parts: [{ text: '{"city":"서울"}' }] }, index: 0 },
    { content: { parts: [{ text: '{"city":"서울"}' }] }, index: 1 },
  ])
  const logged = { generationConfig: { responseLogprobs: true, logprobs: 1 } }
  const { candidates: scored } = await (await send(reply('a b'), GENERATE, { ...GEMINI, ...logged })).json()
  expect(scored[0].logprobsResult).toMatchObject({
    chosenCandidates: [{ token: 'a ' }, { token: 'b' }],
    topCandidates: [{ candidates: [{ token: 'a ' }] }, {}],
  })
})

const CONVERSE = '/model/us.anthropic.claude-x-v1%3A0/converse'
const BEDROCK = { messages: [{ role: 'user', content: [{ text: '안녕' }] }] }

async function converse(answer: Answer, body: object = BEDROCK) {
  const whole = await (await send(answer, CONVERSE, body)).json()
  const response = await send({ ...answer, wire: { split: 7 } }, `${CONVERSE}-stream`, body)
  const steps = decodeSteps(converseCodec, [new Uint8Array(await response.arrayBuffer())])
  return { whole, steps, type: response.headers.get('content-type') }
}

test.each<[string, Answer]>([
  ['thoughts, text and a call', CALL],
  ['sources', CITED],
  ['parallel calls', toolCalls([{ name: 'a', arguments: { x: '한' } }, { name: 'b', pieces: 1 }, { name: 'c' }])],
  ['a cache', reply('안녕 👋', { usage: { input: 90, cached: 50, cacheWrite: 20, output: 5 } })],
  ['a length', reply('one', { finishReason: 'length' })],
  ['nothing', empty()],
])('bedrock: %s, streamed as whole', async (_, answer) => {
  const { whole, steps, type } = await converse(answer)
  expect(type).toBe('application/vnd.amazon.eventstream')
  const decoded = converseCodec.decode(whole, 'id')
  expect(steps.at(-1)).toEqual({ type: 'end' })
  expect(collect(steps)).toEqual(decoded.answer)
})

test('bedrock: an answer as it is recorded', async () => {
  const { whole } = await converse(CALL)
  expect(whole).toEqual({
    metrics: { latencyMs: expect.any(Number) },
    output: {
      message: {
        role: 'assistant',
        content: [
          { reasoningContent: { reasoningText: { text: '음', signature: expect.any(String) } } },
          { text: '네' },
          { toolUse: { toolUseId: expect.stringMatching('tooluse_'), name: 'look', input: { city: '서울' } } },
        ],
      },
    },
    stopReason: 'tool_use',
    usage: { inputTokens: 9, outputTokens: 7, totalTokens: 16, serverToolUsage: {} },
  })
})

test('bedrock: a tool that has to be called, and a schema that is text', async () => {
  const named = (name: string) => ({ toolSpec: { name, inputSchema: { json: { type: 'object' } } } })
  const toolConfig = { tools: [named('a'), named('b')], toolChoice: { tool: { name: 'b' } } }
  const called = await converse({}, { ...BEDROCK, toolConfig })
  expect(called.whole.output.message.content).toMatchObject([{ toolUse: { name: 'b', input: {} } }])
  const results = [{ toolResult: { toolUseId: 'x', content: [{ text: '맑음' }] } }]
  const messages = [...BEDROCK.messages, { role: 'user', content: results }]
  expect((await converse({}, { messages, toolConfig })).whole.stopReason).toBe('end_turn')
  const jsonSchema = { schema: JSON.stringify({ type: 'object', properties: { city: { type: 'string' } } }) }
  const outputConfig = { textFormat: { type: 'json_schema', structure: { jsonSchema } } }
  expect((await converse({}, { ...BEDROCK, outputConfig })).whole.output.message.content).toEqual([
    { text: '{"city":"서울"}' },
  ])
  expect((await converse({}, { ...BEDROCK, inferenceConfig: { maxTokens: 2 } })).whole).toMatchObject({
    stopReason: 'max_tokens',
    usage: { outputTokens: 2 },
  })
})

test.each([
  [400, 'ValidationException'],
  [403, 'AccessDeniedException'],
  [429, 'ThrottlingException'],
  [500, 'InternalServerException'],
  [503, 'ServiceUnavailableException'],
])('bedrock: the error %i is a %s', async (status, name) => {
  const response = await send(fail(status, { message: 'no' }), CONVERSE, BEDROCK)
  const type = response.headers.get('x-amzn-errortype') ?? ''
  expect([response.status, type.split(':')[0]]).toEqual([status, name])
  expect(await response.json()).toEqual({ message: 'no' })
})

test('bedrock: an exception in a stream, and a model that there is not', async () => {
  const broken = failInside(stream(['a', 'b']), { type: 'ThrottlingException', message: 'slow' }, { afterEvents: 2 })
  const response = await send(broken, `${CONVERSE}-stream`, BEDROCK)
  const bytes = new Uint8Array(await response.arrayBuffer())
  expect(new TextDecoder().decode(bytes)).toContain('throttlingException')
  expect(decodeSteps(converseCodec, [bytes])).toMatchObject([
    { type: 'start' },
    { type: 'part-start' },
    { type: 'delta', text: 'a' },
    {
      type: 'failure',
      failure: { failure: { code: 'rate_limit_exceeded', message: expect.stringContaining('slow') } },
    },
    {},
  ])
  const unknown = await send({ answers: [], otherwise: {}, models: ['x'] }, CONVERSE, BEDROCK)
  expect([unknown.status, await unknown.json()]).toEqual([
    400,
    { message: 'The provided model identifier is invalid.' },
  ])
})
