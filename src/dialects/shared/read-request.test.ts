import fc from 'fast-check'
import { expect, test } from 'vitest'
import { FailureError, type Failure } from '#src/core/failure.ts'
import { read as readChat } from '../openai-chat/read.ts'
import { read as readCompletion } from '../openai-completions/read.ts'
import { read as readEmbedding } from '../openai-embeddings/read.ts'

const CONTEXT = { id: 'r1', tags: ['a'], metadata: { data_class: 'personal' } }
const CHAT = { model: 'chat', messages: [{ role: 'user', content: '안녕' }] }

function refusal(read: typeof readChat, text: string): Failure {
  try {
    read(text, CONTEXT)
  } catch (error) {
    if (error instanceof FailureError) return error.failure
    throw error
  }
  throw new Error(`taken: ${text}`)
}

test('a request keeps its text, its unknown fields and its context', () => {
  const text = ` {"model":"chat","messages":[{"role":"user","content":"안녕"}],"x":1e400,"stream":true,"stream_options":{"include_usage":true}}`
  const request = readChat(text, { ...CONTEXT, timeoutMs: 5000 })
  expect(request).toMatchObject({
    ...CONTEXT,
    endpoint: 'chat',
    text,
    model: 'chat',
    stream: true,
    wantsUsage: true,
    timeoutMs: 5000,
  })
  expect(request.body['x']).toBe(Infinity)
})

test('null is absent, and absent is false', () => {
  const text = JSON.stringify({ ...CHAT, stream: null, stream_options: null, n: null, max_tokens: null, tools: null })
  expect(readChat(text, CONTEXT)).toMatchObject({ stream: false, wantsUsage: false })
  expect('timeoutMs' in readChat(text, CONTEXT)).toBe(false)
})

test.each([
  ['', null, 'empty'],
  ['{"model":"x",}', null, 'line 1, column 14'],
  ['{"model":"x"\n "messages":[]}', null, 'line 2, column 2'],
  ['[]', null, 'an empty array'],
  ['"x"', null, 'JSON object'],
  ['{}', 'model', 'missing required parameter: `model`'],
  ['{"model":5,"messages":[{}]}', 'model', '`5`'],
  ['{"model":"","messages":[{}]}', 'model', 'an empty string'],
  ['{"model":"x"}', 'messages', 'missing'],
  ['{"model":"x","messages":[]}', 'messages', 'an empty array'],
  ['{"model":"x","messages":["hi"]}', 'messages', 'an array of at least one object'],
  ['{"model":"x","messages":[{}],"model":"y"}', 'model', 'more than once'],
  ['{"model":"x","messages":[{}],"\\u006dodel":"y"}', 'model', 'more than once'],
  ['{"model":"x","messages":[{}],"z":1,"z":1}', 'z', 'more than once'],
  // Rules read the last of two, an upstream may read the first.
  ['{"model":"x","messages":[{}],"z":{"a":1,"b":{},"\\u0061":2}}', 'z.a', 'more than once'],
  [
    '{"model":"x","messages":[{}],"tools":[{}, {"server_url":"https://a","server_url":"https://b"}]}',
    'tools[1].server_url',
    'more than once',
  ],
  ['{"model":"x","messages":[{}],"stream":"yes"}', 'stream', 'a boolean'],
  ['{"model":"x","messages":[{}],"stream_options":{"include_usage":1}}', 'stream_options', 'include_usage'],
  ['{"model":"x","messages":[{}],"n":0}', 'n', 'at least 1'],
  ['{"model":"x","messages":[{}],"n":1.5}', 'n', '`1.5`'],
  ['{"model":"x","messages":[{}],"max_tokens":"5"}', 'max_tokens', 'an integer of at least 0, got the text `5`'],
  ['{"model":"x","messages":[{}],"max_completion_tokens":-1}', 'max_completion_tokens', 'at least 0'],
  ['{"model":"x","messages":[{}],"tools":{}}', 'tools', 'an array'],
  ['{"model":"x","messages":[{}],"response_format":"json"}', 'response_format', 'an object'],
])('chat refuses %s', (text, param, message) => {
  const failure = refusal(readChat, text)
  expect(failure).toMatchObject({ status: 400, code: 'invalid_request_error', type: 'invalid_request_error', param })
  expect(failure.message).toContain(message)
})

test('nesting over 64 is refused, 64 is not', () => {
  const nested = (levels: number) =>
    `{"model":"x","messages":[{}],"deep":${'['.repeat(levels - 1)}${']'.repeat(levels - 1)}}`
  expect(readChat(nested(64), CONTEXT).model).toBe('x')
  expect(refusal(readChat, nested(65)).param).toBe('deep')
  expect(refusal(readChat, nested(100_000)).param).toBe('deep')
})

test('a member named __proto__ is a member, not a prototype', () => {
  const text = '{"__proto__":{"stream":true,"model":"evil"},"model":"x","messages":[{"role":"user"}]}'
  const request = readChat(text, CONTEXT)
  expect(request).toMatchObject({ model: 'x', stream: false })
  expect(refusal(readChat, '{"__proto__":{"model":"evil"},"messages":[{}]}').param).toBe('model')
})

test('completions and embeddings have their own fields', () => {
  expect(readCompletion('{"model":"x","prompt":["a"],"best_of":2}', CONTEXT).endpoint).toBe('completions')
  expect(refusal(readCompletion, '{"model":"x","prompt":5}').param).toBe('prompt')
  expect(refusal(readCompletion, '{"model":"x","prompt":"a","best_of":0}').param).toBe('best_of')
  expect(readEmbedding('{"model":"x","input":[1,2],"encoding_format":"base64"}', CONTEXT).endpoint).toBe('embeddings')
  expect(refusal(readEmbedding, '{"model":"x"}').param).toBe('input')
  expect(refusal(readEmbedding, '{"model":"x","input":"a","encoding_format":"hex"}').message).toContain(
    '`float` or `base64`',
  )
  expect(refusal(readEmbedding, '{"model":"x","input":"a","dimensions":0}').param).toBe('dimensions')
})

test('no text makes it throw anything but a 400', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.json(),
        fc.string(),
        fc.json().map((json) => `{"model":"x","messages":${json}}`),
      ),
      (text) => {
        try {
          readChat(text, CONTEXT)
        } catch (error) {
          expect(error).toBeInstanceOf(FailureError)
          if (error instanceof FailureError) expect(error.failure.status).toBe(400)
        }
      },
    ),
  )
})

test('unknown members travel, more of them than any API has do not', () => {
  const withMembers = (count: number): string => {
    const more = Array.from({ length: count - 2 }, (_, index) => [`k${index}`, 1])
    return JSON.stringify({ ...CHAT, ...Object.fromEntries(more) })
  }
  expect(readChat(withMembers(1024), CONTEXT).model).toBe('chat')
  expect(refusal(readChat, withMembers(1025))).toMatchObject({ status: 400, code: 'invalid_request_error' })
})

test('a model name has an end', () => {
  expect(readChat(JSON.stringify({ ...CHAT, model: 'm'.repeat(1024) }), CONTEXT).model).toHaveLength(1024)
  expect(refusal(readChat, JSON.stringify({ ...CHAT, model: 'm'.repeat(1025) }))).toMatchObject({ param: 'model' })
})
