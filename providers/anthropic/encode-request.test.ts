import { describe, expect, test } from 'vitest'
import type { Encode } from '#src/core/adapter.ts'
import type { Conversation, Part, SettingName, Turn } from '#src/core/conversation.ts'
import { honour } from '#src/core/honour.ts'
import { arrayAt, isObject, objectAt, parseJson, stringAt } from '#src/core/json.ts'
import { messagesCodec } from './codec.ts'
import { messageBody } from './encode-request.ts'
import { anthropic } from './index.ts'
import { conversation, sent } from './testing.ts'

const text = (words: string): Part => ({ type: 'text', text: words })
const turn = (role: Turn['role'], ...parts: readonly Part[]): Turn => ({ role, parts })
const user = turn('user', text('안녕'))
const OLD = 'claude-sonnet-4-5-20250929'
const asked = <Value>(value: Value, param = 'x') => ({ value, param })

describe('turns', () => {
  test('system text in front is `system`, text of one side is one message, blank text is none', () => {
    const { body, warnings } = sent({
      turns: [
        turn('system', text('a')),
        turn('developer', text('b')),
        user,
        turn('user', text(' '), text('c')),
        turn('assistant', text('d')),
      ],
    })
    expect(body['system']).toEqual([
      { type: 'text', text: 'a' },
      { type: 'text', text: 'b' },
    ])
    expect(body['messages']).toEqual([
      {
        role: 'user',
        content: [
          { type: 'text', text: '안녕' },
          { type: 'text', text: 'c' },
        ],
      },
      { role: 'assistant', content: [{ type: 'text', text: 'd' }] },
    ])
    expect(warnings).toEqual([])
  })

  test("later system text has a role of its own, or is said in the user's turn where the model or the host is older", () => {
    const turns = [user, turn('assistant', text('a')), turn('system', text('be brief')), turn('user', text('b'))]
    const roles = (value: unknown) =>
      Array.isArray(value) ? value.map((one) => (isObject(one) ? one['role'] : one)) : []
    expect(roles(sent({ turns }).body['messages'])).toEqual(['user', 'assistant', 'system', 'user'])
    const older = sent({ turns }, OLD).body['messages']
    expect(roles(older)).toEqual(['user', 'assistant', 'user'])
    expect(JSON.stringify(older)).toContain('<system>')
    const host = messageBody({ conversation: conversation({ turns }), model: 'claude-opus-5' }, { laterSystem: false })
    expect(roles(host.body['messages'])).toEqual(['user', 'assistant', 'user'])
  })

  test("system text alone is the user's: the API wants a message", () => {
    const { body, warnings } = sent({ turns: [turn('system', text('a'))] })
    expect(body).toMatchObject({ messages: [{ role: 'user', content: [{ text: 'a' }] }] })
    expect(body).not.toHaveProperty('system')
    expect(warnings).toHaveLength(1)
  })

  test('results of tools stand first in one message right behind the calls', () => {
    const call = (id: string): Part => ({ type: 'tool-call', id, name: 'f', input: '{"a":1}' })
    const result = (id: string): Part => ({ type: 'tool-result', id, parts: [text(id)], failed: id === 'b' })
    const { body } = sent({
      turns: [
        user,
        turn('assistant', call('a'), call('b')),
        turn('system', text('s')),
        turn('tool', result('a')),
        turn('tool', result('b')),
        turn('user', text('u')),
      ],
    })
    expect(body['messages']).toEqual([
      { role: 'user', content: [{ type: 'text', text: '안녕' }] },
      {
        role: 'assistant',
        content: [
          { type: 'tool_use', id: 'a', name: 'f', input: { a: 1 } },
          { type: 'tool_use', id: 'b', name: 'f', input: { a: 1 } },
        ],
      },
      {
        role: 'user',
        content: [
          { type: 'tool_result', tool_use_id: 'a', content: [{ type: 'text', text: 'a' }] },
          { type: 'tool_result', tool_use_id: 'b', content: [{ type: 'text', text: 'b' }], is_error: true },
        ],
      },
      { role: 'system', content: [{ type: 'text', text: 's' }] },
      { role: 'user', content: [{ type: 'text', text: 'u' }] },
    ])
  })

  test('results come before what the same side said', () => {
    const result: Part = { type: 'tool-result', id: 'a', parts: [] }
    const { body } = sent({ turns: [user, turn('tool', result)] })
    expect(arrayAt(arrayAt(body, 'messages')?.[0], 'content')).toEqual([
      { type: 'tool_result', tool_use_id: 'a' },
      { type: 'text', text: '안녕' },
    ])
  })

  test('ids of other vendors become what the API takes, the same for a call and its result', () => {
    const { body } = sent({
      turns: [
        user,
        turn('assistant', { type: 'tool-call', id: 'functions.f:0', name: 'f', input: '' }),
        turn('tool', { type: 'tool-result', id: 'functions.f:0', parts: [] }),
        turn('assistant', { type: 'tool-call', id: 'functions.f.0', name: 'f', input: '{' }),
      ],
    })
    const blocks = (arrayAt(body, 'messages') ?? []).slice(1).map((message) => arrayAt(message, 'content')?.[0] ?? null)
    const [call, result, other] = blocks.map((block) => stringAt(block, 'id') ?? stringAt(block, 'tool_use_id') ?? '')
    expect(call).toBe(result)
    expect(call).not.toBe(other)
    for (const char of call ?? '.') expect('abcdefghijklmnopqrstuvwxyz0123456789_-').toContain(char.toLowerCase())
    expect(blocks[0]).toMatchObject({ input: {} })
  })

  test("thoughts go back with Anthropic's signature only", () => {
    const own = { vendor: 'anthropic', value: 'sig' }
    const { body, warnings } = sent({
      turns: [
        user,
        turn(
          'assistant',
          { type: 'reasoning', text: 'a', signature: own },
          { type: 'reasoning', redacted: true, signature: own },
          { type: 'reasoning', text: 'b' },
          text('c'),
        ),
      ],
    })
    expect(arrayAt(body, 'messages')?.[1]).toMatchObject({
      content: [
        { type: 'thinking', thinking: 'a', signature: 'sig' },
        { type: 'redacted_thinking', data: 'sig' },
        { type: 'text', text: 'c' },
      ],
    })
    expect(warnings).toEqual([expect.stringContaining('`reasoning`')])
  })

  test('an answer to be gone on with does not end in a space', () => {
    const { body, warnings } = sent({ turns: [user, turn('assistant', text('The answer is '))] })
    expect(arrayAt(body, 'messages')?.[1]).toEqual({
      role: 'assistant',
      content: [{ type: 'text', text: 'The answer is' }],
    })
    expect(warnings).toHaveLength(1)
  })
})

