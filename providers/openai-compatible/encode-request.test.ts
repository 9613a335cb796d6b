import { describe, expect, test } from 'vitest'
import type { Encode } from '#src/core/adapter.ts'
import type { ApiRequest } from '#src/core/request.ts'
import { arrayAt, isObject, parseJson } from '#src/core/json.ts'
import type { Quirks } from './definition.ts'
import { defineProvider } from './index.ts'

function encode(text: string, quirks: Partial<Quirks> = {}, more: Partial<Encode> = {}) {
  const adapter = defineProvider({ type: 't', title: 'T', quirks })
  const body = parseJson(text)
  const request: ApiRequest = {
    id: 'r',
    endpoint: 'chat',
    text,
    body: isObject(body) ? body : {},
    model: 'alias',
    stream: isObject(body) && body['stream'] === true,
    wantsUsage: false,
    tags: [],
    metadata: {},
  }
  const account = { id: 'a', baseUrl: 'https://h.test/v1', apiKey: 'k1', headers: {} }
  return adapter.encode({ request, model: 'up/Model', account, askUsage: false, ...more })
}

test('same dialect: only the model changes, byte for byte', () => {
  const text =
    ' {\n "model" : "alias", "messages":[ {"role":"user","content":"안\\u0041"} ],\t"n":1.0, "big":9007199254740993 }'
  const { upstream, warnings } = encode(text)
  expect(upstream.body).toBe(text.replace('"alias"', '"up/Model"'))
  expect(upstream.url).toBe('https://h.test/v1/chat/completions')
  expect(upstream.headers).toEqual({
    'content-type': 'application/json',
    accept: 'application/json',
    authorization: 'Bearer k1',
  })
  expect(warnings).toEqual([])
})

test.each([
  ['{"model":"a","stream":true}', '{"model":"up/Model","stream":true,"stream_options":{"include_usage":true}}'],
  [
    '{"model":"a","stream":true,"stream_options":{ "x":1 , "include_usage":false}}',
    '{"model":"up/Model","stream":true,"stream_options":{ "x":1 , "include_usage":true}}',
  ],
  [
    '{"model":"a","stream":true,"stream_options":null}',
    '{"model":"up/Model","stream":true,"stream_options":{"include_usage":true}}',
  ],
  ['{"model":"a","stream":false}', '{"model":"up/Model","stream":false}'],
])('usage is asked for in a stream: %s', (text, sent) => {
  expect(encode(text, {}, { askUsage: true })).toMatchObject({ upstream: { body: sent }, warnings: [] })
})

test('where asking for usage makes no difference or fails, it is not asked for', () => {
  const text = '{"model":"a","stream":true,"stream_options":{"include_usage":true}}'
  expect(encode(text, { includeUsage: 'ignored' }, { askUsage: true }).upstream.body).toBe(
    text.replace('"a"', '"up/Model"'),
  )
  const rejected = encode(text, { includeUsage: 'rejected' }, { askUsage: true })
  expect(rejected.upstream.body).toBe('{"model":"up/Model","stream":true}')
  expect(rejected.warnings).toHaveLength(1)
})

test('a limit goes by the name that the vendor knows, never by two', () => {
  const quirks = { maxTokensField: 'max_tokens' } as const
  expect(encode('{"model":"a","max_completion_tokens":7}', quirks)).toMatchObject({
    upstream: { body: '{"model":"up/Model","max_tokens":7}' },
    warnings: ['`max_completion_tokens` was sent as `max_tokens`'],
  })
  expect(encode('{"model":"a","max_completion_tokens":7,"max_tokens":5}', quirks).upstream.body).toBe(
    '{"model":"up/Model","max_tokens":5}',
  )
  expect(encode('{"model":"a","max_completion_tokens":7,"max_tokens":null}', quirks).upstream.body).toBe(
    '{"model":"up/Model","max_tokens":7}',
  )
  expect(encode('{"model":"a","max_completion_tokens":7}').upstream.body).toBe(
    '{"model":"up/Model","max_completion_tokens":7}',
  )
})

test('messages change where they must, in place', () => {
  const text =
    '{"model":"a","messages":[{"content":null,"role":"developer","x":1e0}, {"role":"user","content":"developer"}]}'
  const { upstream, warnings } = encode(text, { developerRole: 'system', contentNull: '""' })
  expect(upstream.body).toBe(
    '{"model":"up/Model","messages":[{"content":"","role":"system","x":1e0}, {"role":"user","content":"developer"}]}',
  )
  expect(warnings).toHaveLength(2)
})

