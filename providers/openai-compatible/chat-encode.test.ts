import { expect, test } from 'vitest'
import type { Turn } from '#src/core/conversation.ts'
import { parseJson } from '#src/core/json.ts'
import { codecOf, conversationOf, FUNCTION, sent, set, text, user } from './chat-testing.ts'

const OPENAI = { members: 'openai' } as const

test('address, key and stream', () => {
  const codec = codecOf()
  const account = { id: 'a', baseUrl: 'https://host.test/v1', apiKey: 'k', headers: { 'x-more': '1' } }
  const input = { conversation: conversationOf(), model: 'm', account, stream: true }
  const { upstream, warnings } = codec.encode(input)
  expect(codec.encode(input)).toEqual({ upstream, warnings })
  expect(upstream).toMatchObject({ method: 'POST', url: 'https://host.test/v1/chat/completions' })
  expect(upstream.headers).toMatchObject({ authorization: 'Bearer k', accept: 'text/event-stream', 'x-more': '1' })
  expect(parseJson(upstream.body ?? '')).toEqual({
    model: 'm',
    messages: [{ role: 'user', content: '안녕' }],
    stream: true,
    stream_options: { include_usage: true },
  })
  expect(warnings).toEqual([])
})

test('a loop of tools with parallel calls, thoughts, a failure and an image in a result', () => {
  const turns: readonly Turn[] = [
    { role: 'developer', parts: [text('D')] },
    user('U'),
    {
      role: 'assistant',
      parts: [
        { type: 'reasoning', text: 'hm' },
        text('a'),
        { type: 'tool-call', id: 'c', name: 'f', input: '{}' },
        { type: 'tool-call', id: 'd', name: 'f', input: '{"a":1}' },
      ],
    },
    {
      role: 'tool',
      parts: [
        {
          type: 'tool-result',
          id: 'c',
          parts: [text('1'), { type: 'image', source: { kind: 'data', mediaType: 'image/png', data: 'QUJD' } }],
        },
        { type: 'tool-result', id: 'd', parts: [text('2')], failed: true },
      ],
    },
  ]
  const call = (id: string, input: string) => ({ id, type: 'function', function: { name: 'f', arguments: input } })
  const assistant = { role: 'assistant', content: 'a', tool_calls: [call('c', '{}'), call('d', '{"a":1}')] }
  const after = [
    { role: 'tool', tool_call_id: 'c', content: '1' },
    { role: 'tool', tool_call_id: 'd', content: 'Error:\n\n2' },
    { role: 'user', content: [{ type: 'image_url', image_url: { url: 'data:image/png;base64,QUJD' } }] },
  ]
  expect(sent({ turns }).body['messages']).toEqual([
    { role: 'developer', content: 'D' },
    { role: 'user', content: 'U' },
    assistant,
    ...after,
  ])
  expect(sent({ turns }).warnings).toEqual(['thoughts of earlier turns were not sent: the provider does not take them'])
  const replayed = sent({ turns }, { replayReasoning: 'reasoning_content', developerRole: 'system' })
  expect(replayed.body['messages']).toMatchObject([
    { role: 'system' },
    {},
    { ...assistant, reasoning_content: 'hm' },
    ...after,
  ])
  expect(replayed.warnings).toEqual(['messages of role `developer` were sent as `system`'])
})

test('a turn that only calls has no content, or an empty one where null is refused', () => {
  const turns: readonly Turn[] = [
    user('U'),
    { role: 'assistant', parts: [{ type: 'tool-call', id: 'c', name: 'f', input: '{}' }] },
  ]
  expect(sent({ turns }).body).toMatchObject({ messages: [{}, { content: null }] })
  expect(sent({ turns }, { contentNull: '""' }).body).toMatchObject({ messages: [{}, { content: '' }] })
})

const CLOSED = { type: 'object', properties: {}, required: [], additionalProperties: false }

