import { describe, expect, test } from 'vitest'
import type { Conversation } from '#src/core/conversation.ts'
import { FailureError } from '#src/core/failure.ts'
import { read } from './read.ts'
import { toConversation } from './to-conversation.ts'

const BARE = { model: 'm', max_tokens: 9, messages: [{ role: 'user', content: '안녕' }] }

function conversation(more: object): Conversation {
  return toConversation(read(JSON.stringify({ ...BARE, ...more }), { id: 'r', tags: [], metadata: {} }))
}

const parts = (...content: readonly object[]) => conversation({ messages: [{ role: 'user', content }] })
const unknown = (one: Conversation) => one.rest.map(({ param }) => param)

function refused(more: object): string | null | undefined {
  try {
    conversation(more)
  } catch (error) {
    if (error instanceof FailureError && error.failure.status === 400) return error.failure.param
    throw error
  }
  return 'nothing'
}

describe('turns', () => {
  test('system text, and every role', () => {
    const { turns } = conversation({
      system: [{ type: 'text', text: 'a', cache_control: { type: 'ephemeral', ttl: '1h' } }],
      messages: [
        { role: 'user', content: 'b' },
        { role: 'assistant', content: [{ type: 'text', text: 'c' }] },
        { role: 'system', content: 'd' },
      ],
    })
    expect(turns).toEqual([
      { role: 'system', parts: [{ type: 'text', text: 'a', cache: { ttl: '1h' } }] },
      { role: 'user', parts: [{ type: 'text', text: 'b' }] },
      { role: 'assistant', parts: [{ type: 'text', text: 'c' }] },
      { role: 'system', parts: [{ type: 'text', text: 'd' }] },
    ])
    expect(conversation({ system: 'a' }).turns[0]).toEqual({ role: 'system', parts: [{ type: 'text', text: 'a' }] })
  })

  test('results of tools are a turn of their own', () => {
    const { turns } = parts(
      { type: 'tool_result', tool_use_id: 'a', content: 'x', is_error: true, cache_control: { type: 'ephemeral' } },
      { type: 'text', text: 'and' },
      {
        type: 'tool_result',
        tool_use_id: 'b',
        content: [
          { type: 'text', text: 'y' },
          { type: 'image', source: { type: 'url', url: 'u' } },
        ],
      },
      { type: 'tool_result', tool_use_id: 'c' },
    )
    expect(turns).toEqual([
      {
        role: 'tool',
        parts: [
          { type: 'tool-result', id: 'a', parts: [{ type: 'text', text: 'x' }], failed: true, cache: {} },
          {
            type: 'tool-result',
            id: 'b',
            parts: [
              { type: 'text', text: 'y' },
              { type: 'image', source: { kind: 'url', url: 'u' } },
            ],
          },
          { type: 'tool-result', id: 'c', parts: [] },
        ],
      },
      { role: 'user', parts: [{ type: 'text', text: 'and' }] },
    ])
  })

  test('a mark on the request is one on its last block', () => {
    expect(conversation({ cache_control: { type: 'ephemeral' } }).turns.at(-1)?.parts).toEqual([
      { type: 'text', text: '안녕', cache: {} },
    ])
  })
})

