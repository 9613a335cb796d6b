// The scripted provider's own dialects: tutti's adapters, which read recorded traffic of the same vendors, read it.
import OpenAI from 'openai'
import { afterEach, describe, expect, test } from 'vitest'
import { createGateway, type TuttiGateway } from '#src/index.ts'
import type { Answer, Script } from '#src/testing.ts'
import {
  cut,
  fail,
  failInside,
  mockProviders,
  reply,
  script,
  stream,
  structured,
  toolCall,
  toolCalls,
  type MockProviders,
} from '#src/testing.ts'

const HOST = 'https://mock.test'

/** Of each type where it is asked, for which model, and the status of one that there is not. */
const TYPES = [
  { type: 'cohere', model: 'command-a-03-2025', unknown: 404, at: { baseUrl: `${HOST}/v2` } },
  { type: 'hyperclova-x-native', model: 'HCX-007', unknown: 404, at: { baseUrl: `${HOST}/testapp` } },
  { type: 'ollama-native', model: 'qwen3:4b', unknown: 404, at: { baseUrl: HOST } },
  {
    type: 'workers-ai-native',
    model: '@cf/meta/llama-3.3-70b-instruct-fp8-fast',
    unknown: 400,
    at: { baseUrl: `${HOST}/client/v4/accounts/acc/ai`, settings: { accountId: 'acc' } },
  },
] as const
type Upstream = (typeof TYPES)[number]

/** What a caller of chat completions is left with. */
interface Outcome {
  text: string
  reasoning: string
  readonly tools: readonly (readonly [string, string])[]
  finish: string | undefined
  usage: readonly [number, number] | undefined
  readonly error: unknown
}

let gateway: TuttiGateway | undefined

afterEach(() => gateway?.close())

async function start({ type, model, at }: Upstream, given: Script): Promise<{ client: OpenAI; mock: MockProviders }> {
  const mock = mockProviders({ script: given, baseUrl: HOST })
  const provider = { type, apiKey: 'sk-canary', models: { [model]: { developer: 'tutti-test', lineage: [] } }, ...at }
  const models = { alias: { targets: [`mock/${model}`], retry: { attempts: 1 } } }
  const opened = await createGateway({ version: 1, providers: { mock: provider }, models }, { fetch: mock.fetch })
  gateway = opened
  const client = new OpenAI({
    baseURL: 'http://tutti.test/v1',
    apiKey: 'sk-app',
    maxRetries: 0,
    fetch: (url, init) => opened.fetch(new Request(url, init)),
  })
  return { client, mock }
}

const TOOLS: OpenAI.ChatCompletionTool[] = [
  { type: 'function', function: { name: 'weather', parameters: { type: 'object', properties: {} } } },
  { type: 'function', function: { name: 'time', parameters: { type: 'object', properties: {} } } },
]
const SCHEMA = { type: 'object', required: ['city'], properties: { city: { type: 'string' } } }
const FORMAT = { type: 'json_schema', json_schema: { name: 'x', schema: SCHEMA } } as const
const HELLO = '안녕하세요, hello 👋'
const DELTAS = ['안녕', '하세요', ', hello ', '👋']
const CALLS = toolCalls([
  { name: 'weather', arguments: { city: '서울' } },
  { name: 'time', arguments: '{"zone":"Asia/Seoul"}', pieces: 1 },
])

type Body = Partial<OpenAI.ChatCompletionCreateParamsNonStreaming>

async function ask(client: OpenAI, streamed: boolean, body: Body = {}): Promise<Outcome> {
  const request = { model: 'alias', messages: [{ role: 'user', content: '안녕' }], ...body } as const
  const asked = { ...request, messages: [...request.messages] }
  try {
    return streamed ? await collect(client, asked) : wholeOf(await client.chat.completions.create(asked))
  } catch (error) {
    return { ...BLANK, error }
  }
}

const BLANK: Outcome = { text: '', reasoning: '', tools: [], finish: undefined, usage: undefined, error: undefined }

function wholeOf({ choices, usage }: OpenAI.ChatCompletion): Outcome {
  const [choice] = choices
  return {
    ...BLANK,
    text: choice?.message.content ?? '',
    reasoning: reasoningOf(choice?.message),
    tools: (choice?.message.tool_calls ?? []).flatMap((call) =>
      call.type === 'function' ? [[call.function.name, call.function.arguments] as const] : [],
    ),
    finish: choice?.finish_reason,
    usage: usage && [usage.prompt_tokens, usage.completion_tokens],
  }
}

async function collect(client: OpenAI, body: OpenAI.ChatCompletionCreateParamsNonStreaming): Promise<Outcome> {
  const chunks = await client.chat.completions.create({
    ...body,
    stream: true,
    stream_options: { include_usage: true },
  })
  const tools: [string, string][] = []
  const outcome: Outcome = { ...BLANK, tools }
  try {
    for await (const { choices, usage } of chunks) {
      const [choice] = choices
      for (const { index, function: own } of choice?.delta.tool_calls ?? []) {
        const call = (tools[index] ??= ['', ''])
        call[0] += own?.name ?? ''
        call[1] += own?.arguments ?? ''
      }
      outcome.text += choice?.delta.content ?? ''
      outcome.reasoning += reasoningOf(choice?.delta)
      outcome.finish = choice?.finish_reason ?? outcome.finish
      if (usage) outcome.usage = [usage.prompt_tokens, usage.completion_tokens]
    }
    return outcome
  } catch (error) {
    return { ...outcome, error }
  }
}

