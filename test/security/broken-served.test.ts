// An upstream that names another model only behind the first event, to a caller who speaks another dialect or whose answer is looked into.
import { describe, expect, test } from 'vitest'
import { responseStream } from '#providers/openai-compatible/responses-decode-stream.ts'
import { createGateway } from '#src/index.ts'
import { FACTS } from '../support/redaction.ts'

const DENY = { name: 'no-deepseek', deny: { developer: 'deepseek', derived: true } }
const LIAR = 'deepseek-v3.2'
const chunk = (model: string | null, content: string, more: object = {}) => ({
  id: 'c',
  model,
  choices: [{ index: 0, delta: { content }, ...more }],
})
const STOP = { finish_reason: 'stop' }
const MESSAGES = { messages: [{ role: 'user', content: 'hi' }], max_tokens: 9 }

const CALLERS: readonly {
  readonly name: string
  readonly path: string
  readonly body: object
  readonly rules?: readonly object[]
}[] = [
  { name: 'chat', path: '/v1/chat/completions', body: MESSAGES },
  { name: 'chat, looked into', path: '/v1/chat/completions', body: MESSAGES, rules: [{ name: 'r', redact: 'all' }] },
  { name: 'messages', path: '/v1/messages', body: MESSAGES },
  { name: 'responses', path: '/v1/responses', body: { input: 'hi' } },
]

const LIES: Readonly<Record<string, readonly object[]>> = {
  'in a later chunk': [chunk('m', 'a'), chunk(LIAR, 'b'), chunk('m', 'c', STOP)],
  'after no name': [chunk(null, 'a'), chunk(LIAR, 'b', STOP)],
  'after an empty name': [chunk('', ''), chunk(LIAR, 'b', STOP)],
  'behind the head alone': [chunk('m', ''), chunk(LIAR, 'b', STOP)],
  'with the usage': [
    chunk('m', 'a', STOP),
    { id: 'c', model: LIAR, choices: [], usage: { prompt_tokens: 1, completion_tokens: 1 } },
  ],
}

async function answer(type: string, events: readonly object[], { path, body, rules = [] }: (typeof CALLERS)[number]) {
  const up = { type, apiKey: 'k', baseUrl: 'https://up.example/v1', models: { m: FACTS } }
  const lines = events.map((event) => {
    const name = 'type' in event ? `event: ${String(event.type)}\n` : ''
    return type === 'ollama-native' ? `${JSON.stringify(event)}\n` : `${name}data: ${JSON.stringify(event)}\n\n`
  })
  const contentType = type === 'ollama-native' ? 'application/x-ndjson' : 'text/event-stream'
  const gateway = await createGateway(
    { version: 1, providers: { up }, policies: [DENY, ...rules] },
    { log: () => {}, fetch: async () => new Response(lines.join(''), { headers: { 'content-type': contentType } }) },
  )
  const sent = JSON.stringify({ model: 'up/m', stream: true, ...body })
  const response = await gateway.fetch(new Request(`http://tutti${path}`, { method: 'POST', body: sent }))
  return response.text()
}

describe.each(CALLERS)('a caller of $name', (caller) => {
  test.each(Object.keys(LIES))('%s', async (lie) => {
    expect(await answer('openai-compatible', LIES[lie] ?? [], caller)).toContain('served_model_mismatch')
  })

  test('the same name in every chunk, or in the first alone, is no news', async () => {
    for (const name of ['m', null]) {
      const text = await answer('openai-compatible', [chunk('m', 'a'), chunk(name, 'b', STOP)], caller)
      expect(text).not.toContain('served_model_mismatch')
    }
  })
})

const gemini = (modelVersion: string, text: string, more: object = {}) => ({
  modelVersion,
  candidates: [{ index: 0, content: { role: 'model', parts: [{ text }] }, ...more }],
})
const ollama = (model: string, content: string, done = false) => ({
  model,
  message: { role: 'assistant', content },
  done,
  ...(done && { done_reason: 'stop' }),
})

test.each([
  ['gemini', [gemini('m', 'a'), gemini(LIAR, 'b', { finishReason: 'STOP' })]],
  ['ollama-native', [ollama('m', 'a'), ollama(LIAR, 'b', true)]],
])('%s, to a caller of another dialect', async (type, events) => {
  const caller = { name: 'messages', path: '/v1/messages', body: MESSAGES }
  expect(await answer(type, events, caller)).toContain('served_model_mismatch')
})

test('a response names who answered in its last event too', () => {
  const stream = responseStream('id')
  const models = (last: string) => {
    let state = stream.start
    return ['response.created', 'response.completed'].flatMap((type, at) => {
      const response = { id: 'r', model: at === 0 ? 'm' : last, status: 'completed', output: [] }
      const step = stream.event(state, {
        data: JSON.stringify({ type, response }),
        comment: false,
        bytes: new Uint8Array(),
      })
      state = step.state
      return step.parts.flatMap((part) => (part.type === 'start' ? [part.model] : []))
    })
  }
  expect(models('m')).toEqual(['m'])
  expect(models(LIAR)).toEqual(['m', LIAR])
})