describe('blocks', () => {
  test.each([
    [
      { type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'A' } },
      { type: 'image', source: { kind: 'data', mediaType: 'image/png', data: 'A' } },
    ],
    [
      { type: 'image', source: { type: 'file', file_id: 'f' } },
      { type: 'image', source: { kind: 'id', id: 'f' } },
    ],
    [
      { type: 'document', title: 't', source: { type: 'url', url: 'u' } },
      { type: 'document', name: 't', source: { kind: 'url', url: 'u' } },
    ],
    [
      { type: 'document', source: { type: 'text', media_type: 'text/plain', data: 'd' } },
      { type: 'document', source: { kind: 'text', text: 'd' } },
    ],
    [
      {
        type: 'document',
        source: {
          type: 'content',
          content: [
            { type: 'text', text: 'a' },
            { type: 'text', text: 'b' },
          ],
        },
      },
      { type: 'document', source: { kind: 'text', text: 'a\nb' } },
    ],
    [
      {
        type: 'search_result',
        title: 't',
        source: 's',
        content: [{ type: 'text', text: 'a' }],
        citations: { enabled: false },
      },
      { type: 'text', text: 't\ns\n\na' },
    ],
    [
      { type: 'thinking', thinking: 'a', signature: 's' },
      { type: 'reasoning', text: 'a', signature: { vendor: 'anthropic', value: 's' } },
    ],
    [
      { type: 'thinking', thinking: 'a', signature: '' },
      { type: 'reasoning', text: 'a' },
    ],
    [
      { type: 'thinking', thinking: '', signature: 'tutti.google.s' },
      { type: 'reasoning', text: '', signature: { vendor: 'google', value: 's' } },
    ],
    [
      { type: 'redacted_thinking', data: 'd' },
      { type: 'reasoning', redacted: true, signature: { vendor: 'anthropic', value: 'd' } },
    ],
    [
      { type: 'tool_use', id: 'i', name: 'n', input: { a: 1 }, caller: { type: 'direct' } },
      { type: 'tool-call', id: 'i', name: 'n', input: '{"a":1}' },
    ],
    [
      { type: 'server_tool_use', id: 'i', name: 'web_search', input: {} },
      {
        type: 'opaque',
        vendor: 'anthropic',
        kind: 'server_tool_use',
        value: { type: 'server_tool_use', id: 'i', name: 'web_search', input: {} },
      },
    ],
    [
      { type: 'fallback', from: {} },
      { type: 'opaque', vendor: 'anthropic', kind: 'fallback', value: { type: 'fallback', from: {} } },
    ],
    [
      {
        type: 'text',
        text: 'a',
        citations: [{ type: 'char_location', cited_text: 'q', document_title: 'd', start_char_index: 3 }],
      },
      {
        type: 'text',
        text: 'a',
        citations: [
          {
            vendor: 'anthropic',
            title: 'd',
            quote: 'q',
            raw: { type: 'char_location', cited_text: 'q', document_title: 'd', start_char_index: 3 },
          },
        ],
      },
    ],
  ])('%j', (block, part) => {
    const read = parts(block)
    expect(read.turns.flatMap((turn) => turn.parts)).toEqual([part])
    expect(unknown(read)).toEqual([])
  })

  test('what nobody knows is named by its path, at any depth', () => {
    expect(
      unknown(
        parts(
          { type: 'text', text: 'a', x: 1, y: null },
          { type: 'image', source: { type: 'url', url: 'u', x: 1 }, transformations: {} },
          {
            type: 'document',
            source: { type: 'content', content: [{ type: 'image', source: { type: 'url', url: 'u' } }] },
            context: 'c',
            citations: { enabled: true },
          },
          {
            type: 'tool_use',
            id: 'i',
            name: 'n',
            input: {},
            caller: { type: 'code_execution_20250825' },
            toolset_name: 't',
          },
          { type: 'tool_result', tool_use_id: 'i', content: [{ type: 'text', text: 'a', x: 1 }] },
          { type: 'text', text: 'b', cache_control: { type: 'ephemeral', scope: 'x' } },
        ),
      ).toSorted(),
    ).toEqual(
      [
        'messages[0].content[0].x',
        'messages[0].content[1].source.x',
        'messages[0].content[1].transformations',
        'messages[0].content[2].citations',
        'messages[0].content[2].context',
        'messages[0].content[2].source.content',
        'messages[0].content[3].caller',
        'messages[0].content[3].toolset_name',
        'messages[0].content[4].content[0].x',
        'messages[0].content[5].cache_control.scope',
      ].toSorted(),
    )
  })

  test.each([
    [{ type: 'text' }, 'messages[0].content[0].text'],
    [{ text: 'a' }, 'messages[0].content[0].type'],
    [{ type: 'tool_use', name: 'n', input: {} }, 'messages[0].content[0].id'],
    [{ type: 'tool_use', id: 'i', name: 'n', input: 'x' }, 'messages[0].content[0].input'],
    [{ type: 'tool_result' }, 'messages[0].content[0].tool_use_id'],
    [{ type: 'image' }, 'messages[0].content[0].source'],
    [{ type: 'image', source: { type: 'of_tomorrow' } }, 'messages[0].content[0].source.type'],
  ])('%j is a 400 that names %s', (block, param) => {
    expect(refused({ messages: [{ role: 'user', content: [block] }] })).toBe(param)
  })
})

