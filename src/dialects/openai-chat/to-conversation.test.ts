import { describe, expect, test } from 'vitest'
import { FailureError } from '#src/core/failure.ts'
import type { JsonObject } from '#src/core/json.ts'
import { makeRequest } from '../../../test/support/world.ts'
import { toConversation } from './to-conversation.ts'

const USER = { role: 'user', content: '안녕 👋' }
const read = (more: JsonObject) => toConversation(makeRequest({ model: 'm', messages: [USER], ...more }))
const turns = (...messages: readonly JsonObject[]) => read({ messages }).turns
const parts = (...content: readonly JsonObject[]) => turns({ role: 'user', content })[0]?.parts

function refused(more: JsonObject): string | null | undefined {
  try {
    read(more)
  } catch (error) {
    if (error instanceof FailureError) return error.failure.param
    throw error
  }
  throw new Error('taken')
}

describe('messages', () => {
  test('roles, names, and results that follow each other', () => {
    const call = (id: string) => ({ id, type: 'function', function: { name: 'f', arguments: '{"a":1}' } })
    expect(
      turns(
        { role: 'developer', content: 'D' },
        { role: 'user', content: 'U', name: 'Kim' },
        { role: 'assistant', content: null, tool_calls: [call('a'), call('b')] },
        { role: 'tool', tool_call_id: 'a', content: '1' },
        { role: 'tool', tool_call_id: 'b', content: [{ type: 'text', text: '2' }] },
        { role: 'system', content: 'S' },
      ),
    ).toEqual([
      { role: 'developer', parts: [{ type: 'text', text: 'D' }] },
      { role: 'user', parts: [{ type: 'text', text: 'U' }], name: 'Kim' },
      {
        role: 'assistant',
        parts: [
          { type: 'tool-call', id: 'a', name: 'f', input: '{"a":1}' },
          { type: 'tool-call', id: 'b', name: 'f', input: '{"a":1}' },
        ],
      },
      {
        role: 'tool',
        parts: [
          { type: 'tool-result', id: 'a', parts: [{ type: 'text', text: '1' }] },
          { type: 'tool-result', id: 'b', parts: [{ type: 'text', text: '2' }] },
        ],
      },
      { role: 'system', parts: [{ type: 'text', text: 'S' }] },
    ])
  })

  test('all that a user may say', () => {
    expect(
      parts(
        { type: 'text', text: 'x', cache_control: { type: 'ephemeral', ttl: '1h' } },
        { type: 'image_url', image_url: { url: 'https://a.test/b.png', detail: 'high' } },
        { type: 'image_url', image_url: { url: 'data:image/png;base64,QUJD', detail: 'auto' } },
        { type: 'input_audio', input_audio: { data: 'QUJD', format: 'wav' } },
        { type: 'file', file: { filename: 'a.pdf', file_data: 'data:application/pdf;base64,QUJD' } },
        { type: 'file', file: { file_id: 'file_1' } },
        { type: 'file', file: { file_data: 'QUJD' } },
        {
          type: 'video_url',
          video_url: { url: 'https://a.test/v.mp4' },
          prompt_cache_breakpoint: { mode: 'explicit' },
        },
      ),
    ).toEqual([
      { type: 'text', text: 'x', cache: { ttl: '1h' } },
      { type: 'image', source: { kind: 'url', url: 'https://a.test/b.png' }, detail: 'high' },
      { type: 'image', source: { kind: 'data', mediaType: 'image/png', data: 'QUJD' } },
      { type: 'audio', source: { kind: 'data', mediaType: 'audio/wav', data: 'QUJD' } },
      { type: 'document', source: { kind: 'data', mediaType: 'application/pdf', data: 'QUJD' }, name: 'a.pdf' },
      { type: 'document', source: { kind: 'id', id: 'file_1' } },
      { type: 'document', source: { kind: 'data', mediaType: 'application/pdf', data: 'QUJD' } },
      { type: 'video', source: { kind: 'url', url: 'https://a.test/v.mp4' }, cache: {} },
    ])
  })

  test('all that a model may have said', () => {
    const [turn] = turns({
      role: 'assistant',
      reasoning_content: '',
      reasoning: 'I think',
      content: [
        { type: 'text', text: 'a' },
        { type: 'refusal', refusal: 'no' },
      ],
      annotations: [{ type: 'url_citation', url_citation: { url: 'https://a.test', title: 'A' } }],
      refusal: 'never',
      audio: { id: 'audio_1', data: 'QUJD', transcript: 'la', expires_at: 1 },
      images: [{ type: 'image_url', image_url: { url: 'data:image/png;base64,QUJD' } }],
      tool_calls: [
        {
          id: 'c1',
          type: 'function',
          function: { name: 'f', arguments: '' },
          extra_content: { google: { thought_signature: 's' } },
        },
        { id: 'c2', type: 'custom', custom: { name: 'g', input: '' } },
      ],
    })
    expect(turn?.parts).toMatchObject([
      { type: 'reasoning', text: 'I think' },
      { type: 'text', text: 'a', citations: [{ url: 'https://a.test', title: 'A', vendor: 'openai' }] },
      { type: 'refusal', text: 'no' },
      { type: 'refusal', text: 'never' },
      { type: 'audio', source: { kind: 'id', id: 'audio_1' }, transcript: 'la' },
      { type: 'image', source: { kind: 'data', mediaType: 'image/png', data: 'QUJD' } },
      { type: 'tool-call', id: 'c1', name: 'f', input: '{}', signature: { vendor: 'google', value: 's' } },
      { type: 'tool-call', id: 'c2', name: 'g', input: '', custom: true },
    ])
  })

  test.each<[string, JsonObject, object]>([
    ['reasoning_content', { reasoning_content: 'r' }, { type: 'reasoning', text: 'r' }],
    [
      'a part of thoughts',
      { content: [{ type: 'thinking', thinking: [{ type: 'text', text: 'r' }] }] },
      { type: 'reasoning', text: 'r' },
    ],
    [
      'a text of OpenRouter',
      {
        reasoning: 'r',
        reasoning_details: [
          { type: 'reasoning.text', text: 'r', signature: 's', format: 'anthropic-claude-v1', index: 0 },
        ],
      },
      { type: 'reasoning', text: 'r', signature: { vendor: 'anthropic', value: 's' } },
    ],
    [
      'a secret of OpenRouter',
      { reasoning_details: [{ type: 'reasoning.encrypted', data: 'd', format: 'google-gemini-v1' }] },
      { type: 'reasoning', redacted: true, signature: { vendor: 'google', value: 'd' } },
    ],
    [
      'a block of Anthropic',
      { thinking_blocks: [{ type: 'thinking', thinking: 'r', signature: 's' }] },
      { type: 'reasoning', text: 'r', signature: { vendor: 'anthropic', value: 's' } },
    ],
  ])('thoughts of earlier turns: %s', (_what, message, part) => {
    const conversation = read({ messages: [{ role: 'assistant', ...message }] })
    expect(conversation.turns[0]?.parts).toEqual([part])
    expect(conversation.rest).toEqual([])
  })

  test('older function calls get ids, each its own, and results find the last call of their name', () => {
    const asked = { role: 'assistant', content: null, function_call: { name: 'f', arguments: '{}' } }
    const given = (content: string) => ({ role: 'function', name: 'f', content })
    const all = turns(asked, given('1'), asked, given('2')).flatMap((turn) => turn.parts)
    const ids = all.map((part) => ('id' in part ? part.id : ''))
    expect(ids[0]).toBe(ids[1])
    expect(ids[2]).toBe(ids[3])
    expect(ids[0]).not.toBe(ids[2])
  })
})

