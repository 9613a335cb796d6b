// A caller of OpenAI's chat meets Bedrock: the whole way, with a signature on it, and nothing of the credential on the way back.
import { expect, test } from 'vitest'
import { encodeEventStream } from '#src/core/event-stream-frame.ts'
import { arrayAt, isObject, objectAt, parseJson, stringAt, type Json } from '#src/core/json.ts'
import type { ExchangeHandler, Transport, UpstreamRequest } from '#src/core/transport.ts'
import { startGateway } from '../../test/support/gateway.ts'

const MODEL = 'anthropic.claude-haiku-4-5-20251001-v1:0'
const SECRET = 'canary/secret/access/key'
const CONFIG = {
  version: 1,
  providers: {
    aws: {
      type: 'aws-bedrock',
      settings: { awsRegion: 'ap-northeast-2', accessKeyId: 'AKIDEXAMPLE', secretAccessKey: SECRET },
      models: { [MODEL]: { developer: 'anthropic', lineage: [], price: { input: 1, output: 5 } } },
    },
  },
  models: { chat: { targets: [`aws/${MODEL}`], retry: { attempts: 1 } } },
  policies: [{ name: 'seoul-only', require: { region: 'KR' } }],
}

const encoder = new TextEncoder()

function upstream(answer: (handler: ExchangeHandler) => void): Transport & { readonly sent: UpstreamRequest[] } {
  const sent: UpstreamRequest[] = []
  return {
    sent,
    send(request, _egress, handler) {
      sent.push(request)
      queueMicrotask(() => answer(handler))
      return { abort: () => undefined, pause: () => undefined, resume: () => undefined }
    },
    close: () => Promise.resolve(),
  }
}

async function ask(answer: (handler: ExchangeHandler) => void, body: object) {
  const transport = upstream(answer)
  const gateway = await startGateway(CONFIG, { transport })
  try {
    const response = await fetch(`${gateway.url}/v1/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ model: 'chat', messages: [{ role: 'user', content: '안녕' }], ...body }),
    })
    return { status: response.status, text: await response.text(), sent: transport.sent }
  } finally {
    await gateway.close()
  }
}

const frame = (name: string, payload: Json): Uint8Array =>
  encodeEventStream(
    { ':event-type': name, ':content-type': 'application/json', ':message-type': 'event' },
    JSON.stringify(payload),
  )

const FRAMES = [
  frame('messageStart', { role: 'assistant', p: 'abc' }),
  frame('contentBlockDelta', { contentBlockIndex: 0, delta: { text: '안녕' }, p: 'a' }),
  frame('contentBlockDelta', { contentBlockIndex: 0, delta: { text: '하세요 🙂' } }),
  frame('contentBlockStop', { contentBlockIndex: 0 }),
  frame('messageStop', { stopReason: 'end_turn' }),
  frame('metadata', { usage: { inputTokens: 10, outputTokens: 4, totalTokens: 14 }, metrics: { latencyMs: 1 } }),
]

const head = (
  handler: ExchangeHandler,
  status: number,
  type: string,
  more: Readonly<Record<string, string>> = {},
): void => handler.head({ status, headers: { 'content-type': type, ...more } })

test('a whole answer, asked for with a signature', async () => {
  const { status, text, sent } = await ask(
    (handler) => {
      head(handler, 200, 'application/json')
      const content = [{ text: '안녕하세요 🙂' }]
      const usage = { inputTokens: 10, outputTokens: 4, totalTokens: 14 }
      handler.data(
        encoder.encode(
          JSON.stringify({ output: { message: { role: 'assistant', content } }, stopReason: 'end_turn', usage }),
        ),
      )
      handler.end()
    },
    { temperature: 0.5 },
  )
  expect(status).toBe(200)
  const value = parseJson(text)
  const message = objectAt((arrayAt(value, 'choices') ?? [])[0], 'message')
  expect(stringAt(message, 'content')).toBe('안녕하세요 🙂')
  expect(objectAt(value, 'usage')).toMatchObject({ prompt_tokens: 10, completion_tokens: 4 })
  const [request] = sent
  expect(request?.url).toBe(
    `https://bedrock-runtime.ap-northeast-2.amazonaws.com/model/${encodeURIComponent(MODEL)}/converse`,
  )
  expect(request?.headers['authorization']).toContain('AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/')
  expect(request).not.toHaveProperty('auth')
  expect(JSON.stringify(request)).not.toContain(SECRET)
  expect(parseJson(request?.body ?? '')).toEqual({
    messages: [{ role: 'user', content: [{ text: '안녕' }] }],
    inferenceConfig: { temperature: 0.5 },
  })
})

test('a stream, its frames cut in two', async () => {
  const { status, text } = await ask(
    (handler) => {
      head(handler, 200, 'application/vnd.amazon.eventstream')
      for (const bytes of FRAMES) {
        handler.data(bytes.slice(0, 20))
        handler.data(bytes.slice(20))
      }
      handler.end()
    },
    { stream: true },
  )
  expect(status).toBe(200)
  const chunks = text
    .split('\n')
    .filter((line) => line.startsWith('data: {'))
    .map((line) => parseJson(line.slice(6)))
  const said = chunks.map(
    (chunk) => stringAt(objectAt((arrayAt(chunk ?? null, 'choices') ?? [])[0], 'delta'), 'content') ?? '',
  )
  expect(said.join('')).toBe('안녕하세요 🙂')
  expect(text.trimEnd().endsWith('data: [DONE]')).toBe(true)
})

test('a stream that is cut before its last event has no proper end', async () => {
  const { text } = await ask(
    (handler) => {
      head(handler, 200, 'application/vnd.amazon.eventstream')
      for (const bytes of FRAMES.slice(0, -1)) handler.data(bytes)
      handler.end()
    },
    { stream: true },
  )
  expect(text).toContain('안녕')
  expect(text).not.toContain('[DONE]')
})

test('an upstream that quotes the secret does not pass it on', async () => {
  const { status, text } = await ask((handler) => {
    head(handler, 400, 'application/json', { 'x-amzn-errortype': 'ValidationException' })
    handler.data(encoder.encode(JSON.stringify({ message: `you sent ${SECRET}` })))
    handler.end()
  }, {})
  expect(status).toBe(400)
  const value = parseJson(text)
  expect(isObject(value) && stringAt(objectAt(value, 'error'), 'message')).toBe('you sent [redacted]')
})
