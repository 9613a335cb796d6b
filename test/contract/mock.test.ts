// One script, two faces: what the official client sees of `mockProviders().fetch` and of `startMock` over loopback is the same.
import OpenAI from 'openai'
import { describe, expect, test, vi } from 'vitest'
import { startMock } from '#src/cli/mock.ts'
import type { Answer, RecordedRequest, Script } from '#src/testing.ts'
import {
  cut,
  embedding,
  empty,
  fail,
  failInside,
  mockProviders,
  raw,
  redirect,
  refuse,
  reply,
  script,
  stall,
  stream,
  structured,
  toolCalls,
  when,
} from '#src/testing.ts'

interface Face {
  readonly client: OpenAI
  readonly requests: readonly RecordedRequest[]
  close(): Promise<void>
}

const FACES: Record<string, (script: Script) => Promise<Face>> = {
  'mockProviders().fetch': async (script) => {
    const mock = mockProviders(script)
    const client = new OpenAI({ apiKey: 'sk-canary', maxRetries: 0, fetch: mock.fetch })
    return { client, requests: mock.requests, close: async () => undefined }
  },
  'startMock over loopback': async (script) => {
    const mock = await startMock({ script })
    const client = new OpenAI({ apiKey: 'sk-canary', maxRetries: 0, baseURL: mock.url })
    return { client, requests: mock.requests, close: mock.close }
  },
}

/** What a caller is left with. */
interface Outcome {
  text: string
  reasoning: string
  refusal: string
  tools: Record<string, string>
  finish?: string
  usage?: number
  error?: string
  status?: number
  code?: unknown
  message?: string
}

interface Case {
  readonly name: string
  readonly answer: Answer
  readonly stream?: boolean
  readonly body?: object
  readonly expect: Partial<Outcome>
}

const HELLO = '안녕하세요, hello 👋'
const DELTAS = ['안녕', '하세요', ', hello ', '👋']
const SCHEMA = {
  type: 'object',
  required: ['city'],
  properties: { city: { type: 'string' }, extra: { type: 'number' } },
}
const TWO_CALLS = toolCalls([
  { name: 'weather', arguments: { city: '서울' } },
  { name: 'time', arguments: '{"zone":"Asia/Seoul"}', pieces: 1 },
])

