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

const send = (over: Partial<Conversation>, model = 'HCX-005', stream = false) =>
  sendBy(chatCodec, over, { model, stream })
const tool = (name: string): FunctionTool => ({
  kind: 'function',
  name,
  description: 'd',
  parameters: { type: 'object' },
})
const LIMITED = settings({ max_output_tokens: 500 })

test('the model stands in the address, the stream in `accept`', () => {
  const { upstream, body } = send({ settings: LIMITED }, 'HCX-005', true)
  expect(upstream.url).toBe('https://host.test/v3/chat-completions/HCX-005')
  expect(upstream.headers).toMatchObject({ accept: 'text/event-stream', authorization: 'Bearer k' })
  expect(body).toEqual({ messages: [{ role: 'user', content: 'hi' }], maxTokens: 500 })
  expect(send({}).upstream.headers['accept']).toBe('application/json')
})

test.each(['..', '../../v1/other', 'a?b=c', '%2e%2e', '\ud800'])('a model named %j stays below its path', (model) => {
  const { pathname, search } = new URL(send({}, model).upstream.url)
  expect(pathname.startsWith('/v3/chat-completions/')).toBe(true)
  expect(pathname.split('/').length + search.length).toBe(4)
})

test('the provider`s 100 tokens are never meant', () => {
  expect(send({}).body).toMatchObject({ maxTokens: 4096 })
  expect(send({}).warnings).toEqual(['`max_tokens` was set to 4096: the provider would stop at 100'])
  expect(send({}, 'HCX-007').body).toMatchObject({ maxCompletionTokens: 4096 })
  expect(send({}, 'HCX-007').body).not.toHaveProperty('maxTokens')
  expect(send({ settings: LIMITED }, 'HCX-007').body).toMatchObject({ maxCompletionTokens: 500 })
})

test('settings, in their ranges', () => {
  const { body, warnings, dropped } = send({
    settings: {
      ...LIMITED,
      ...settings({ temperature: 1.7, top_p: 0, top_k: 500, seed: 3, stop: ['끝'], presence_penalty: 1 }),
    },
  })
  expect(body).toMatchObject({ maxTokens: 500, temperature: 1, topP: 0.01, topK: 128, seed: 3, stop: ['끝'] })
  expect(warnings).toEqual([
    "`temperature` was lowered to 1, the provider's highest",
    "`top_p` was raised to 0.01, the provider's lowest",
    "`top_k` was lowered to 128, the provider's highest",
  ])
  expect(dropped).toEqual(['`presence_penalty` was not sent: the provider does not take it'])
})

test('system text is one message in front; later it is the user`s, marked', () => {
  const turns = [turn('system', ['a']), turn('developer', ['b']), user('안녕'), turn('system', ['c']), user('d', 'e')]
  expect(send({ turns }).body['messages']).toEqual([
    { role: 'system', content: 'a\n\nb' },
    { role: 'user', content: '안녕' },
    { role: 'user', content: '<system>\nc\n</system>' },
    { role: 'user', content: 'd\n\ne' },
  ])
})

test('a loop of tools: arguments are objects, no content is null, results go by the call`s id', () => {
  const { body } = send({
    settings: LIMITED,
    tools: [tool('look')],
    turns: [
      user('날씨?'),
      assistant(toolCall('c1', 'look', '{"city":"서울"}'), { ...toolCall('c2', 'raw', 'text'), custom: true }),
      turn('tool', [result('c1', text('맑음')), { type: 'tool-result', id: 'c2', failed: true, parts: [text('no')] }]),
    ],
  })
  expect(body['messages']).toEqual([
    { role: 'user', content: '날씨?' },
    {
      role: 'assistant',
      content: '',
      toolCalls: [
        { id: 'c1', type: 'function', function: { name: 'look', arguments: { city: '서울' } } },
        { id: 'c2', type: 'function', function: { name: 'raw', arguments: { input: 'text' } } },
      ],
    },
    { role: 'tool', toolCallId: 'c1', content: '맑음' },
    { role: 'tool', toolCallId: 'c2', content: 'Error: no' },
  ])
  expect(body['tools']).toEqual([
    { type: 'function', function: { name: 'look', description: 'd', parameters: { type: 'object' } } },
  ])
})

test.each([
  [{ kind: 'none' } as const, 'none', 0],
  [{ kind: 'named', name: 'b' } as const, { type: 'function', function: { name: 'b' } }, 0],
  [{ kind: 'allowed', mode: 'auto', names: ['a', 'b'] } as const, undefined, 0],
  [{ kind: 'allowed', mode: 'required', names: ['a', 'b'] } as const, undefined, 1],
  [{ kind: 'allowed', mode: 'required', names: ['b'] } as const, { type: 'function', function: { name: 'b' } }, 1],
])('tool choice %j', (choice, word, told) => {
  const { body, warnings, refused } = send({
    settings: settings({ max_output_tokens: 2000 }),
    tools: [tool('a'), tool('b')],
    toolChoice: set(choice, 'tool_choice'),
  })
  expect(body['toolChoice']).toEqual(word)
  expect(warnings).toHaveLength(told)
  expect(refused).toEqual([])
})