describe('tools and formats', () => {
  test('tools of all kinds', () => {
    const parameters = { type: 'object', properties: { a: { type: 'string' } } }
    const { tools, rest } = read({
      tools: [
        {
          type: 'function',
          function: { name: 'f', description: 'F', parameters, strict: true },
          cache_control: { type: 'ephemeral' },
        },
        { type: 'custom', custom: { name: 'g', description: 'G', format: { type: 'text' } } },
      ],
      functions: [{ name: 'h' }],
      web_search_options: {
        search_context_size: 'low',
        user_location: { type: 'approximate', approximate: { country: 'KR' } },
      },
    })
    expect(tools).toEqual([
      { kind: 'function', name: 'f', description: 'F', parameters, strict: true, cache: {} },
      { kind: 'custom', name: 'g', description: 'G', format: { type: 'text' } },
      { kind: 'function', name: 'h' },
      {
        kind: 'server',
        vendor: 'openai',
        common: 'web_search',
        value: {
          type: 'web_search',
          search_context_size: 'low',
          user_location: { type: 'approximate', country: 'KR' },
        },
      },
    ])
    expect(rest).toEqual([])
  })

  test.each<[JsonObject, object | undefined]>([
    [{ tool_choice: 'auto' }, undefined],
    [{ tool_choice: 'none' }, { value: { kind: 'none' }, param: 'tool_choice' }],
    [{ tool_choice: 'required' }, { value: { kind: 'required' }, param: 'tool_choice' }],
    [
      { tool_choice: { type: 'function', function: { name: 'f' } } },
      { value: { kind: 'named', name: 'f' }, param: 'tool_choice' },
    ],
    [
      { tool_choice: { type: 'custom', custom: { name: 'g' } } },
      { value: { kind: 'named', name: 'g' }, param: 'tool_choice' },
    ],
    [
      {
        tool_choice: {
          type: 'allowed_tools',
          allowed_tools: { mode: 'required', tools: [{ type: 'function', function: { name: 'f' } }] },
        },
      },
      { value: { kind: 'allowed', mode: 'required', names: ['f'] }, param: 'tool_choice' },
    ],
    [{ function_call: { name: 'h' } }, { value: { kind: 'named', name: 'h' }, param: 'function_call' }],
    [{ function_call: 'none' }, { value: { kind: 'none' }, param: 'function_call' }],
  ])('%j', (more, choice) => {
    expect(read(more).toolChoice).toEqual(choice)
    expect(read(more).rest).toEqual([])
  })

  test.each<[JsonObject, object | undefined]>([
    [{ type: 'text' }, undefined],
    [{ type: 'json_object' }, { kind: 'json' }],
    [
      { type: 'json_schema', json_schema: { name: 'n', description: 'd', schema: { type: 'object' }, strict: true } },
      { kind: 'schema', name: 'n', description: 'd', schema: { type: 'object' }, strict: true },
    ],
  ])('response_format %j', (response_format, value) => {
    expect(read({ response_format }).output?.value).toEqual(value)
  })

  test.each<[JsonObject, object]>([
    [{ reasoning_effort: 'high' }, { value: { effort: 'high' }, param: 'reasoning_effort' }],
    [{ reasoning: { max_tokens: 100, exclude: true } }, { value: { budget: 100, summary: false }, param: 'reasoning' }],
    [{ thinking: { type: 'enabled', budget_tokens: 9 } }, { value: { budget: 9 }, param: 'thinking' }],
    [{ thinking: { type: 'disabled' } }, { value: { effort: 'none' }, param: 'thinking' }],
  ])('reasoning %j', (more, reasoning) => {
    expect(read(more).reasoning).toEqual(reasoning)
  })
})