describe('blocks', () => {
  test('media, citations and marks of a cache', () => {
    const png = 'iVBORw0KGgoAAAANSUhEUg'
    const citation = { type: 'char_location', cited_text: 'x' }
    const { body, warnings } = sent({
      turns: [
        turn(
          'user',
          { type: 'image', source: { kind: 'data', mediaType: '', data: png }, cache: {} },
          { type: 'image', source: { kind: 'url', url: 'https://a.test/b.png' } },
          {
            type: 'document',
            source: { kind: 'data', mediaType: 'application/pdf', data: 'JVBERi0' },
            name: 'a.pdf',
            cache: { ttl: '24h' },
          },
          { type: 'document', source: { kind: 'data', mediaType: 'text/plain', data: '7JWI64WV' } },
          { type: 'document', source: { kind: 'id', id: 'file_1' } },
          {
            type: 'text',
            text: 'x',
            citations: [
              { vendor: 'anthropic', raw: citation },
              { vendor: 'openai', raw: {} },
            ],
            cache: { ttl: '5m' },
          },
        ),
      ],
    })
    expect(
      objectAt(arrayAt(body, 'messages')?.[0], 'content') ?? arrayAt(arrayAt(body, 'messages')?.[0], 'content'),
    ).toEqual([
      {
        type: 'image',
        source: { type: 'base64', media_type: 'image/png', data: png },
        cache_control: { type: 'ephemeral' },
      },
      { type: 'image', source: { type: 'url', url: 'https://a.test/b.png' } },
      {
        type: 'document',
        source: { type: 'base64', media_type: 'application/pdf', data: 'JVBERi0' },
        title: 'a.pdf',
        cache_control: { type: 'ephemeral', ttl: '1h' },
      },
      { type: 'document', source: { type: 'text', media_type: 'text/plain', data: '안녕' } },
      { type: 'document', source: { type: 'file', file_id: 'file_1' } },
      { type: 'text', text: 'x', citations: [citation], cache_control: { type: 'ephemeral', ttl: '5m' } },
    ])
    expect(warnings).toEqual([expect.stringContaining('`citations`')])
  })

  test('a sound inside a result is not lost in silence', () => {
    const sound: Part = { type: 'audio', source: { kind: 'data', mediaType: 'audio/wav', data: 'AA' } }
    const { warnings } = sent({ turns: [turn('tool', { type: 'tool-result', id: 'a', parts: [sound] })] })
    expect(warnings).toEqual([expect.stringContaining('`audio`')])
  })
})

