// tutti in front of the scripted provider: its adapters speak Anthropic's, Google's and AWS's dialects to it, its caller speaks chat completions.
import Anthropic from '@anthropic-ai/sdk'
import { GoogleGenAI } from '@google/genai'
import OpenAI from 'openai'
import { afterEach, describe, expect, test } from 'vitest'
import { createGateway, type TuttiGateway } from '#src/index.ts'
import type { Answer } from '#src/testing.ts'
import {
  cut,
  embedding,
  fail,
  failInside,
  mockProviders,
  script,
  stream,
  structured,
  think,
  toolCalls,
  type MockProviders,
} from '#src/testing.ts'

const HOST = 'https://mock.test'
const VERTEX = {
  type: 'google-vertex',
  baseUrl: `${HOST}/v1/projects/p/locations/us-central1`,
  settings: { project: 'p', location: 'us-central1' },
} as const

/** How each is reached, for which model, and where it asks: whole, and for a stream. */
const UPSTREAMS = [
  {
    name: 'anthropic',
    provider: { type: 'anthropic', baseUrl: `${HOST}/v1` },
    model: 'claude-sonnet-4-5',
    paths: ['/v1/messages', '/v1/messages'],
  },
  {
    name: 'gemini',
    provider: { type: 'gemini', baseUrl: `${HOST}/v1beta` },
    model: 'gemini-2.5-flash',
    paths: [
      '/v1beta/models/gemini-2.5-flash:generateContent',
      '/v1beta/models/gemini-2.5-flash:streamGenerateContent?alt=sse',
    ],
  },
  {
    name: 'aws-bedrock',
    provider: { type: 'aws-bedrock', baseUrl: HOST, settings: { awsRegion: 'us-east-1' } },
    model: 'anthropic.claude-sonnet-4-5-v1:0',
    paths: [
      '/model/anthropic.claude-sonnet-4-5-v1%3A0/converse',
      '/model/anthropic.claude-sonnet-4-5-v1%3A0/converse-stream',
    ],
  },
  {
    name: 'google-vertex, gemini',
    provider: VERTEX,
    model: 'gemini-2.5-flash',
    paths: [
      '/v1/projects/p/locations/us-central1/publishers/google/models/gemini-2.5-flash:generateContent',
      '/v1/projects/p/locations/us-central1/publishers/google/models/gemini-2.5-flash:streamGenerateContent?alt=sse',
    ],
  },
  {
    name: 'google-vertex, claude',
    provider: VERTEX,
    model: 'claude-sonnet-4-5',
    paths: [
      '/v1/projects/p/locations/us-central1/publishers/anthropic/models/claude-sonnet-4-5:rawPredict',
      '/v1/projects/p/locations/us-central1/publishers/anthropic/models/claude-sonnet-4-5:streamRawPredict',
    ],
  },
] as const
type Upstream = (typeof UPSTREAMS)[number]

let gateway: TuttiGateway | undefined

afterEach(() => gateway?.close())

async function start({ provider, model }: Upstream, ...answers: readonly Answer[]) {
  const mock: MockProviders = mockProviders({ script: script(...answers), baseUrl: HOST })
  const own = { ...provider, apiKey: 'sk-canary', models: { [model]: { developer: 'tutti-test', lineage: [] } } }
  const models = { alias: { targets: [`mock/${model}`], retry: { attempts: 1 } } }
  const opened = await createGateway({ version: 1, providers: { mock: own }, models }, { fetch: mock.fetch })
  gateway = opened
  const client = new OpenAI({
    baseURL: 'http://tutti.test/v1',
    apiKey: 'sk-app',
    maxRetries: 0,
    fetch: (url, init) => opened.fetch(new Request(url, init)),
  })
  return { client, mock }
}

const DELTAS = ['안녕', '하세요', ', hello ', '👋']
const TOOLS: OpenAI.ChatCompletionFunctionTool[] = ['weather', 'time'].map((name) => ({
  type: 'function',
  function: { name, parameters: { type: 'object', properties: {} } },
}))
const SCHEMA = { type: 'object', required: ['city'], properties: { city: { type: 'string' } } }
const CALLS = [
  { name: 'weather', arguments: { city: '서울' }, id: 'call_one' },
  { name: 'time', arguments: '{"zone":"Asia/Seoul"}', id: 'call_two', pieces: 1 },
]

const CASES = UPSTREAMS.flatMap((upstream) => [true, false].map((streamed) => ({ ...upstream, upstream, streamed })))

