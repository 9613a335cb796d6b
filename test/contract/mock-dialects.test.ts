// What the scripted provider says in each vendor's dialect, as the vendor's official client reads it: in process and over loopback, streamed and whole.
import Anthropic from '@anthropic-ai/sdk'
import { ApiError, GoogleGenAI } from '@google/genai'
import OpenAI from 'openai'
import { afterEach, describe, expect, test } from 'vitest'
import { startMock } from '#src/cli/mock.ts'
import type { Answer, RecordedRequest, Script } from '#src/testing.ts'
import {
  cut,
  embedding,
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
  toolCalls,
  when,
} from '#src/testing.ts'
import {
  askGemini,
  askMessages,
  askResponses,
  type Outcome,
  type Place,
  type Question,
} from '../support/mock-callers.ts'

const HOST = 'https://mock.test'

interface Face extends Place {
  readonly requests: readonly RecordedRequest[]
}

let close: (() => Promise<void>) | undefined

afterEach(() => close?.())

const FACES: Record<string, (given: Script) => Promise<Face>> = {
  'mockProviders().fetch': async (given) => {
    const mock = mockProviders({ script: given, baseUrl: HOST })
    return { origin: HOST, fetch: mock.fetch, requests: mock.requests }
  },
  'startMock over loopback': async (given) => {
    const mock = await startMock({ script: given })
    close = mock.close
    const send: Place['fetch'] = (input, init) => globalThis.fetch(input, init)
    return { origin: mock.url.slice(0, -'/v1'.length), fetch: send, requests: mock.requests }
  },
}

/** Each dialect's words, and the classes of its client's errors. */
const DIALECTS = [
  {
    name: 'responses',
    ask: askResponses,
    words: { stop: 'completed', length: 'max_output_tokens', calls: 'completed', filter: 'content_filter' },
    refusalIsText: false,
    error: (status: number | undefined, message: string) =>
      OpenAI.APIError.generate(status, { error: { message } }, message, new Headers()).constructor,
    inside: OpenAI.APIError,
  },
  {
    name: 'messages',
    ask: askMessages,
    words: { stop: 'end_turn', length: 'max_tokens', calls: 'tool_use', filter: 'refusal' },
    refusalIsText: true,
    error: (status: number | undefined, message: string) =>
      Anthropic.APIError.generate(status, { error: { message } }, message, new Headers()).constructor,
    inside: Anthropic.APIError,
  },
  {
    name: 'gemini',
    ask: askGemini,
    words: { stop: 'STOP', length: 'MAX_TOKENS', calls: 'STOP', filter: 'SAFETY' },
    refusalIsText: true,
    error: () => ApiError,
    inside: ApiError,
  },
] as const

const HELLO = '안녕하세요, hello 👩‍👩‍👧'
const DELTAS = ['안녕', '하세요', ', hello ', '👩‍👩‍👧']
const SCHEMA = { type: 'object', required: ['city'], properties: { city: { type: 'string' } } }
const BLANK = { text: '', reasoning: '', signature: '', tools: [], error: undefined }
const CALLS = toolCalls(
  [
    { name: 'weather', arguments: { city: '서울' } },
    { name: 'time', arguments: '{"zone":"Asia/Seoul"}', pieces: 1 },
    { name: 'now' },
  ],
  { signature: '' },
)
const CALLED = [
  ['weather', { city: '서울' }],
  ['time', { zone: 'Asia/Seoul' }],
  ['now', {}],
]

const ALL = Object.entries(FACES).flatMap(([face, open]) =>
  DIALECTS.flatMap((dialect) => [true, false].map((streamed) => ({ face, open, ...dialect, streamed }))),
)

