// The runtime's own client of Workers AI, before an upstream that speaks as the platform does behind it. Not run against the live service.
import OpenAI from 'openai'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { arrayAt, objectAt, stringAt } from '#src/core/json.ts'
import { configured, startWorkerd, type Workerd } from '../../scripts/workerd.ts'
import { startUpstream, type Upstream } from '../support/upstream.ts'

const bundle = inject('bundles')?.worker
const MODEL = '@cf/qwen/qwen3-30b-a3b-fp8'
const CONFIG = {
  version: 1,
  auth: 'none',
  providers: { edge: { type: 'workers-ai-binding', settings: { binding: 'AI' } } },
}
const HELLO = ['안녕', '하세요 ', '👋']
const USAGE = { prompt_tokens: 5, completion_tokens: 3, total_tokens: 8 }
const TOOL = {
  type: 'function',
  function: { name: 'weather', parameters: { type: 'object', properties: { city: { type: 'string' } } } },
} as const

describe.skipIf(bundle === undefined)('Workers AI by its binding', () => {
  let upstream: Upstream
  let workerd: Workerd
  let client: OpenAI

  beforeAll(async () => {
    if (bundle === undefined) throw new Error('there is no workerd here')
    upstream = await startUpstream(({ body }, response) => {
      const inputs = objectAt(body, 'inputs')
      const said = stringAt(arrayAt(inputs, 'messages')?.at(-1), 'content')
      const json = (status: number, value: object): void =>
        void response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value))
      if (said === 'fail') return json(429, { internalCode: 3036, description: '하루치를 다 썼다', name: 'AiError' })
      if (arrayAt(inputs, 'tools'))
        return json(200, {
          response: null,
          tool_calls: [{ name: 'weather', arguments: { city: '서울' } }],
          usage: USAGE,
        })
      if (inputs?.['stream'] !== true) return json(200, { response: HELLO.join(''), usage: USAGE })
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      for (const text of HELLO) response.write(`data: ${JSON.stringify({ response: text })}\n\n`)
      return void response.end(`data: ${JSON.stringify({ response: '', usage: USAGE })}\n\ndata: [DONE]\n\n`)
    })
    const text = JSON.stringify(CONFIG)
    const { host } = new URL(upstream.url)
    workerd = await startWorkerd(configured(bundle, text), { ai: host })
    client = new OpenAI({ baseURL: `${workerd.url}/v1`, apiKey: 'none', maxRetries: 0 })
  })
  afterAll(async () => {
    await workerd?.close()
    await upstream?.close()
  })

  const asking = (content: string) => ({ model: `edge/${MODEL}`, messages: [{ role: 'user' as const, content }] })

  test('a whole answer; what is asked goes through the binding, with no credential', async () => {
    const { choices, usage } = await client.chat.completions.create(asking('안녕'))
    expect(choices[0]).toMatchObject({ message: { content: HELLO.join('') }, finish_reason: 'stop' })
    expect(usage).toMatchObject(USAGE)
    const { path, headers, body } = await upstream.arrival(upstream.arrivals.length - 1)
    expect(path).toBe('/run?version=3')
    expect(headers).toMatchObject({ 'cf-consn-model-id': MODEL })
    expect(headers).not.toHaveProperty('authorization')
    expect(objectAt(body, 'inputs')).toMatchObject({ messages: [{ role: 'user', content: '안녕' }] })
  })

  test('a stream', async () => {
    const stream = client.chat.completions.stream({ ...asking('안녕'), stream_options: { include_usage: true } })
    const { choices, usage } = await stream.finalChatCompletion()
    expect(choices[0]).toMatchObject({ message: { content: HELLO.join('') }, finish_reason: 'stop' })
    expect(usage).toMatchObject(USAGE)
  })

  test('a call of a tool', async () => {
    const { choices } = await client.chat.completions.create({ ...asking('날씨'), tools: [TOOL] })
    expect(choices[0]).toMatchObject({
      message: { tool_calls: [{ function: { name: 'weather', arguments: '{"city":"서울"}' } }] },
      finish_reason: 'tool_calls',
    })
  })

  test('an error of the platform', async () => {
    const error = await client.chat.completions.create(asking('fail')).catch((why: unknown) => why)
    expect(error).toBeInstanceOf(OpenAI.RateLimitError)
    expect(error).toMatchObject({ status: 429, code: 'insufficient_quota' })
  })
})
