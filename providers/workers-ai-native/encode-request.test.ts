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
import { runCodec } from './codec.ts'

const MODEL = '@cf/meta/llama-4-scout-17b-16e-instruct'
const send = (over: Partial<Conversation>, model = MODEL, stream = false) => sendBy(runCodec, over, { model, stream })
const tool = (name: string): FunctionTool => ({ kind: 'function', name, parameters: { type: 'object' } })
const LIMITED = settings({ max_output_tokens: 500 })

test('the model stands in the address, not in the body', () => {
  const { upstream, body } = send({ settings: LIMITED }, MODEL, true)
  expect(upstream.url).toBe(`https://host.test/run/${MODEL}`)
  expect(upstream.headers).toMatchObject({ authorization: 'Bearer k', 'x-own': '1' })
  expect(body).toEqual({ messages: [{ role: 'user', content: 'hi' }], max_tokens: 500, stream: true })
})

test.each(['../../../other/ai', '@cf/../..', 'a/./b', '@cf/x?y=1', '@cf/x#y', '..\\..'])(
  'a model named %j stays below its path',
  (model) => {
    const { pathname, search, hash } = new URL(send({}, model).upstream.url)
    expect(pathname.startsWith('/run/')).toBe(true)
    expect(pathname.split('/').length).toBe(model.split('/').length + 2)
    expect(search + hash).toBe('')
  },
)

test('the provider`s 256 tokens are never meant', () => {
  const { body, warnings } = send({})
  expect(body['max_tokens']).toBe(2048)
  expect(warnings).toEqual(['`max_tokens` was set to 2048: the provider would stop at 256'])
})

test('settings', () => {
  const { body, warnings, refused, dropped } = send({
    settings: {
      ...LIMITED,
      ...settings({ temperature: 9, top_p: 0.5, top_k: 80, seed: 4, presence_penalty: 1, logit_bias: { 5: 1 } }),
    },
    reasoning: set({ effort: 'low' }, 'reasoning_effort'),
  })
  expect(body).toMatchObject({
    temperature: 5,
    top_p: 0.5,
    top_k: 50,
    seed: 4,
    presence_penalty: 1,
    reasoning_effort: 'low',
  })
  expect(warnings).toHaveLength(2)
  expect(dropped).toHaveLength(1)
  expect(refused).toEqual([])
  expect(send({ settings: settings({ stop: ['a'], choices: 2 }) }).refused).toEqual(['stop', 'choices'])
})

test('a loop of tools, and no content is null', () => {
  const { body } = send({
    settings: LIMITED,
    tools: [tool('look')],
    turns: [user('날씨?'), assistant(toolCall('c1', 'look')), turn('tool', [result('c1', text('맑음'))])],
  })
  expect(body['messages']).toEqual([
    { role: 'user', content: '날씨?' },
    {
      role: 'assistant',
      content: '',
      tool_calls: [{ id: 'c1', type: 'function', function: { name: 'look', arguments: '{"a":1}' } }],
    },
    { role: 'tool', tool_call_id: 'c1', content: '맑음', name: 'look' },
  ])
  expect(body['tools']).toEqual([{ type: 'function', function: { name: 'look', parameters: { type: 'object' } } }])
})

test('one tool by its name is the only one, and must be called', () => {
  const toolChoice = set({ kind: 'named', name: 'b' } as const, 'tool_choice')
  const { body, warnings } = send({ settings: LIMITED, tools: [tool('a'), tool('b')], toolChoice })
  expect(body).toMatchObject({ tool_choice: 'required', tools: [{ function: { name: 'b' } }] })
  expect(body['tools']).toHaveLength(1)
  expect(warnings).toHaveLength(1)
})

test('a schema stands without a name around it', () => {
  const schema = { type: 'object', properties: {} }
  const { body } = send({ output: set({ kind: 'schema', name: 'n', schema }) })
  expect(body['response_format']).toEqual({ type: 'json_schema', json_schema: schema })
})

test('images as data; an address is refused', () => {
  const image = { type: 'image', source: { kind: 'data', mediaType: 'image/png', data: 'AAAA' } } as const
  expect(send({ turns: [user('what?', image)] }).body['messages']).toEqual([
    {
      role: 'user',
      content: [
        { type: 'text', text: 'what?' },
        { type: 'image_url', image_url: { url: 'data:image/png;base64,AAAA' } },
      ],
    },
  ])
  expect(send({ turns: [user({ type: 'image', source: { kind: 'url', url: 'https://x.test' } })] }).refused).toEqual([
    'image_url',
  ])
})
