// Ollama's cloud calls its lines of JSON what each of them is: the whole way, to a caller of OpenAI's chat.
import OpenAI from 'openai'
import { expect, test } from 'vitest'
import { createGateway } from '#src/index.ts'

const LINES = [
  { model: 'm', message: { role: 'assistant', content: '', thinking: '음' }, done: false },
  { model: 'm', message: { role: 'assistant', content: '안녕' }, done: false },
  { model: 'm', message: { role: 'assistant', content: ' 👋' }, done: false },
  {
    model: 'm',
    message: { role: 'assistant', content: '' },
    done: true,
    done_reason: 'stop',
    prompt_eval_count: 3,
    eval_count: 5,
  },
]
const WHOLE = { ...LINES[3], message: { role: 'assistant', content: '안녕 👋' } }

test.each([
  ['application/x-ndjson', LINES],
  ['application/json', LINES],
  // One that knows no streams answers with the only line.
  ['application/json', [WHOLE]],
] as const)('a stream of lines that is called %s', async (type, lines) => {
  const body = lines.map((line) => `${JSON.stringify(line)}\n`).join('')
  const gateway = await createGateway(
    {
      version: 1,
      auth: 'none',
      providers: { cloud: { type: 'ollama-native', baseUrl: 'https://ollama.test', models: { m: {} } } },
    },
    { fetch: () => Promise.resolve(new Response(body, { headers: { 'content-type': type } })) },
  )
  const client = new OpenAI({
    baseURL: 'http://tutti.test/v1',
    apiKey: 'any',
    maxRetries: 0,
    fetch: (url, init) => gateway.fetch(new Request(url, init)),
  })
  const stream = client.chat.completions.stream({
    model: 'cloud/m',
    messages: [{ role: 'user', content: '안녕' }],
    stream_options: { include_usage: true },
  })
  const { choices, usage } = await stream.finalChatCompletion()
  expect(choices).toMatchObject([{ message: { content: '안녕 👋' }, finish_reason: 'stop' }])
  expect(usage).toMatchObject({ prompt_tokens: 3, completion_tokens: 5 })
  await gateway.close()
})