const CASES: readonly Case[] = [
  { name: 'text', answer: reply(HELLO), expect: { text: HELLO, finish: 'stop' } },
  { name: 'a stream', answer: stream(DELTAS), stream: true, expect: { text: HELLO, finish: 'stop' } },
  {
    name: 'usage in a last chunk',
    answer: stream(DELTAS, { usage: { input: 7, output: 5 }, usageIn: 'last' }),
    stream: true,
    expect: { text: HELLO, finish: 'stop', usage: 12 },
  },
  {
    name: 'usage on the chunk that finishes',
    answer: stream(DELTAS, { usage: { input: 7, output: 5 }, usageIn: 'finish' }),
    stream: true,
    expect: { text: HELLO, finish: 'stop', usage: 12 },
  },
  {
    name: 'CRLF, comments, no space, bytes one by one',
    answer: stream(DELTAS, {
      wire: { lineEnding: 'crlf', comment: 'keep-alive', space: false, split: 1, before: '\r\n' },
    }),
    stream: true,
    expect: { text: HELLO, finish: 'stop' },
  },
  {
    name: 'no [DONE]',
    answer: stream(DELTAS, { wire: { done: false } }),
    stream: true,
    expect: { text: HELLO, finish: 'stop' },
  },
  {
    name: 'bytes behind [DONE]',
    answer: stream(DELTAS, { wire: { after: 'data: {"choices":[]}\n\n' } }),
    stream: true,
    expect: { text: HELLO, finish: 'stop' },
  },
  {
    name: 'parallel tool calls',
    answer: TWO_CALLS,
    expect: { tools: { weather: '{"city":"서울"}', time: '{"zone":"Asia/Seoul"}' }, finish: 'tool_calls' },
  },
  {
    name: 'parallel tool calls in a stream',
    answer: TWO_CALLS,
    stream: true,
    expect: { tools: { weather: '{"city":"서울"}', time: '{"zone":"Asia/Seoul"}' }, finish: 'tool_calls' },
  },
  {
    name: 'reasoning before text',
    answer: reply('42', { reasoning: 'six by seven', finishReason: 'length' }),
    stream: true,
    expect: { text: '42', reasoning: 'six by seven', finish: 'length' },
  },
  { name: 'a refusal', answer: refuse('아니요'), stream: true, expect: { refusal: '아니요', finish: 'stop' } },
  {
    name: 'structured output',
    answer: structured(),
    body: { response_format: { type: 'json_schema', json_schema: { name: 'x', schema: SCHEMA } } },
    expect: { text: '{"city":"서울"}', finish: 'stop' },
  },
  { name: 'an empty answer', answer: empty(), expect: { finish: 'stop' } },
  {
    name: 'an error',
    answer: fail(429, { message: 'slow down', retryAfter: 7 }),
    expect: { error: 'RateLimitError', status: 429, code: 'rate_limit_exceeded', message: '429 slow down' },
  },
  {
    name: 'an error of a stream',
    answer: fail(500),
    stream: true,
    expect: { error: 'InternalServerError', status: 500 },
  },
  {
    name: 'a raw body',
    answer: raw({ status: 502, headers: { 'Content-Type': 'text/html' }, body: '<h1>Bad gateway</h1>' }),
    expect: { error: 'InternalServerError', status: 502 },
  },
  {
    name: 'an error inside a stream',
    answer: failInside(stream(DELTAS), 'it broke', { afterEvents: 3 }),
    stream: true,
    expect: { text: '안녕하세요', error: 'APIError', message: 'it broke' },
  },
  {
    name: 'an event called error',
    answer: failInside(stream(DELTAS), { message: 'named', code: 'x' }, { afterEvents: 2, named: true }),
    stream: true,
    expect: { text: '안녕', error: 'APIError', code: 'x', message: 'named' },
  },
  {
    name: 'cut before the head',
    answer: cut(reply(HELLO), { beforeHead: true }),
    expect: { error: 'APIConnectionError' },
  },
  {
    name: 'reset before the head',
    answer: cut(reply(HELLO), { beforeHead: true, how: 'reset' }),
    expect: { error: 'APIConnectionError' },
  },
  {
    name: 'cut after three events',
    answer: cut(stream(DELTAS), { afterEvents: 3 }),
    stream: true,
    expect: { text: '안녕하세요', error: 'TypeError' },
  },
  {
    name: 'cut after no event',
    answer: cut(stream(DELTAS), { afterEvents: 0 }),
    stream: true,
    expect: { error: 'TypeError' },
  },
  {
    name: 'reset in a stream',
    answer: cut(stream(DELTAS), { afterEvents: 3, how: 'reset' }),
    stream: true,
    expect: { error: 'TypeError' },
  },
  {
    name: 'a whole answer cut at a byte',
    answer: cut(reply(HELLO), { afterBytes: 40 }),
    expect: { error: 'TypeError' },
  },
  {
    name: 'ended in proper form in the middle',
    answer: cut(stream(DELTAS), { afterEvents: 3, how: 'terminated' }),
    stream: true,
    expect: { text: '안녕하세요' },
  },
]

/** What a reset leaves of the text before it is up to the machine. */
const TEXT_IS_OPEN = new Set(['reset in a stream'])

describe.each(Object.entries(FACES))('%s', (_, open) => {
  test.each(CASES)('$name', async (row) => {
    const face = await open(script(row.answer))
    try {
      const outcome = await ask(face.client, row)
      const blank = { text: '', reasoning: '', refusal: '', tools: {} }
      expect(outcome.error).toBe(row.expect.error)
      if (!TEXT_IS_OPEN.has(row.name)) expect(outcome).toMatchObject({ ...blank, ...row.expect })
      expect(face.requests).toHaveLength(1)
      expect(face.requests[0]).toMatchObject({ method: 'POST', body: { model: 'gpt-x' }, aborted: false })
      expect(JSON.stringify(face.requests)).not.toContain('sk-canary')
    } finally {
      await face.close()
    }
  })

  const STALLS = [
    { name: 'in a stalled stream', answer: stall(stream(DELTAS), { afterEvents: 3 }), text: '안녕하세요' },
    { name: 'in a slow stream', answer: stream(DELTAS, { tokenMs: 3_000_000 }), text: '안녕' },
  ]
  test.each(STALLS)('an abort is seen $name', async ({ answer, text }) => {
    const face = await open(script(answer))
    try {
      const chunks = await face.client.chat.completions.create({ ...REQUEST, stream: true })
      let got = ''
      for await (const chunk of chunks) {
        got += chunk.choices[0]?.delta.content ?? ''
        if (got === text) chunks.controller.abort()
      }
      expect(got).toBe(text)
      await vi.waitFor(() => expect(face.requests.map((each) => each.aborted)).toEqual([true]))
    } finally {
      await face.close()
    }
  })

  test.each([stall(reply(HELLO), { beforeHead: true }), reply(HELLO, { headMs: 3_000_000 })])(
    'an abort is seen before the head (%#)',
    async (answer) => {
      const face = await open(script(answer))
      try {
        const abort = new AbortController()
        const asked = face.client.chat.completions.create(REQUEST, { signal: abort.signal })
        const seen = expect(asked).rejects.toBeInstanceOf(OpenAI.APIUserAbortError)
        await vi.waitFor(() => expect(face.requests).toHaveLength(1))
        abort.abort()
        await seen
        await vi.waitFor(() => expect(face.requests[0]?.aborted).toBe(true))
      } finally {
        await face.close()
      }
    },
  )

  test('answers are given in order, by match, and then no more', async () => {
    const face = await open(script(reply('one'), when({ textContains: '서울' }, reply('맑음')), reply('two')))
    try {
      const texts = []
      for (const content of ['a', '서울 날씨', 'b', '서울?']) {
        texts.push((await ask(face.client, { body: { messages: [{ role: 'user', content }] } })).text)
      }
      expect(texts).toEqual(['one', '맑음', 'two', '맑음'])
      expect(await ask(face.client, {})).toMatchObject({ error: 'BadRequestError', code: 'script_exhausted' })
    } finally {
      await face.close()
    }
  })

  test('embeddings as floats and as base64, and the list of models', async () => {
    const face = await open({ answers: [when({ endpoint: 'embeddings' }, embedding([0.5, -0.25]))], models: ['a/b'] })
    try {
      const floats = await face.client.embeddings.create({ model: 'a/b', input: ['x', 'y'], encoding_format: 'float' })
      const decoded = await face.client.embeddings.create({ model: 'a/b', input: 'x' })
      expect(floats.data.map((each) => each.embedding)).toEqual([
        [0.5, -0.25],
        [0.5, -0.25],
      ])
      expect(Array.from(decoded.data[0]?.embedding ?? [])).toEqual([0.5, -0.25])
      expect((await face.client.models.list()).data.map((model) => model.id)).toEqual(['a/b'])
      await expect(face.client.models.retrieve('c')).rejects.toBeInstanceOf(OpenAI.NotFoundError)
    } finally {
      await face.close()
    }
  })
})

