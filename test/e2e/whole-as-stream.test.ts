import OpenAI from 'openai'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { objectAt, parseJson, stringAt } from '#src/core/json.ts'
import { localProvider, startGateway, type TestGateway } from '../support/gateway.ts'
import { startUpstream, type Upstream } from '../support/upstream.ts'

// An upstream that knows no streams: it answers whole whatever it is asked.
const USAGE = { prompt_tokens: 5, completion_tokens: 7, total_tokens: 12 }
const CALL = { id: 'call_1', type: 'function', function: { name: 'weather', arguments: '{"city":"서울"}' } }
const CHAT = {
  id: 'c1',
  model: 'tiny',
  choices: [
    { index: 0, message: { role: 'assistant', content: '안녕하세요' }, finish_reason: 'stop' },
    { index: 1, message: { role: 'assistant', content: null, tool_calls: [CALL] }, finish_reason: 'tool_calls' },
  ],
  usage: USAGE,
}
/** What an upstream of the model `uncounted` leaves out is its usage. */
const chatOf = (model: string | undefined) => (model === 'uncounted' ? { ...CHAT, usage: undefined } : CHAT)
const COMPLETION = {
  id: 'c2',
  model: 'tiny',
  choices: [{ index: 0, text: '안녕', finish_reason: 'stop' }],
  usage: USAGE,
}

let upstream: Upstream
let tutti: TestGateway
let client: OpenAI

beforeAll(async () => {
  upstream = await startUpstream(({ path, body }, response) => {
    const answer = path.endsWith('/chat/completions') ? chatOf(stringAt(body, 'model')) : COMPLETION
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answer))
  })
  tutti = await startGateway({ version: 1, providers: { local: localProvider(upstream.url) } })
  client = new OpenAI({ baseURL: `${tutti.url}/v1`, apiKey: 'none', maxRetries: 0 })
})
afterAll(async () => {
  await tutti.close()
  await upstream.close()
})

test('a chat: the official client collects what it would have got whole, and the bill', async () => {
  const stream = client.chat.completions.stream({
    model: 'local/tiny',
    messages: [{ role: 'user', content: 'hi' }],
    n: 2,
    stream_options: { include_usage: true },
  })
  const { choices, usage } = await stream.finalChatCompletion()
  expect(choices).toMatchObject([
    { index: 0, message: { content: '안녕하세요' }, finish_reason: 'stop' },
    { index: 1, message: { tool_calls: [CALL] }, finish_reason: 'tool_calls' },
  ])
  expect(usage).toMatchObject({ ...USAGE, cost: 0.000019 })
  expect(await tutti.decision(0)).toMatchObject({ status: 200, usage: { input_tokens: 5, output_tokens: 7 } })
})

test('usage that was not asked for stays away; the proper end is there', async () => {
  const body = JSON.stringify({ model: 'local/tiny', messages: [{ role: 'user', content: 'hi' }], stream: true })
  const response = await fetch(`${tutti.url}/v1/chat/completions`, { method: 'POST', body })
  expect(response.headers.get('content-type')).toContain('text/event-stream')
  const text = await response.text()
  expect(text).not.toContain('usage')
  expect(text.endsWith('\n\ndata: [DONE]\n\n')).toBe(true)
})

test('a completion', async () => {
  const stream = await client.completions.create({ model: 'local/tiny', prompt: 'hi', stream: true })
  let text = ''
  for await (const chunk of stream) text += chunk.choices[0]?.text ?? ''
  expect(text).toBe('안녕')
})

// An upstream that counts nothing: what is billed is an estimate, and it stands in the answer, whole as in a stream.
test.each([
  ['/v1/messages', { max_tokens: 9, messages: [{ role: 'user', content: 'hi' }] }],
  ['/v1/responses', { input: 'hi' }],
])('%s: usage that nobody reported', async (path, body) => {
  const ask = async (stream: boolean): Promise<string> => {
    const said = JSON.stringify({ model: 'local/uncounted', stream, ...body })
    return (await fetch(`${tutti.url}${path}`, { method: 'POST', body: said })).text()
  }
  const whole = objectAt(parseJson(await ask(false)), 'usage')
  expect(whole).toMatchObject({ output_tokens: expect.any(Number), estimated: true })
  expect(whole?.['output_tokens']).toBeGreaterThan(0)
  const streamed = (await ask(true)).split('\n').flatMap((line) => {
    const event = line.startsWith('data: ') ? parseJson(line.slice(6)) : undefined
    return objectAt(event, 'usage') ?? objectAt(objectAt(event, 'response'), 'usage') ?? []
  })
  expect(streamed.at(-1)).toMatchObject({ output_tokens: whole?.['output_tokens'], estimated: true })
})