describe('limits and sampling', () => {
  test('a limit is demanded: what the model writes at most, else 4096 with a warning', () => {
    expect(sent({ settings: {} })).toMatchObject({ body: { max_tokens: 128_000 }, warnings: [] })
    expect(sent({ settings: {} }, 'claude-3-haiku-20240307').body['max_tokens']).toBe(4096)
    const foreign = sent({ settings: {} }, 'glm-5')
    expect(foreign).toMatchObject({ body: { max_tokens: 4096 }, warnings: [expect.stringContaining('`max_tokens`')] })
    const known = messageBody({ conversation: conversation({ settings: {} }), model: 'glm-5', maxOutput: 777 })
    expect(known).toMatchObject({ body: { max_tokens: 777 }, warnings: [] })
  })

  test('sampling goes to the models that take it, in the version of the API that has it', () => {
    const settings = { temperature: asked(1.5, 'temperature'), top_k: asked(5) }
    const older = sent({ settings }, OLD)
    expect(older.body).toMatchObject({ temperature: 1, top_k: 5 })
    expect(older.upstream.headers['anthropic-version']).toBe('2023-06-01')
    expect(older.warnings).toEqual([expect.stringContaining('`temperature` was lowered to 1')])
    expect(sent({}, OLD).upstream.headers['anthropic-version']).toBe('2026-10-21')
    const both = sent({ settings: { temperature: asked(0.5), top_p: asked(0.9, 'top_p') } }, OLD)
    expect(both.body).not.toHaveProperty('top_p')
    expect(both.warnings).toEqual([expect.stringContaining('`top_p`')])
  })

  test('newer models drop it with a warning, and a value that is theirs anyhow without one', () => {
    const honoured = (settings: Conversation['settings'], model: string) =>
      honour(conversation({ settings }), messagesCodec, model)
    const sampled = { temperature: asked(0.2, 'temperature'), top_p: asked(1, 'top_p'), frequency_penalty: asked(0) }
    const newer = honoured(sampled, 'claude-opus-5-5')
    expect(newer.conversation.settings).toEqual({})
    expect(newer.warnings).toEqual([expect.stringContaining('`temperature`')])
    expect(honoured({ temperature: asked(1) }, 'claude-sonnet-5').warnings).toEqual([])
    const older = honoured(sampled, 'anthropic.claude-opus-4-6-v1')
    expect(Object.keys(older.conversation.settings)).toEqual(['temperature', 'top_p'])
  })

  test('stop sequences, the user and the tier', () => {
    const settings = {
      max_output_tokens: asked(10),
      stop: asked(['\n', 'END'], 'stop'),
      user: asked('u1'),
      service_tier: asked('default'),
    }
    const { body, warnings } = sent({ settings })
    expect(body).toMatchObject({
      stop_sequences: ['END'],
      metadata: { user_id: 'u1' },
      service_tier: 'standard_only',
      max_tokens: 10,
    })
    expect(warnings).toEqual([expect.stringContaining('`stop`')])
    const flex = sent({ settings: { ...settings, stop: asked(['END']), service_tier: asked('flex', 'service_tier') } })
    expect(flex.body).not.toHaveProperty('service_tier')
    expect(flex.warnings).toEqual([expect.stringContaining('`flex`')])
  })
})

describe('a request in the same dialect', () => {
  function native(members: string, headers?: Readonly<Record<string, string>>) {
    const body = parseJson(`{"model":"alias",${members}}`)
    if (!isObject(body)) throw new SyntaxError(members)
    const input: Encode = {
      request: {
        id: 'r',
        endpoint: 'messages',
        text: `{"model":"alias",${members}}`,
        body,
        model: 'alias',
        stream: false,
        wantsUsage: true,
        tags: [],
        metadata: {},
        ...(headers && { headers }),
      },
      model: 'claude-opus-5',
      account: { id: 'a', baseUrl: 'https://api.anthropic.com/v1', apiKey: 'k', headers: { 'x-own': '1' } },
      askUsage: false,
    }
    return anthropic.encode(input)
  }

  test('travels as it came, but for the model', () => {
    const { upstream, warnings } = native('"max_tokens":5, "x":1e400,"messages":[]', { 'anthropic-beta': 'b1' })
    expect(upstream.body).toBe('{"model":"claude-opus-5","max_tokens":5, "x":1e400,"messages":[]}')
    expect(upstream.url).toBe('https://api.anthropic.com/v1/messages')
    expect(upstream.headers).toMatchObject({
      'x-api-key': 'k',
      'anthropic-version': '2026-10-21',
      'anthropic-beta': 'b1',
      'x-own': '1',
    })
    expect(warnings).toEqual([])
  })

  test('in the version that the caller names, else in the one that the body needs', () => {
    const version = (members: string, headers?: Readonly<Record<string, string>>) =>
      native(members, headers).upstream.headers['anthropic-version']
    expect(version('"temperature":0')).toBe('2023-06-01')
    expect(version('"temperature":null')).toBe('2026-10-21')
    expect(version('"top_p":1,"messages":[{"role":"system","content":"a"}]')).toBe('2026-10-21')
    expect(version('"temperature":0', { 'anthropic-version': '2026-10-21' })).toBe('2026-10-21')
  })

  test('without what would make another model answer', () => {
    const { upstream, warnings } = native('"fallbacks":[{"model":"claude-fable-5"}],"Model":"evil","max_tokens":5')
    expect(upstream.body).toBe('{"model":"claude-opus-5","max_tokens":5}')
    expect(warnings).toHaveLength(2)
  })
})

test('every setting has an answer, and encoding twice gives the same bytes', () => {
  const table = messagesCodec.support('claude-opus-5')
  for (const name of ['choices', 'logprobs', 'modalities'] satisfies readonly SettingName[])
    expect(table[name]).toBe('refused')
  expect(sent().upstream).toEqual(sent().upstream)
})