test('images, as data and by address, and a file of text', () => {
  const turns = [
    user(
      { type: 'image', source: { kind: 'data', mediaType: 'image/png', data: 'AAAA' } },
      { type: 'image', source: { kind: 'url', url: 'https://x.test/a.png' } },
      { type: 'document', name: 'n.txt', source: { kind: 'text', text: '메모' } },
    ),
  ]
  expect(send({ turns }).body['messages']).toEqual([
    {
      role: 'user',
      content: [
        { type: 'image_url', dataUri: { data: 'data:image/png;base64,AAAA' } },
        { type: 'image_url', imageUrl: { url: 'https://x.test/a.png' } },
        { type: 'text', text: 'n.txt:\n메모' },
      ],
    },
  ])
  for (const model of ['HCX-007', 'HCX-DASH-002'])
    expect(send({ turns }, model).refused).toEqual(['image_data', 'image_url'])
})

test('an image in a result follows as the user`s, what else is lost is told', () => {
  const { body, warnings } = send({
    settings: LIMITED,
    turns: [
      turn('tool', [
        result(
          'c',
          { type: 'image', source: { kind: 'data', mediaType: 'image/png', data: 'AAAA' } },
          { type: 'image', source: { kind: 'id', id: 'file-1' } },
          { type: 'document', source: { kind: 'text', text: 'D' } },
        ),
      ]),
    ],
  })
  expect(body['messages']).toEqual([
    { role: 'tool', toolCallId: 'c', content: 'D' },
    { role: 'user', content: [{ type: 'image_url', dataUri: { data: 'data:image/png;base64,AAAA' } }] },
  ])
  expect(warnings).toHaveLength(1)
})

test('schemas are HCX-007`s alone, and where it writes JSON it does not think', () => {
  const schema = { type: 'object', properties: {} }
  const output = set({ kind: 'schema', schema } as const, 'response_format')
  const { body, warnings } = send({ settings: LIMITED, output }, 'HCX-007')
  expect(body).toMatchObject({ responseFormat: { type: 'json', schema }, thinking: { effort: 'none' } })
  expect(warnings).toEqual([])
  const thinking = send(
    { settings: LIMITED, output, reasoning: set({ effort: 'high' }, 'reasoning_effort') },
    'HCX-007',
  )
  expect(thinking.body['thinking']).toEqual({ effort: 'none' })
  expect(thinking.warnings).toHaveLength(1)
  expect(send({ output: set({ kind: 'json' }) }, 'HCX-007').body['responseFormat']).toEqual({
    type: 'json',
    schema: { type: 'object' },
  })
  expect(send({ output }).refused).toEqual(['output_schema'])
  expect(send({ output: set({ kind: 'json' }) }).refused).toEqual(['output_json'])
})

test.each([
  [{ effort: 'medium' }, 'medium', 0],
  [{ effort: 'none' }, 'none', 0],
  [{ effort: 'minimal' }, 'low', 1],
  [{ effort: 'xhigh' }, 'high', 1],
  [{ budget: 5000 }, 'medium', 1],
  [{ budget: 0 }, 'none', 1],
])('thinking %j', (reasoning, effort, told) => {
  const { body, warnings } = send({ settings: LIMITED, reasoning: set(reasoning) }, 'HCX-007')
  expect(body['thinking']).toEqual({ effort })
  expect(warnings).toHaveLength(told)
  expect(send({ settings: LIMITED, reasoning: set(reasoning) }).body).not.toHaveProperty('thinking')
})

test('beside tools HCX-007 does not think, nor write JSON but where words ask for it', () => {
  const schema = { type: 'object' }
  const { body, warnings } = send(
    {
      tools: [tool('a')],
      settings: LIMITED,
      reasoning: set({ effort: 'high' }, 'reasoning_effort'),
      output: set({ kind: 'schema', schema } as const, 'response_format'),
    },
    'HCX-007',
  )
  expect(body).toMatchObject({ thinking: { effort: 'none' }, maxCompletionTokens: 1024 })
  expect(body).not.toHaveProperty('responseFormat')
  expect(JSON.stringify(body['messages'])).toContain(JSON.stringify(JSON.stringify(schema)).slice(1, -1))
  expect(warnings).toEqual([
    '`response_format` was asked for in words: the provider does not take it beside tools',
    "`max_output_tokens` was raised to 1024, the provider's lowest beside tools",
    '`reasoning_effort` was sent as `none`: the provider does not think where it may call tools',
  ])
  // It thinks unless it is told not to.
  const plain = send({ tools: [tool('a')], settings: settings({ max_output_tokens: 2000 }) }, 'HCX-007')
  expect(plain.body['thinking']).toEqual({ effort: 'none' })
  expect(plain.warnings).toEqual([])
})

test('the government`s cloud is not asked to stream calls of tools', () => {
  const account = { baseUrl: 'https://clovastudio.stream.gov-ntruss.com' }
  const accept = (tools: readonly FunctionTool[]) =>
    sendBy(chatCodec, { tools }, { model: 'HCX-005', stream: true, account }).upstream.headers['accept']
  expect(accept([tool('a')])).toBe('application/json')
  expect(accept([])).toBe('text/event-stream')
  expect(send({ tools: [tool('a')] }, 'HCX-005', true).upstream.headers['accept']).toBe('text/event-stream')
})

test('to be made to call any of several tools is refused', () => {
  const { refused } = send({
    tools: [tool('a')],
    toolChoice: set({ kind: 'required' }),
    settings: settings({ choices: 2 }),
  })
  expect(refused).toEqual(['choices', 'tool_choice_required'])
})