describe('what other vendors hang on messages', () => {
  const call = {
    id: 'c1',
    type: 'function',
    function: { name: 'f', arguments: '{}' },
    extra_content: { google: { thought_signature: 'c2ln' } },
  }
  const message = {
    role: 'assistant',
    content: null,
    refusal: null,
    annotations: [],
    audio: { id: 'a1' },
    reasoning_content: '생각',
    reasoning_details: [{ type: 'reasoning.encrypted', data: 'x' }],
    tool_calls: [call],
  }
  const { extra_content: _signed, ...plain } = call
  const { reasoning_details: _details, reasoning_content: text, ...rest } = { ...message, tool_calls: [plain] }
  const sent = (quirks: Partial<Quirks>) => {
    const { upstream, warnings } = encode(JSON.stringify({ model: 'a', messages: [message] }), quirks)
    return { message: arrayAt(parseJson(upstream.body ?? ''), 'messages')?.[0], warnings }
  }

  test('goes on where their vendor may be behind it', () => {
    expect(sent({ foreignMembers: 'sent' })).toEqual({ message, warnings: [] })
  })

  test('is left out where they signed it', () => {
    const { message: got, warnings } = sent({})
    expect(got).toEqual({ ...rest, reasoning_content: text })
    expect(warnings).toEqual([
      '`reasoning_details` of messages was not sent: the provider does not take it',
      expect.stringContaining('signatures'),
    ])
  })

  test('thoughts go under the own name of the vendor', () => {
    expect(sent({ replayReasoning: 'reasoning' }).message).toEqual({ ...rest, reasoning: text })
    expect(sent({ replayReasoning: 'reasoning_content' }).message).toEqual({ ...rest, reasoning_content: text })
    const own = { ...rest, reasoning_content: text, reasoning_details: message.reasoning_details }
    expect(sent({ replayReasoning: 'reasoning_details' }).message).toEqual(own)
  })

  test('is left out, and told where it says something, before a vendor that refuses what it does not know', () => {
    const messageMembers = ['role', 'content', 'tool_calls']
    const { message: got, warnings } = sent({ foreignMembers: 'refused', messageMembers })
    expect(got).toEqual({ role: 'assistant', content: null, tool_calls: [plain] })
    expect(warnings).toEqual([
      '`reasoning_content` of messages was not sent: the provider does not take it',
      '`reasoning_details` of messages was not sent: the provider does not take it',
      '`audio` of messages was not sent: the provider does not take it',
      expect.stringContaining('signatures'),
    ])
  })

  test('a refusal is text where there is no place for it', () => {
    const text = '{"model":"a","messages":[{"role":"assistant","content":null,"refusal":"안 돼요"}]}'
    const { upstream } = encode(text, { messageMembers: ['role', 'content'] })
    expect(upstream.body).toBe('{"model":"up/Model","messages":[{"role":"assistant","content":"안 돼요"}]}')
  })
})

test('what the vendor refuses, renames, limits or ignores is told', () => {
  const quirks = { removed: ['store'], renamed: { seed: 'random_seed' }, ignored: ['n'], temperatureMax: 1 }
  const { upstream, warnings } = encode('{"model":"a","store":true,"seed":3,"n":2,"temperature":1.5}', quirks)
  expect(upstream.body).toBe('{"model":"up/Model","random_seed":3,"n":2,"temperature":1}')
  expect(warnings).toHaveLength(4)
  expect(encode('{"model":"a","temperature":1}', quirks).warnings).toEqual([])
})

test('members that would steer an upstream are dropped, whatever their case', () => {
  const text = '{"model":"a","MODEL":"b","Model":"c","mode\\u013f":"kept","model\\u017f":["d"],"fallbac\\u212as":["e"]}'
  expect(encode(text, { dropRouting: true }).upstream.body).toBe('{"model":"up/Model","mode\\u013f":"kept"}')
  expect(encode('{"model":"a","models":["d"]}').upstream.body).toBe('{"model":"up/Model","models":["d"]}')
})

test('the key stands in the header that the vendor reads; the operator`s headers win', () => {
  expect(encode('{"model":"a"}', { auth: 'api-key' }).upstream.headers['api-key']).toBe('k1')
  const account = { id: 'a', baseUrl: 'https://h.test/v1', headers: { authorization: 'Basic x' } }
  expect(encode('{"model":"a"}', {}, { account }).upstream.headers['authorization']).toBe('Basic x')
})
