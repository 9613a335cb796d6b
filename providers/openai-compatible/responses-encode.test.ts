import { describe, expect, test } from 'vitest'
import type { Conversation, ServerTool } from '#src/core/conversation.ts'
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
import { quirksOf } from './definition.ts'
import { responsesCodec } from './responses-codec.ts'

const codec = responsesCodec(quirksOf({ type: 'openai', title: 'OpenAI', quirks: { members: 'openai' } }))
const send = (over: Partial<Conversation>, model = 'gpt-6.1-terra', stream = false) =>
  sendBy(codec, over, { model, stream })

test('a conversation, its settings and its address; nothing is stored', () => {
  const { upstream, body, warnings } = send(
    {
      turns: [turn('system', ['짧게']), user('hi')],
      settings: settings({ max_output_tokens: 9, user: 'u', cache_key: 'k', parallel_tools: false, verbosity: 'low' }),
      reasoning: set({ effort: 'high', summary: 'auto' }, 'thinking'),
    },
    'gpt-6.1-terra',
    true,
  )
  expect(upstream.url).toBe('https://host.test/responses')
  expect(body).toEqual({
    model: 'gpt-6.1-terra',
    input: [
      { type: 'message', role: 'system', content: [{ type: 'input_text', text: '짧게' }] },
      { type: 'message', role: 'user', content: [{ type: 'input_text', text: 'hi' }] },
    ],
    store: false,
    max_output_tokens: 9,
    parallel_tool_calls: false,
    safety_identifier: 'u',
    prompt_cache_key: 'k',
    text: { verbosity: 'low' },
    reasoning: { effort: 'high', summary: 'auto' },
    include: ['reasoning.encrypted_content'],
    stream: true,
  })
  expect(warnings).toEqual([])
})

test('a loop of tools: each item by its id, those of tools that take text too', () => {
  const { body, dropped } = send({
    turns: [
      user('a'),
      assistant('둘 다', toolCall('c1', 'f', '{"a":1}'), { ...toolCall('c2', 'g', 'echo'), custom: true }),
      turn('tool', [
        { type: 'tool-result', id: 'c1', parts: [text('no')], failed: true },
        { type: 'tool-result', id: 'c2', parts: [text('안녕')], custom: true },
      ]),
    ],
  })
  expect(dropped).toEqual([])
  expect(body['input']).toEqual([
    { type: 'message', role: 'user', content: [{ type: 'input_text', text: 'a' }] },
    { type: 'message', role: 'assistant', content: [{ type: 'output_text', text: '둘 다' }] },
    { type: 'function_call', call_id: 'c1', name: 'f', arguments: '{"a":1}' },
    { type: 'custom_tool_call', call_id: 'c2', name: 'g', input: 'echo' },
    { type: 'function_call_output', call_id: 'c1', output: 'Error: no' },
    { type: 'custom_tool_call_output', call_id: 'c2', output: '안녕' },
  ])
})

test('thoughts go back encrypted, those of other vendors not at all', () => {
  const own = { type: 'reasoning', text: 't', summary: ['s'], signature: { vendor: 'openai', value: 'gAAA' } } as const
  const { body, warnings } = send({ turns: [user('a'), assistant(own, 'b')] })
  expect(JSON.stringify(body['input'])).toContain(
    '{"type":"reasoning","summary":[{"type":"summary_text","text":"s"}],"encrypted_content":"gAAA"}',
  )
  expect(warnings).toEqual([])
  const { summary: _summary, ...told } = own
  const back = send({ turns: [user('a'), assistant(told, 'b')] })
  expect(JSON.stringify(back.body['input'])).toContain(
    '"summary":[{"type":"summary_text","text":"t"}],"encrypted_content"',
  )
  const other = send({ turns: [user('a'), assistant({ ...own, signature: { vendor: 'anthropic', value: 'x' } }, 'b')] })
  expect(other.body['input']).toHaveLength(2)
  expect(JSON.stringify(other.body)).not.toContain('reasoning')
  expect(other.warnings).toEqual([
    'thoughts of earlier turns were not sent: the provider takes them with its own signature only',
  ])
})

test('files: by their bytes, their address, or as text under their name', () => {
  const { body } = send({
    turns: [
      user(
        { type: 'image', source: { kind: 'data', mediaType: 'image/png', data: 'QUJD' } },
        { type: 'document', source: { kind: 'url', url: 'https://x.test/a.pdf' } },
        { type: 'document', name: '메모', source: { kind: 'text', text: '서울' } },
      ),
      turn('tool', [result('c', { type: 'image', source: { kind: 'url', url: 'https://x.test/a.png' } })]),
    ],
  })
  expect(body['input']).toEqual([
    {
      type: 'message',
      role: 'user',
      content: [
        { type: 'input_image', image_url: 'data:image/png;base64,QUJD', detail: 'auto' },
        { type: 'input_file', file_url: 'https://x.test/a.pdf' },
        { type: 'input_text', text: '메모:\n서울' },
      ],
    },
    {
      type: 'function_call_output',
      call_id: 'c',
      output: [{ type: 'input_image', image_url: 'https://x.test/a.png', detail: 'auto' }],
    },
  ])
})

describe('strictness', () => {
  const parameters = { type: 'object', properties: { a: {}, b: {} }, additionalProperties: false }
  const closed = { ...parameters, required: ['a', 'b'] }

  test('goes where OpenAI takes the schema for it', () => {
    const { body, warnings } = send({
      tools: [{ kind: 'function', name: 'f', parameters: closed, strict: true }],
      output: set({ kind: 'schema', schema: closed, strict: true }, 'output_config'),
    })
    expect(body['tools']).toEqual([{ type: 'function', name: 'f', parameters: closed, strict: true }])
    expect(body['text']).toEqual({ format: { type: 'json_schema', name: 'answer', schema: closed, strict: true } })
    expect(warnings).toEqual([])
  })

  test('is left out, and told, where it does not', () => {
    const { body, warnings } = send({
      tools: [{ kind: 'function', name: 'f', parameters, strict: true }],
      output: set({ kind: 'schema', schema: parameters, strict: true }, 'output_config'),
    })
    expect(body['tools']).toEqual([{ type: 'function', name: 'f', parameters, strict: false }])
    expect(body['text']).toEqual({ format: { type: 'json_schema', name: 'answer', schema: parameters, strict: false } })
    expect(warnings).toHaveLength(2)
  })
})

describe('tools that the provider runs', () => {
  const search = (vendor: string, value: ServerTool['value']): ServerTool => ({
    kind: 'server',
    vendor,
    common: 'web_search',
    value,
  })

  test('with the options that both have', () => {
    const value = { type: 'web_search_20250305', name: 'web_search', max_uses: 3, allowed_domains: ['a.kr'] }
    const place = { user_location: { type: 'approximate', city: 'Seoul' } }
    const { body, warnings } = send({ tools: [search('anthropic', { ...value, ...place })] })
    expect(body['tools']).toEqual([{ type: 'web_search', filters: { allowed_domains: ['a.kr'] }, ...place }])
    expect(warnings).toEqual(['`max_uses` of the tool `web_search` was not sent: the provider has no such field'])
  })

  test('its own as they are', () => {
    const value = { type: 'web_search', search_context_size: 'low' }
    expect(send({ tools: [search('openai', value)] }).body['tools']).toEqual([value])
  })
})