describe('settings', () => {
  test('each by its own name', () => {
    const { settings, rest } = conversation({
      temperature: 0.5,
      top_p: 0.9,
      top_k: 5,
      stop_sequences: ['a'],
      metadata: { user_id: 'u', x: 1 },
      service_tier: 'standard_only',
      speed: 'standard',
      tool_choice: { type: 'auto', disable_parallel_tool_use: true },
    })
    expect(settings).toEqual({
      max_output_tokens: { value: 9, param: 'max_tokens' },
      temperature: { value: 0.5, param: 'temperature' },
      top_p: { value: 0.9, param: 'top_p' },
      top_k: { value: 5, param: 'top_k' },
      stop: { value: ['a'], param: 'stop_sequences' },
      user: { value: 'u', param: 'metadata.user_id' },
      service_tier: { value: 'default', param: 'service_tier' },
      parallel_tools: { value: false, param: 'tool_choice.disable_parallel_tool_use' },
    })
    expect(rest).toEqual([{ param: 'metadata.x', value: 1 }])
  })

  test('what means nothing is not set', () => {
    const { settings, rest, ...others } = conversation({
      service_tier: 'auto',
      stop_sequences: [],
      tool_choice: { type: 'auto', disable_parallel_tool_use: false },
      temperature: null,
      mcp_servers: [],
      inference_geo: 'global',
      stream: true,
    })
    expect(Object.keys(settings)).toEqual(['max_output_tokens'])
    expect(rest).toEqual([])
    expect(Object.keys(others)).toEqual(['turns', 'tools'])
  })

  test('what has no place is named', () => {
    expect(
      unknown(
        conversation({
          context_management: {},
          speed: 'fast',
          diagnostics: {},
          thinking: { type: 'between_tools' },
          x: 0,
        }),
      ).toSorted(),
    ).toEqual(['context_management', 'diagnostics', 'speed', 'thinking.type', 'x'])
  })

  test.each([
    [{ mcp_servers: [{ url: 'u' }] }, 'mcp_servers'],
    [{ container: 'c' }, 'container'],
    [{ inference_geo: 'us' }, 'inference_geo'],
    [{ stop_sequences: [1] }, 'stop_sequences'],
    [{ tool_choice: { type: 'x' } }, 'tool_choice'],
    [{ tool_choice: { type: 'tool' } }, 'tool_choice.name'],
    [{ thinking: { type: 'x' } }, 'thinking'],
    [{ thinking: { type: 'enabled' } }, 'thinking'],
    [{ output_config: { format: { type: 'x', schema: {} } } }, 'output_config'],
    [{ output_config: { format: { type: 'json_schema' } } }, 'output_config'],
    [{ tools: [{ description: 'd' }] }, 'tools[0].name'],
    [{ messages: [{ role: 'tool', content: 'a' }] }, 'messages[0].role'],
  ])('%j is a 400 that names %s', (more, param) => {
    expect(refused(more)).toBe(param)
  })

  test.each([
    [
      { thinking: { type: 'enabled', budget_tokens: 2000, display: 'omitted' } },
      { value: { budget: 2000, summary: false }, param: 'thinking' },
    ],
    [
      { thinking: { type: 'adaptive', display: 'summarized' }, output_config: { effort: 'high' } },
      { value: { adaptive: true, summary: 'auto', effort: 'high' }, param: 'thinking' },
    ],
    [{ output_config: { effort: 'low' } }, { value: { effort: 'low' }, param: 'output_config.effort' }],
    [
      { thinking: { type: 'disabled' }, output_config: { effort: 'max' } },
      { value: { effort: 'none' }, param: 'thinking' },
    ],
  ])('%j', (more, reasoning) => {
    expect(conversation(more).reasoning).toEqual(reasoning)
  })

  test('the form of the answer, by its new name and its old one', () => {
    const format = { type: 'json_schema', schema: { type: 'object' } }
    const value = { kind: 'schema', schema: { type: 'object' }, strict: true }
    expect(conversation({ output_config: { format } }).output).toEqual({ value, param: 'output_config' })
    expect(conversation({ output_format: format }).output).toEqual({ value, param: 'output_format' })
  })
})

describe('tools', () => {
  test('every kind', () => {
    const { tools, toolChoice, rest } = conversation({
      tools: [
        {
          name: 'f',
          description: 'd',
          input_schema: { type: 'object' },
          strict: true,
          cache_control: { type: 'ephemeral' },
          input_examples: [],
        },
        { type: 'custom', name: 'g', input_schema: { type: 'object' } },
        { type: 'web_search_20260209', name: 'web_search', max_uses: 3 },
        { type: 'memory_20250818', name: 'memory' },
      ],
      tool_choice: { type: 'tool', name: 'f' },
    })
    expect(tools).toEqual([
      { kind: 'function', name: 'f', description: 'd', parameters: { type: 'object' }, strict: true, cache: {} },
      { kind: 'function', name: 'g', parameters: { type: 'object' } },
      {
        kind: 'server',
        vendor: 'anthropic',
        common: 'web_search',
        value: { type: 'web_search_20260209', name: 'web_search', max_uses: 3 },
      },
      { kind: 'server', vendor: 'anthropic', value: { type: 'memory_20250818', name: 'memory' } },
    ])
    expect(toolChoice).toEqual({ value: { kind: 'named', name: 'f' }, param: 'tool_choice' })
    expect(rest.map(({ param }) => param)).toEqual(['tools[0].input_examples'])
  })

  test.each([
    ['any', 'required'],
    ['none', 'none'],
  ])('tool_choice %s is %s', (type, kind) => {
    expect(conversation({ tool_choice: { type } }).toolChoice?.value).toEqual({ kind })
  })
})