test('settings, each under its own name', () => {
  const written = {
    max_completion_tokens: 5,
    temperature: 0.5,
    top_p: 0.9,
    frequency_penalty: 1,
    presence_penalty: -1,
    seed: 7,
    stop: 'END',
    n: 2,
    logprobs: true,
    top_logprobs: 3,
    logit_bias: { 1: 2 },
    parallel_tool_calls: false,
    verbosity: 'low',
    service_tier: 'flex',
    metadata: { a: 'b' },
    safety_identifier: 'u',
    prompt_cache_key: 'k',
    modalities: ['text', 'audio'],
    audio: { voice: 'alloy', format: 'wav' },
    store: true,
  }
  const { settings, rest } = read(written)
  expect(rest).toEqual([])
  const values = Object.fromEntries(Object.entries(settings).map(([name, { value, param }]) => [name, [param, value]]))
  expect(values).toEqual({
    max_output_tokens: ['max_completion_tokens', 5],
    temperature: ['temperature', 0.5],
    top_p: ['top_p', 0.9],
    frequency_penalty: ['frequency_penalty', 1],
    presence_penalty: ['presence_penalty', -1],
    seed: ['seed', 7],
    stop: ['stop', ['END']],
    choices: ['n', 2],
    logprobs: ['logprobs', 3],
    logit_bias: ['logit_bias', { 1: 2 }],
    parallel_tools: ['parallel_tool_calls', false],
    verbosity: ['verbosity', 'low'],
    service_tier: ['service_tier', 'flex'],
    metadata: ['metadata', { a: 'b' }],
    user: ['safety_identifier', 'u'],
    cache_key: ['prompt_cache_key', 'k'],
    modalities: ['modalities', ['text', 'audio']],
    speech: ['audio', { voice: 'alloy', format: 'wav' }],
    store: ['store', true],
  })
})