test('everything that OpenAI has a member for', () => {
  const { body, warnings, refusals } = sent(
    {
      turns: [
        {
          role: 'user',
          name: 'Kim',
          parts: [
            text('a'),
            { type: 'image', source: { kind: 'url', url: 'https://a.test' }, detail: 'low' },
            { type: 'audio', source: { kind: 'data', mediaType: 'audio/mpeg', data: 'QUJD' } },
            { type: 'document', source: { kind: 'data', mediaType: 'application/pdf', data: 'QUJD' } },
            { type: 'document', source: { kind: 'id', id: 'file_1' } },
            { type: 'document', source: { kind: 'data', mediaType: 'text/plain', data: '7JWI64WV' } },
          ],
        },
        { role: 'assistant', parts: [text('a'), { type: 'refusal', text: 'no' }] },
      ],
      tools: [
        { ...FUNCTION, parameters: CLOSED },
        { kind: 'custom', name: 'g', format: { type: 'text' } },
      ],
      toolChoice: set({ kind: 'allowed', mode: 'required', names: ['f', 'g'] }),
      output: set({ kind: 'schema', schema: CLOSED, strict: true }),
      reasoning: set({ budget: 2000 }, 'thinking'),
      settings: {
        max_output_tokens: set(5),
        seed: set(7),
        stop: set(['E']),
        choices: set(2),
        parallel_tools: set(false),
        verbosity: set('low'),
        service_tier: set('standard_only'),
        metadata: set({ a: 'b' }),
        user: set('u'),
        cache_key: set('k'.repeat(70)),
        store: set(true),
      },
    },
    OPENAI,
    'gpt-5-mini',
  )
  expect(refusals).toEqual([])
  expect(body).toEqual({
    model: 'gpt-5-mini',
    messages: [
      {
        role: 'user',
        name: 'Kim',
        content: [
          { type: 'text', text: 'a' },
          { type: 'image_url', image_url: { url: 'https://a.test', detail: 'low' } },
          { type: 'input_audio', input_audio: { data: 'QUJD', format: 'mp3' } },
          { type: 'file', file: { file_data: 'data:application/pdf;base64,QUJD', filename: 'document.pdf' } },
          { type: 'file', file: { file_id: 'file_1' } },
          { type: 'text', text: '안녕' },
        ],
      },
      {
        role: 'assistant',
        content: [
          { type: 'text', text: 'a' },
          { type: 'refusal', refusal: 'no' },
        ],
      },
    ],
    tools: [
      { type: 'function', function: { name: 'f', parameters: CLOSED, strict: true } },
      { type: 'custom', custom: { name: 'g', format: { type: 'text' } } },
    ],
    tool_choice: {
      type: 'allowed_tools',
      allowed_tools: {
        mode: 'required',
        tools: [
          { type: 'function', function: { name: 'f' } },
          { type: 'custom', custom: { name: 'g' } },
        ],
      },
    },
    response_format: { type: 'json_schema', json_schema: { name: 'answer', schema: CLOSED, strict: true } },
    reasoning_effort: 'medium',
    max_completion_tokens: 5,
    seed: 7,
    stop: ['E'],
    n: 2,
    parallel_tool_calls: false,
    verbosity: 'low',
    service_tier: 'default',
    metadata: { a: 'b' },
    safety_identifier: 'u',
    prompt_cache_key: 'k'.repeat(64),
    store: true,
  })
  expect(warnings).toEqual([
    "`prompt_cache_key` was cut to 64 characters, the provider's most",
    '`thinking` was sent as `reasoning_effort` `medium`',
  ])
})

test('strictness is left out where OpenAI would refuse the schema for it', () => {
  const schema = { type: 'object', properties: { a: {} }, additionalProperties: false }
  const { body, warnings } = sent(
    {
      tools: [{ kind: 'function', name: 'f', parameters: schema, strict: true }],
      output: set({ kind: 'schema', schema, strict: true }, 'output_config'),
    },
    OPENAI,
    'gpt-4.1',
  )
  expect(body['tools']).toEqual([{ type: 'function', function: { name: 'f', parameters: schema } }])
  expect(body['response_format']).toEqual({
    type: 'json_schema',
    json_schema: { name: 'answer', schema, strict: false },
  })
  expect(warnings).toEqual([
    '`output_config` was sent without `strict`, which wants every property demanded',
    '`strict` of the tool `f` was not sent: it wants every property demanded',
  ])
})

test.each([
  ['gpt-6.1-terra', ['function_tools']],
  ['gpt-5.4', ['function_tools']],
  ['gpt-5', []],
  ['gpt-4.1', []],
])('%s takes functions beside its thoughts: what it refuses is %j', (model, refusals) => {
  expect(sent({ tools: [FUNCTION] }, OPENAI, model).refusals).toEqual(refusals)
})

test('a document that is text is said with its name', () => {
  const part = { type: 'document', name: '메모', source: { kind: 'text', text: '서울' } } as const
  const { body } = sent({ turns: [{ role: 'user', parts: [part] }] }, OPENAI, 'gpt-4.1')
  expect(body['messages']).toEqual([{ role: 'user', content: [{ type: 'text', text: '메모:\n서울' }] }])
})