function reasoningOf(message: object | undefined): string {
  return message !== undefined && 'reasoning_content' in message ? String(message.reasoning_content ?? '') : ''
}

describe.each(TYPES)('$type', (upstream) => {
  describe.each([true, false])('streamed: %s', (streamed) => {
    const said = async (answer: Answer, body?: Body): Promise<Outcome> => {
      const { client, mock } = await start(upstream, script(answer))
      const outcome = await ask(client, streamed, body)
      expect(mock.requests).toHaveLength(1)
      expect(JSON.stringify(mock.requests)).not.toContain('sk-canary')
      return outcome
    }

    test('text and usage', async () => {
      const answer = stream(DELTAS, { usage: { input: 70, output: 50 } })
      expect(await said(answer)).toEqual({ ...BLANK, text: HELLO, finish: 'stop', usage: [70, 50] })
    })

    test('an answer that no script wrote', async () => {
      const outcome = await said({}, { max_tokens: 2000 })
      expect(outcome).toMatchObject({ finish: 'stop', error: undefined })
      expect(outcome.text).toContain(`안녕하세요! I am ${upstream.model}`)
      expect(outcome.usage?.[1]).toBeGreaterThan(5)
    })

    test('thoughts before text', async () => {
      const outcome = await said(reply('42', { reasoning: 'six by 일곱', usage: { output: 9, reasoning: 7 } }))
      expect(outcome).toMatchObject({ text: '42', reasoning: 'six by 일곱', finish: 'stop' })
    })

    test('parallel tool calls', async () => {
      const outcome = await said(CALLS, { tools: TOOLS })
      expect(outcome).toMatchObject({
        text: '',
        tools: [
          ['weather', '{"city":"서울"}'],
          ['time', '{"zone":"Asia/Seoul"}'],
        ],
        finish: 'tool_calls',
      })
    })

    test('a call behind a thought', async () => {
      const outcome = await said(toolCall('weather', {}, { reasoning: '날씨를 본다' }), { tools: TOOLS })
      expect(outcome).toMatchObject({ reasoning: '날씨를 본다', tools: [['weather', '{}']], finish: 'tool_calls' })
    })

    test('the tool that is offered is called, once', async () => {
      expect(await said({}, { tools: TOOLS })).toMatchObject({ tools: [['weather', '{}']], finish: 'tool_calls' })
      const answered: Body = {
        tools: TOOLS,
        messages: [
          { role: 'user', content: '날씨?' },
          {
            role: 'assistant',
            tool_calls: [{ id: 'c1', type: 'function', function: { name: 'weather', arguments: '{}' } }],
          },
          { role: 'tool', tool_call_id: 'c1', content: '맑음' },
        ],
      }
      expect(await said({}, answered)).toMatchObject({ tools: [], finish: 'stop' })
    })

    test('an end for its length', async () => {
      const outcome = await said(reply('one two', { finishReason: 'length' }))
      expect(outcome).toMatchObject({ text: 'one two', finish: 'length' })
    })

    test('structured output', async () => {
      const { text } = await said(structured(), { response_format: FORMAT })
      expect(JSON.parse(text)).toEqual({ city: '서울' })
    })

    test.each([
      [400, 400, OpenAI.BadRequestError],
      [401, 502, OpenAI.InternalServerError],
      [404, 404, OpenAI.NotFoundError],
      [429, 429, OpenAI.RateLimitError],
      [500, 500, OpenAI.InternalServerError],
      [503, 503, OpenAI.InternalServerError],
    ])('an error %i is the caller`s %i', async (status, seen, kind) => {
      const { error } = await said(fail(status, { message: 'said so' }))
      expect(error).toBeInstanceOf(kind)
      expect(error).toMatchObject({ status: seen })
    })

    test('an error inside', async () => {
      const { error, text } = await said(failInside(stream(DELTAS), 'it broke', { afterEvents: 4 }))
      expect(error).toMatchObject({ message: expect.stringContaining('it broke') })
      expect(HELLO.startsWith(text)).toBe(true)
      expect(text === '').toBe(!streamed)
    })

    test('what breaks off is no answer', async () => {
      const place = streamed ? { afterEvents: 4 } : { afterBytes: 20 }
      for (const how of ['fin', 'terminated'] as const) {
        const { error, finish } = await said(cut(stream(DELTAS), { ...place, how }))
        expect(error).toBeInstanceOf(Error)
        expect(finish).toBeUndefined()
      }
    })
  })

  test('a model that there is not', async () => {
    const { client } = await start(upstream, { answers: [], otherwise: {}, models: ['other'] })
    const { error } = await ask(client, false)
    expect(error).toMatchObject({ status: upstream.unknown })
  })

  test('a script that has nothing left says so', async () => {
    const { client } = await start(upstream, script())
    const { error } = await ask(client, true)
    expect(error).toMatchObject({ status: 400, message: expect.stringContaining('no answer left for request 1') })
  })
})
