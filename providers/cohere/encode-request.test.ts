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

const send = (over: Partial<Conversation>, model = 'command-a-reasoning-08-2025', stream = false) =>
  sendBy(chatCodec, over, { model, stream })
const tool = (name: string, more: Partial<FunctionTool> = {}): FunctionTool => ({ kind: 'function', name, ...more })

test('a conversation, its settings and its address', () => {
  const { upstream, body, warnings } = send(
    {
      turns: [turn('system', ['간결하게']), user('안녕 👋')],
      settings: settings({
        max_output_tokens: 9,
        temperature: 1.5,
        top_p: 0.9,
        top_k: 3,
        frequency_penalty: 0.5,
        presence_penalty: 0.25,
        seed: 7,
        stop: ['끝'],
        logprobs: 0,
      }),
    },
    'command-a-03-2025',
    true,
  )
  expect(upstream).toMatchObject({ method: 'POST', url: 'https://host.test/chat' })
  expect(upstream.headers).toMatchObject({ authorization: 'Bearer k', accept: 'text/event-stream', 'x-own': '1' })
  expect(body).toEqual({
    model: 'command-a-03-2025',
    stream: true,
    messages: [
      { role: 'system', content: '간결하게' },
      { role: 'user', content: '안녕 👋' },
    ],
    max_tokens: 9,
    temperature: 1.5,
    p: 0.9,
    k: 3,
    frequency_penalty: 0.5,
    presence_penalty: 0.25,
    seed: 7,
    stop_sequences: ['끝'],
    logprobs: true,
  })
  expect(warnings).toEqual([])
})

test('what is out of its range is brought into it and told', () => {
  const { body, warnings } = send({
    settings: settings({ top_p: 1, top_k: 900, frequency_penalty: -1, presence_penalty: 2, logprobs: 4 }),
  })
  expect(body).toMatchObject({ p: 0.99, k: 500, frequency_penalty: 0, presence_penalty: 1, logprobs: true })
  expect(warnings).toEqual([
    "`top_p` was lowered to 0.99, the provider's highest",
    "`top_k` was lowered to 500, the provider's highest",
    "`frequency_penalty` was raised to 0, the provider's lowest",
    "`presence_penalty` was lowered to 1, the provider's highest",
    '`logprobs` was sent without alternatives: the provider gives none',
  ])
})

test('a loop of tools: the plan, the calls, each result by its id', () => {
  const { body } = send({
    turns: [
      user('날씨?'),
      assistant({ type: 'reasoning', text: 'I look' }, toolCall('c1', 'look', '{"city":"서울"}'), toolCall('c2')),
      turn('tool', [result('c1', text('맑음')), { type: 'tool-result', id: 'c2', failed: true, parts: [text('no')] }]),
      turn('developer', ['짧게']),
    ],
  })
  expect(body['messages']).toEqual([
    { role: 'user', content: '날씨?' },
    {
      role: 'assistant',
      tool_plan: 'I look',
      tool_calls: [
        { id: 'c1', type: 'function', function: { name: 'look', arguments: '{"city":"서울"}' } },
        { id: 'c2', type: 'function', function: { name: 'f', arguments: '{"a":1}' } },
      ],
    },
    { role: 'tool', tool_call_id: 'c1', content: '맑음' },
    { role: 'tool', tool_call_id: 'c2', content: 'Error: no' },
    { role: 'system', content: '짧게' },
  ])
})

test('thoughts without a call are a part of their own; a refusal is text', () => {
  const { body } = send({
    turns: [assistant({ type: 'reasoning', summary: ['a', 'b'] }, { type: 'refusal', text: 'no' })],
  })
  expect(body['messages']).toEqual([
    {
      role: 'assistant',
      content: [
        { type: 'thinking', thinking: 'a\n\nb' },
        { type: 'text', text: 'no' },
      ],
    },
  ])
})

test('images stand in a message, files of text beside all of them', () => {
  const { body } = send({
    turns: [
      user(
        'what?',
        { type: 'image', source: { kind: 'data', mediaType: 'image/png', data: 'AAAA' } },
        { type: 'image', source: { kind: 'url', url: 'https://x.test/a.png' }, detail: 'low' },
        { type: 'document', name: 'notes.txt', source: { kind: 'text', text: '메모' } },
      ),
    ],
  })
  expect(body['messages']).toEqual([
    {
      role: 'user',
      content: [
        { type: 'text', text: 'what?' },
        { type: 'image_url', image_url: { url: 'data:image/png;base64,AAAA' } },
        { type: 'image_url', image_url: { url: 'https://x.test/a.png', detail: 'low' } },
      ],
    },
  ])
  expect(body['documents']).toEqual([{ data: { text: '메모', title: 'notes.txt' } }])
})