test('a redirect is an answer with a location', async () => {
  const mock = mockProviders(script(redirect('http://169.254.169.254/')))
  const response = await mock.fetch('https://api.openai.com/v1/chat/completions', { method: 'POST', body: '{}' })
  expect([response.status, response.headers.get('location')]).toEqual([307, 'http://169.254.169.254/'])
})

test('the fetch never leaves for another host', async () => {
  const mock = mockProviders()
  await expect(mock.fetch('https://example.com/v1/models')).rejects.toThrow('no mocked provider answers at')
  expect(mock.requests).toEqual([])
})

const REQUEST = { model: 'gpt-x', messages: [{ role: 'user' as const, content: 'hi' }] }

async function ask(client: OpenAI, row: { readonly stream?: boolean; readonly body?: object }): Promise<Outcome> {
  const outcome: Outcome = { text: '', reasoning: '', refusal: '', tools: {} }
  try {
    if (row.stream === true)
      await collect(await client.chat.completions.create({ ...REQUEST, ...row.body, stream: true }), outcome)
    else take(await client.chat.completions.create({ ...REQUEST, ...row.body }), outcome)
  } catch (error) {
    outcome.error = error instanceof Error ? error.constructor.name : 'unknown'
    if (error instanceof OpenAI.APIError)
      Object.assign(outcome, { status: error.status, code: error.code, message: error.message })
  }
  return outcome
}

function take(answer: OpenAI.ChatCompletion, outcome: Outcome): void {
  const choice = answer.choices[0]
  outcome.text = choice?.message.content ?? ''
  outcome.refusal = choice?.message.refusal ?? ''
  for (const call of choice?.message.tool_calls ?? []) {
    if (call.type === 'function') outcome.tools[call.function.name] = call.function.arguments
  }
  if (choice !== undefined) outcome.finish = choice.finish_reason
  if (answer.usage !== undefined) outcome.usage = answer.usage.total_tokens
}

async function collect(chunks: AsyncIterable<OpenAI.ChatCompletionChunk>, outcome: Outcome): Promise<void> {
  const names: string[] = []
  for await (const chunk of chunks) {
    if (chunk.usage) outcome.usage = chunk.usage.total_tokens
    const choice = chunk.choices[0]
    if (choice === undefined) continue
    outcome.text += choice.delta.content ?? ''
    outcome.refusal += choice.delta.refusal ?? ''
    if ('reasoning_content' in choice.delta) outcome.reasoning += String(choice.delta.reasoning_content)
    for (const call of choice.delta.tool_calls ?? []) {
      const name = (names[call.index] ??= call.function?.name ?? '')
      outcome.tools[name] = (outcome.tools[name] ?? '') + (call.function?.arguments ?? '')
    }
    if (choice.finish_reason) outcome.finish = choice.finish_reason
  }
}