test('what means the default is not set, and null is absent', () => {
  const usual = {
    n: 1,
    logprobs: false,
    parallel_tool_calls: true,
    tool_choice: 'auto',
    response_format: { type: 'text' },
    verbosity: 'medium',
    service_tier: 'auto',
    modalities: ['text'],
    store: false,
    temperature: null,
    tools: null,
    stop: null,
    stream: true,
    stream_options: { include_usage: true, include_obfuscation: false },
  }
  expect(read(usual)).toEqual({ turns: read({}).turns, tools: [], settings: {}, rest: [] })
})

test('no stops are none', () => {
  expect(read({ stop: [] }).settings).toEqual({})
})

test('of two names of one thing the newer counts, and the other is told', () => {
  const { settings, rest } = read({ max_tokens: 9, max_completion_tokens: 5, user: 'a', safety_identifier: 'b' })
  expect(settings).toMatchObject({ max_output_tokens: { value: 5 }, user: { value: 'b' } })
  expect(rest.map(({ param }) => param)).toEqual(['max_tokens', 'user'])
  expect(read({ max_tokens: 9 }).settings.max_output_tokens).toEqual({ value: 9, param: 'max_tokens' })
})

test.each<[string, JsonObject, string]>([
  ['a role', { messages: [{ role: 'x', content: '' }] }, 'messages[0].role'],
  ['no role', { messages: [{ content: '' }] }, 'messages[0].role'],
  ['a kind of part', { messages: [USER, { role: 'user', content: [{ type: 'x' }] }] }, 'messages[1].content[0].type'],
  ['no content', { messages: [{ role: 'user' }] }, 'messages[0].content'],
  ['no call', { messages: [{ role: 'tool', content: '' }] }, 'messages[0].tool_call_id'],
  [
    'an image without address',
    { messages: [{ role: 'user', content: [{ type: 'image_url', image_url: {} }] }] },
    'messages[0].content[0].image_url.url',
  ],
  [
    'a call without id',
    { messages: [{ role: 'assistant', tool_calls: [{ function: { name: 'f' } }] }] },
    'messages[0].tool_calls[0].id',
  ],
  ['a kind of tool', { tools: [{ type: 'web_search' }] }, 'tools[0].type'],
  ['a tool without name', { tools: [{ type: 'function', function: {} }] }, 'tools[0].function.name'],
  ['a choice', { tool_choice: 'sometimes' }, 'tool_choice'],
  ['a format', { response_format: { type: 'xml' } }, 'response_format.type'],
  [
    'a schema',
    { response_format: { type: 'json_schema', json_schema: { name: 'n' } } },
    'response_format.json_schema.schema',
  ],
  ['a number', { temperature: 'hot' }, 'temperature'],
  ['stop', { stop: [1] }, 'stop'],
])('refuses %s by its own name', (_what, more, param) => {
  expect(refused(more)).toBe(param)
})