describe.each(CASES)('$name, streamed: $streamed', ({ upstream, streamed, paths }) => {
  /** One request, and what the caller's client puts together. */
  async function ask(answer: Answer, more: Partial<OpenAI.ChatCompletionCreateParamsNonStreaming> = {}) {
    const { client, mock } = await start(upstream, answer)
    const body = { model: 'alias', messages: [{ role: 'user' as const, content: '안녕' }], ...more }
    const completion = streamed
      ? await client.chat.completions
          .stream({ ...body, stream: true, stream_options: { include_usage: true } })
          .finalChatCompletion()
      : await client.chat.completions.create(body)
    expect(mock.requests.map(({ url }) => url)).toEqual([HOST + paths[streamed ? 1 : 0]])
    expect(JSON.stringify(mock.requests)).not.toContain('sk-canary')
    return completion
  }

  test('text and usage', async () => {
    const usage = { input: 70, cached: 30, output: 50 }
    const completion = await ask(stream(DELTAS, { usage }))
    expect(completion.choices[0]).toMatchObject({ message: { content: DELTAS.join('') }, finish_reason: 'stop' })
    expect(completion.usage).toMatchObject({
      prompt_tokens: 70,
      completion_tokens: 50,
      prompt_tokens_details: { cached_tokens: 30 },
    })
  })

  test('parallel tool calls behind a thought', async () => {
    const completion = await ask(toolCalls(CALLS, { reasoning: '음, 날씨' }), { tools: TOOLS })
    expect(completion.choices[0]).toMatchObject({
      finish_reason: 'tool_calls',
      message: {
        tool_calls: [
          { id: 'call_one', function: { name: 'weather', arguments: '{"city":"서울"}' } },
          { id: 'call_two', function: { name: 'time', arguments: '{"zone":"Asia/Seoul"}' } },
        ],
      },
    })
  })

  test('structured output, and a length', async () => {
    const format = { type: 'json_schema', json_schema: { name: 'x', strict: true, schema: SCHEMA } } as const
    const told = await ask(structured({ finishReason: 'stop' }), { response_format: format })
    expect(told.choices[0]?.message.content).toBe('{"city":"서울"}')
    if (!streamed) expect((await ask({}, { max_tokens: 2 })).choices[0]?.finish_reason).toBe('length')
  })

  test.each([
    [fail(429, { message: '천천히' }), OpenAI.RateLimitError],
    [fail(400, { message: '천천히' }), OpenAI.BadRequestError],
    [fail(503, { message: '천천히' }), OpenAI.InternalServerError],
  ])('an error (%#)', async (answer, kind) => {
    const error = await ask(answer).catch((one: unknown) => one)
    expect(error).toBeInstanceOf(kind)
    expect(error).toMatchObject({ message: expect.stringContaining('천천히') })
  })

  test('what breaks off, or breaks inside, is no answer', async () => {
    const place = streamed ? { afterEvents: 4 } : { afterBytes: 20 }
    for (const how of ['fin', 'reset', 'terminated'] as const)
      await expect(ask(cut(stream(DELTAS), { ...place, how }))).rejects.toBeInstanceOf(Error)
    const inside = failInside(stream(DELTAS), { message: '과부하', type: 'overloaded' }, { afterEvents: 4 })
    await expect(ask(inside)).rejects.toBeInstanceOf(OpenAI.APIError)
  })
})

test.each(UPSTREAMS)('$name: the proof of a thought comes back with the tools` results', async (upstream) => {
  const [call] = CALLS
  const calls = call === undefined ? [] : [call]
  const signature = 'c2lnbmVkIGJ5IHRoZSBtb2Nr'
  const { client, mock } = await start(upstream, toolCalls(calls, { reasoning: '음', signature }), think('a', '맑음'))
  const user = { role: 'user', content: '날씨?' } as const
  const body = { model: 'alias', tools: TOOLS, reasoning_effort: 'low' } as const
  const first = await client.chat.completions.create({ ...body, tools: [...TOOLS], messages: [user] })
  const message = first.choices[0]?.message
  if (message === undefined) throw new Error('no message')
  const result = { role: 'tool', tool_call_id: 'call_one', content: '맑음' } as const
  const second = await client.chat.completions.create({ ...body, tools: [...TOOLS], messages: [user, message, result] })
  expect(second.choices[0]?.message.content).toBe('맑음')
  expect(JSON.stringify(mock.requests[1]?.body)).toContain(signature)
})

test('counts and vectors, asked by the clients of Anthropic and Google', async () => {
  const [anthropic, gemini] = UPSTREAMS
  const counting = await start(anthropic)
  const opened = gateway
  const claude = new Anthropic({
    baseURL: 'http://tutti.test',
    apiKey: 'sk-app',
    maxRetries: 0,
    fetch: async (url, init) => opened?.fetch(new Request(url, init)) ?? Response.error(),
  })
  const counted = await claude.messages.countTokens({ model: 'alias', messages: [{ role: 'user', content: '안녕' }] })
  expect(counted.input_tokens).toBeGreaterThan(2)
  expect(counting.mock.requests.map(({ url }) => url)).toEqual([`${HOST}/v1/messages/count_tokens`])
  await opened?.close()

  await start(gemini, embedding([0.5, -0.25]))
  const google = new GoogleGenAI({
    apiKey: 'sk-app',
    httpOptions: {
      baseUrl: 'http://tutti.test',
      fetch: async (url, init) => gateway?.fetch(new Request(url, init)) ?? Response.error(),
    },
  })
  const { totalTokens } = await google.models.countTokens({ model: 'alias', contents: '안녕' })
  expect(totalTokens).toBeGreaterThan(2)
  const { embeddings } = await google.models.embedContent({ model: 'alias', contents: ['a', 'b'] })
  expect(embeddings?.map(({ values }) => values)).toEqual([
    [0.5, -0.25],
    [0.5, -0.25],
  ])
})