describe.each(ALL)('$name over $face, streamed: $streamed', ({ open, ask, words, streamed, ...dialect }) => {
  const said = async (answer: Answer, question: Question = {}): Promise<Outcome> => {
    const face = await open(script(answer))
    const outcome = await ask(face, question, streamed)
    expect(face.requests).toHaveLength(1)
    expect(JSON.stringify(face.requests)).not.toContain('sk-canary')
    return outcome
  }

  test('text in Korean and emoji, and usage', async () => {
    const usage = { input: 70, cached: 30, output: 50, reasoning: 8 }
    const outcome = await said(stream(DELTAS, { usage, wire: { split: 1 } }))
    expect(outcome).toEqual({ ...BLANK, text: HELLO, finish: words.stop, usage: [70, 30, 50, 8] })
  })

  test('thoughts before text, signed', async () => {
    const outcome = await said(think('여섯 곱하기 일곱', '42', { signature: 'c2lnbmVk' }))
    expect(outcome).toMatchObject({ text: '42', reasoning: '여섯 곱하기 일곱', signature: 'c2lnbmVk' })
    expect((await said(think('a', 'b'))).signature).toHaveLength(24)
    expect((await said(think('a', 'b', { signature: '' }))).signature).toBe('')
  })

  test('parallel tool calls', async () => {
    const outcome = await said(CALLS, { tools: ['weather', 'time', 'now'] })
    expect(outcome).toMatchObject({ ...BLANK, tools: CALLED, finish: words.calls })
  })

  test('a tool that is offered is called', async () => {
    expect((await said({}, { tools: ['weather'] })).tools).toEqual([['weather', {}]])
  })

  test('structured output', async () => {
    for (const answer of [structured(), {}])
      expect(JSON.parse((await said(answer, { schema: SCHEMA })).text)).toEqual({ city: '서울' })
  })

  test('an end for its length, and so many tokens', async () => {
    const outcome = await said({}, { limit: 3 })
    expect([outcome.finish, outcome.usage?.[2]]).toEqual([words.length, 3])
    expect(await said(reply('one', { finishReason: 'length' }))).toMatchObject({ text: 'one', finish: words.length })
  })

  test('a refusal, and an empty answer', async () => {
    const { text, finish } = await said(refuse('아니요', { finishReason: 'content_filter' }))
    expect([text, finish]).toEqual([dialect.refusalIsText ? '아니요' : '', words.filter])
    expect(await said(empty())).toMatchObject({ ...BLANK, finish: words.stop })
  })

  test.each([400, 401, 403, 404, 429, 500, 503])('an error %i is of the client`s own class', async (status) => {
    const { error } = await said(fail(status, { message: '천천히' }))
    expect(error).toBeInstanceOf(dialect.error(status, ''))
    expect(error).toMatchObject({ status, message: expect.stringContaining('천천히') })
  })

  test('what breaks off has no end', async () => {
    const place = streamed ? { afterEvents: 4 } : { afterBytes: 40 }
    for (const how of ['fin', 'reset', 'terminated'] as const) {
      const { finish, text, error } = await said(cut(stream(DELTAS), { ...place, how }))
      expect(finish).toBeUndefined()
      // Text before a reset is up to the machine.
      if (how !== 'reset') expect(HELLO.startsWith(text)).toBe(true)
      if (how !== 'terminated') expect(error).toBeInstanceOf(Error)
    }
    expect((await said(cut(reply('x'), { beforeHead: true }))).error).toBeInstanceOf(Error)
  })
})

describe.each(DIALECTS)('$name', ({ ask, inside }) => {
  test('an error inside a stream', async () => {
    for (const open of Object.values(FACES)) {
      const error = { message: '과부하', status: 503 }
      const face = await open(script(failInside(stream(DELTAS), error, { afterEvents: 6 })))
      const outcome = await ask(face, {}, true)
      expect(outcome.error).toBeInstanceOf(inside)
      expect(outcome.error).toMatchObject({ message: expect.stringContaining('과부하') })
      expect(outcome.text).not.toBe('')
      expect(HELLO.startsWith(outcome.text)).toBe(true)
    }
  })

  test('streamed and whole are the same', async () => {
    const answers = [think('음, 생각', HELLO), CALLS, reply('one', { usage: { input: 9, output: 4, cacheWrite: 3 } })]
    for (const answer of answers) {
      const outcome = (streamed: boolean) => {
        const { fetch } = mockProviders({ script: script(answer), baseUrl: HOST })
        return ask({ origin: HOST, fetch }, {}, streamed)
      }
      expect(await outcome(true)).toEqual(await outcome(false))
    }
  })

  test('no answer left, and a model that there is not', async () => {
    for (const [given, status] of [
      [script(), 400],
      [{ answers: [], otherwise: {}, models: ['other'] }, 404],
    ] as const) {
      const { fetch } = mockProviders({ script: given, baseUrl: HOST })
      expect((await ask({ origin: HOST, fetch }, {}, true)).error).toMatchObject({ status })
    }
  })
})

