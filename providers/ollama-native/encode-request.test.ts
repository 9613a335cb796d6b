import { expect, test } from 'vitest'
import type { Conversation, FunctionTool } from '#src/core/conversation.ts'
import {
  assistant,
  result,
  sendBy,
  set,
  settings,
  text,
  toolCall,
  turn,
  user,
} from '../../test/support/conversations.ts'
import { chatCodec } from './codec.ts'

const send = (over: Partial<Conversation>, stream = false) => sendBy(chatCodec, over, { model: 'qwen3:4b', stream })
const tool = (name: string): FunctionTool => ({
  kind: 'function',
  name,
  description: 'd',
  parameters: { type: 'object' },
})

test('a conversation and its options; it streams unless told not to', () => {
  const { upstream, body, warnings } = send({
    turns: [turn('system', ['a']), user('안녕 👋', 'b')],
    settings: settings({
      max_output_tokens: 9,
      temperature: 1.5,
      top_p: 0.9,
      top_k: 3,
      frequency_penalty: 0.5,
      presence_penalty: 0.25,
      seed: 7,
      stop: ['끝'],
      logprobs: 2,
    }),
  })
  expect(upstream.url).toBe('https://host.test/api/chat')
  expect(upstream.headers).toMatchObject({ accept: 'application/json', authorization: 'Bearer k' })
  expect(body).toEqual({
    model: 'qwen3:4b',
    stream: false,
    messages: [
      { role: 'system', content: 'a' },
      { role: 'user', content: '안녕 👋\n\nb' },
    ],
    logprobs: true,
    top_logprobs: 2,
    options: {
      num_predict: 9,
      temperature: 1.5,
      top_p: 0.9,
      top_k: 3,
      frequency_penalty: 0.5,
      presence_penalty: 0.25,
      seed: 7,
      stop: ['끝'],
    },
  })
  expect(warnings).toEqual([])
  const streamed = send({}, true)
  expect(streamed.body).toEqual({ model: 'qwen3:4b', stream: true, messages: [{ role: 'user', content: 'hi' }] })
  expect(streamed.upstream.headers['accept']).toBe('application/x-ndjson')
})

test('the operator sets the context, and headers of its own win', () => {
  const account = { settings: { numCtx: '32768' }, headers: { accept: 'x/y' } }
  const { body, upstream } = sendBy(chatCodec, {}, { stream: true, account })
  expect(body['options']).toEqual({ num_ctx: 32768 })
  expect(upstream.headers['accept']).toBe('x/y')
  expect(sendBy(chatCodec, {}, { account: { settings: { numCtx: 'many' } } }).body).not.toHaveProperty('options')
})

test('a loop of tools: arguments are objects, results carry the tool`s name', () => {
  const { body } = send({
    tools: [tool('look')],
    turns: [
      user('날씨?'),
      assistant(
        { type: 'reasoning', text: '생각' },
        '잠깐',
        toolCall('c1', 'look', '{"city":"서울"}'),
        toolCall('c2', 'f', ''),
      ),
      turn('tool', [
        result('c1', text('맑음'), { type: 'image', source: { kind: 'data', mediaType: 'image/png', data: 'AAAA' } }),
        { type: 'tool-result', id: 'c2', name: 'own', failed: true, parts: [text('no')] },
      ]),
    ],
  })
  expect(body['messages']).toEqual([
    { role: 'user', content: '날씨?' },
    {
      role: 'assistant',
      content: '잠깐',
      thinking: '생각',
      tool_calls: [
        { id: 'c1', function: { name: 'look', arguments: { city: '서울' } } },
        { id: 'c2', function: { name: 'f', arguments: {} } },
      ],
    },
    { role: 'tool', content: '맑음', tool_name: 'look', tool_call_id: 'c1' },
    { role: 'tool', content: 'Error: no', tool_name: 'own', tool_call_id: 'c2' },
    { role: 'user', content: '', images: ['AAAA'] },
  ])
  expect(body['tools']).toEqual([
    { type: 'function', function: { name: 'look', description: 'd', parameters: { type: 'object' } } },
  ])
})

test('images as base64; an address is refused, and so is a file', () => {
  const image = { type: 'image', source: { kind: 'data', mediaType: 'image/png', data: 'AAAA' } } as const
  const { body } = send({
    turns: [user('what?', image, { type: 'document', name: 'n', source: { kind: 'text', text: '메모' } })],
  })
  expect(body['messages']).toEqual([{ role: 'user', content: 'what?\n\nn:\n메모', images: ['AAAA'] }])
  const { refused } = send({ turns: [user({ type: 'image', source: { kind: 'url', url: 'https://x.test' } })] })
  expect(refused).toEqual(['image_url'])
  const lost = send({
    turns: [turn('tool', [result('c', { type: 'image', source: { kind: 'url', url: 'https://x.test' } })])],
  })
  expect(lost.warnings).toHaveLength(1)
})

test.each([
  [{ kind: 'none' } as const, [], 1],
  [{ kind: 'allowed', mode: 'auto', names: ['b'] } as const, ['b'], 1],
  [{ kind: 'allowed', mode: 'required', names: ['b'] } as const, ['b'], 2],
])('tool choice %j is what is offered', (choice, names, told) => {
  const { body, warnings } = send({ tools: [tool('a'), tool('b')], toolChoice: set(choice, 'tool_choice') })
  expect(body['tools']).toEqual(
    names.length === 0
      ? undefined
      : names.map((name) => expect.objectContaining({ function: expect.objectContaining({ name }) })),
  )
  expect(warnings).toHaveLength(told)
})

test.each([{ kind: 'required' } as const, { kind: 'named', name: 'a' } as const])(
  'tool choice %j is refused',
  (choice) => {
    expect(send({ tools: [tool('a')], toolChoice: set(choice) }).refused).toEqual([`tool_choice_${choice.kind}`])
  },
)

test('structured output', () => {
  const schema = { type: 'object', properties: {} }
  expect(send({ output: set({ kind: 'schema', schema }) }).body['format']).toEqual(schema)
  const { body, warnings } = send({ output: set({ kind: 'json' }) })
  expect(body['format']).toBe('json')
  expect(body['messages']).toHaveLength(2)
  expect(warnings).toHaveLength(1)
})

test.each([
  [{ effort: 'none' }, false, 0],
  [{ effort: 'high' }, 'high', 0],
  [{ effort: 'minimal' }, 'low', 1],
  [{ effort: 'max' }, 'high', 1],
  [{ budget: 5000 }, 'medium', 1],
  [{ budget: 0 }, false, 0],
  [{ adaptive: true }, true, 0],
])('thinking %j', (reasoning, think, told) => {
  const { body, warnings } = sendBy(chatCodec, { reasoning: set(reasoning) }, { model: 'gpt-oss:20b' })
  expect(body['think']).toBe(think)
  expect(warnings).toHaveLength(told)
})

test('a level is said to no model that has none', () => {
  const { body, warnings } = send({ reasoning: set({ effort: 'high' }, 'reasoning_effort') })
  expect(body['think']).toBe(true)
  expect(warnings).toEqual(['`reasoning_effort` was sent as `think` without a level: the model has none'])
  expect(send({ reasoning: set({ effort: 'none' }) }).body['think']).toBe(false)
})