test('a result holds documents, an image in it follows as the user`s, and what is lost is told', () => {
  const parts = [
    text('two files'),
    { type: 'document', name: 'a', source: { kind: 'text', text: 'A' } } as const,
    { type: 'image', source: { kind: 'data', mediaType: 'image/png', data: 'AAAA' } } as const,
    { type: 'audio', source: { kind: 'data', mediaType: 'audio/wav', data: 'AAAA' } } as const,
  ]
  const { body, warnings } = send({ turns: [assistant(toolCall('c')), turn('tool', [result('c', ...parts)])] })
  expect(body['messages']).toMatchObject([
    { role: 'assistant' },
    {
      role: 'tool',
      tool_call_id: 'c',
      content: [
        { type: 'text', text: 'two files' },
        { type: 'document', document: { data: { text: 'A', title: 'a' } } },
      ],
    },
    { role: 'user', content: [{ type: 'image_url', image_url: { url: 'data:image/png;base64,AAAA' } }] },
  ])
  expect(warnings).toHaveLength(1)
})

test.each([
  [{ kind: 'none' } as const, ['a', 'b'], 'NONE'],
  [{ kind: 'required' } as const, ['a', 'b'], 'REQUIRED'],
  [{ kind: 'named', name: 'b' } as const, ['b'], 'REQUIRED'],
  [{ kind: 'allowed', mode: 'auto', names: ['a'] } as const, ['a'], undefined],
  [{ kind: 'allowed', mode: 'required', names: ['a', 'b'] } as const, ['a', 'b'], 'REQUIRED'],
])('tool choice %j', (choice, names, word) => {
  const { body, warnings } = send({ tools: [tool('a'), tool('b')], toolChoice: set(choice, 'tool_choice') })
  const parameters = { type: 'object', properties: {} }
  expect(body['tools']).toEqual(names.map((name) => ({ type: 'function', function: { name, parameters } })))
  expect(body['tool_choice']).toBe(word)
  expect(warnings.length).toBe(names.length === 2 ? 0 : 1)
})

test('strictness is for all tools', () => {
  const mixed = send({ tools: [tool('a', { strict: true }), tool('b')] })
  expect(mixed.body['strict_tools']).toBe(true)
  expect(mixed.warnings).toEqual(['`strict` was sent for every tool: the provider has it for all or none'])
  expect(send({ tools: [tool('a', { strict: true })] }).warnings).toEqual([])
})

test('structured output', () => {
  const schema = { type: 'object', properties: { a: { type: 'string' } } }
  const { body } = send({ output: set({ kind: 'schema', name: 'n', schema }) })
  expect(body['response_format']).toEqual({ type: 'json_object', json_schema: schema })
  const plain = send({ output: set({ kind: 'json' }) })
  expect(plain.body['response_format']).toEqual({ type: 'json_object' })
  expect(plain.body['messages']).toHaveLength(2)
  expect(plain.warnings).toHaveLength(1)
  expect(send({ output: set({ kind: 'json' }), turns: [user('as JSON')] }).warnings).toEqual([])
})

test('beside tools and documents the form of the answer is asked for in words', () => {
  const output = set({ kind: 'schema', schema: { type: 'object' } } as const, 'response_format')
  const file = user({ type: 'document', source: { kind: 'text', text: 'A' } })
  for (const more of [{ tools: [tool('a')] }, { turns: [file] }]) {
    const { body, warnings } = send({ output, ...more })
    expect(body).not.toHaveProperty('response_format')
    expect(JSON.stringify(body['messages'])).toContain('one JSON object that fits this JSON Schema')
    expect(warnings).toEqual([
      '`response_format` was asked for in words: the provider does not take it beside tools or documents',
    ])
  }
})

test.each([
  [{ effort: 'none' }, { type: 'disabled' }, 0],
  [{ budget: 0 }, { type: 'disabled' }, 0],
  [{ budget: 500, effort: 'low' }, { type: 'enabled', token_budget: 500 }, 0],
  [{ effort: 'high' }, { type: 'enabled' }, 1],
  [{ adaptive: true }, { type: 'enabled' }, 0],
])('thinking %j', (reasoning, thinking, told) => {
  const { body, warnings } = send({ reasoning: set(reasoning, 'reasoning') })
  expect(body['thinking']).toEqual(thinking)
  expect(warnings).toHaveLength(told)
})

test('a model that does not think is not asked to, and what Cohere cannot do is refused', () => {
  const { body, dropped } = send({ reasoning: set({ effort: 'high' }, 'reasoning_effort') }, 'command-a-03-2025')
  expect(body).not.toHaveProperty('thinking')
  expect(dropped).toHaveLength(1)
  const { refused } = send({
    settings: settings({ choices: 2 }),
    tools: [{ kind: 'custom', name: 'c' }],
    turns: [user({ type: 'document', source: { kind: 'data', mediaType: 'application/pdf', data: 'AAAA' } })],
  })
  expect(refused).toEqual(['choices', 'document_data', 'custom_tools'])
})