test('messages: an error names its type, its code and its request', async () => {
  const given = script(fail(529, { code: 'busy', retryAfter: 7 }))
  const { fetch } = mockProviders({ script: given, baseUrl: 'https://api.anthropic.com' })
  const client = new Anthropic({ apiKey: 'k', maxRetries: 0, fetch })
  const asked = { model: 'claude-x', max_tokens: 9, messages: [{ role: 'user', content: 'hi' }] } as const
  const error = await client.messages.create({ ...asked, messages: [...asked.messages] }).catch((one: unknown) => one)
  expect(error).toMatchObject({ type: 'overloaded_error', errorCode: 'busy', requestID: expect.stringMatching('req_') })
})

test('messages: tokens are counted, models are listed, and neither takes an answer', async () => {
  const given: Script = { ...script(reply('one')), models: ['claude-x', 'claude-y'] }
  const { fetch } = mockProviders({ script: given, baseUrl: 'https://api.anthropic.com' })
  const client = new Anthropic({ apiKey: 'k', maxRetries: 0, fetch })
  const messages: Anthropic.MessageParam[] = [{ role: 'user', content: '안녕' }]
  const { input_tokens: counted } = await client.messages.countTokens({ model: 'claude-x', messages })
  expect((await client.models.list()).data.map(({ id }) => id)).toEqual(['claude-x', 'claude-y'])
  expect(await client.models.retrieve('claude-y')).toMatchObject({ id: 'claude-y', type: 'model' })
  await expect(client.models.retrieve('claude-z')).rejects.toBeInstanceOf(Anthropic.NotFoundError)
  const { usage, content } = await client.messages.create({ model: 'claude-x', max_tokens: 9, messages })
  expect([usage.input_tokens, content]).toEqual([counted, [{ type: 'text', text: 'one' }]])
})

test('gemini: tokens are counted, texts are embedded, models are listed', async () => {
  const given: Script = {
    answers: [when({ endpoint: 'geminiEmbed' }, embedding([0.5, -0.25])), reply('one', { choices: 2 })],
    models: ['gemini-x'],
  }
  const { fetch } = mockProviders({ script: given, baseUrl: 'https://generativelanguage.googleapis.com' })
  const { models } = new GoogleGenAI({ apiKey: 'k', httpOptions: { fetch } })
  const { totalTokens } = await models.countTokens({ model: 'gemini-x', contents: '안녕' })
  expect(totalTokens).toBeGreaterThan(2)
  const { embeddings } = await models.embedContent({ model: 'gemini-x', contents: ['a', 'b'] })
  expect(embeddings?.map(({ values }) => values)).toEqual([
    [0.5, -0.25],
    [0.5, -0.25],
  ])
  const one = await fetch('https://generativelanguage.googleapis.com/v1beta/models/gemini-x:embedContent', {
    method: 'POST',
    body: JSON.stringify({ content: { parts: [{ text: 'a' }] } }),
  })
  expect(await one.json()).toMatchObject({ embedding: { values: [0.5, -0.25] }, usageMetadata: {} })
  expect((await models.list()).page.map(({ name }) => name)).toEqual(['models/gemini-x'])
  expect(await models.get({ model: 'gemini-x' })).toMatchObject({ name: 'models/gemini-x' })
  const { candidates, usageMetadata } = await models.generateContent({ model: 'gemini-x', contents: '안녕' })
  expect(candidates?.map(({ index }) => index)).toEqual([0, 1])
  expect(usageMetadata?.promptTokenCount).toBe(totalTokens)
})