test("OpenAI's models that think refuse sampling; those that do not, thinking", () => {
  const more = {
    settings: { temperature: set(0.5, 'temperature'), top_p: set(1, 'top_p'), verbosity: set('low', 'verbosity') },
    reasoning: set({ effort: 'low' }, 'reasoning_effort'),
  }
  const thinking = sent(more, OPENAI, 'gpt-6.1-sol')
  expect(thinking.body).toMatchObject({ reasoning_effort: 'low', verbosity: 'low' })
  expect(thinking.body).not.toHaveProperty('temperature')
  // 1 is what it does anyhow.
  expect(thinking.warnings).toEqual(['`temperature` was not sent: the provider does not take it'])
  const plain = sent(more, OPENAI, 'gpt-4.1')
  expect(plain.body).toMatchObject({ temperature: 0.5, top_p: 1 })
  expect(plain.body).not.toHaveProperty('reasoning_effort')
  expect(plain.warnings).toHaveLength(2)
  expect(sent({ settings: { stop: set(['E']) } }, OPENAI, 'o3').refusals).toEqual(['stop'])
})

test('of a host that only follows no newer member is believed', () => {
  const settings = {
    max_output_tokens: set(5),
    verbosity: set('low', 'verbosity'),
    store: set(true, 'store'),
    user: set('u'),
    service_tier: set('flex', 'service_tier'),
  }
  const { body, warnings, refusals } = sent({
    settings,
    turns: [
      { role: 'user', parts: [text('a'), text('b')] },
      { role: 'assistant', parts: [{ type: 'refusal', text: 'no' }] },
    ],
    tools: [FUNCTION, { kind: 'function', name: 'g' }, { kind: 'custom', name: 'h' }],
    toolChoice: set({ kind: 'allowed', mode: 'required', names: ['g'] }, 'tool_choice'),
  })
  expect(body).toEqual({
    model: 'm',
    messages: [
      { role: 'user', content: 'a\n\nb' },
      { role: 'assistant', content: 'no' },
    ],
    max_tokens: 5,
    user: 'u',
    tools: [{ type: 'function', function: { name: 'g' } }],
    tool_choice: 'required',
  })
  expect(refusals).toEqual(['custom_tools'])
  expect(warnings).toEqual([
    '`verbosity` was not sent: the provider does not take it',
    '`store` was not sent: the provider does not take it',
    '`service_tier` was not sent: the provider does not take it',
    '`strict` was not sent: the provider does not take it',
    '`tool_choice` was honoured by offering only the tools that may be called',
  ])
})

test('a schema that cannot be sent is asked for in words', () => {
  const output = set({ kind: 'schema', schema: { type: 'object' } } as const, 'response_format')
  const { body, warnings } = sent({ output }, { jsonSchema: 'emulated' })
  expect(body['response_format']).toEqual({ type: 'json_object' })
  expect(body['messages']).toMatchObject([
    { role: 'system', content: expect.stringContaining('{"type":"object"}') },
    { role: 'user' },
  ])
  expect(warnings).toEqual([
    'the schema of `response_format` was asked for in words: the provider knows `json_object` alone',
  ])
  expect(sent({ output }, { jsonSchema: 'bare' }).body['response_format']).toEqual({
    type: 'json_schema',
    json_schema: { type: 'object' },
  })
})

test('JSON is spoken of where it is asked for, since it is refused otherwise', () => {
  const output = set({ kind: 'json' } as const, 'responseMimeType')
  expect(sent({ output }).body['messages']).toHaveLength(2)
  expect(sent({ output }).warnings).toEqual(['a message that asks for JSON was added: `responseMimeType` demands one'])
  const spoken = sent({ output, turns: [user('as JSON, please')] })
  expect(spoken.body['messages']).toHaveLength(1)
  expect(spoken.warnings).toEqual([])
})

test('tools that its own vendor alone understands, and signatures of others', () => {
  const turns: readonly Turn[] = [
    user('U'),
    {
      role: 'assistant',
      parts: [
        { type: 'reasoning', text: 'hm', signature: { vendor: 'anthropic', value: 's' } },
        { type: 'tool-call', id: 'c', name: 'f', input: '{}', signature: { vendor: 'google', value: 't' } },
        { type: 'opaque', vendor: 'openai', kind: 'web_search_call', value: {} },
      ],
    },
  ]
  const search = { kind: 'server', vendor: 'openai', common: 'web_search', value: {} } as const
  const { body, refusals, warnings } = sent({ turns, tools: [search] }, { replayReasoning: 'reasoning' })
  expect(refusals).toEqual(['server_tools'])
  expect(body).toMatchObject({ messages: [{}, { reasoning: 'hm' }] })
  expect(JSON.stringify(body)).not.toContain('extra_content')
  expect(warnings).toHaveLength(2)
  const google = sent({ turns }, { vendor: 'google' })
  expect(google.body).toMatchObject({
    messages: [{}, { tool_calls: [{ extra_content: { google: { thought_signature: 't' } } }] }],
  })
})
