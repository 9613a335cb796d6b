import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { FailureError } from '#src/core/failure.ts'
import { arrayAt, isObject, objectAt, parseJson, type Json, type JsonObject } from '#src/core/json.ts'
import { absent, SHARED } from '../../../test/support/require.ts'
import { makeRequest } from '../../../test/support/world.ts'
import { toConversation } from './to-conversation.ts'

/** No member of a request is lost in silence (law 8). */

const USER = { role: 'user', content: 'x' }
const read = (more: JsonObject) => toConversation(makeRequest({ model: 'm', messages: [USER], ...more }))

const FULL: JsonObject = {
  model: 'm',
  messages: [
    {
      role: 'user',
      content: [
        { type: 'text', text: 'a' },
        { type: 'image_url', image_url: { url: 'https://a.test' } },
      ],
      name: 'n',
    },
    {
      role: 'user',
      content: [
        { type: 'file', file: { file_id: 'f' } },
        { type: 'input_audio', input_audio: { data: 'QQ==', format: 'wav' } },
      ],
    },
    {
      role: 'assistant',
      content: [{ type: 'refusal', refusal: 'no' }],
      audio: { id: 'a' },
      reasoning_details: [{ type: 'reasoning.text', text: 'r' }],
      tool_calls: [{ id: 'c', type: 'function', function: { name: 'f', arguments: '{}' } }],
    },
    { role: 'assistant', function_call: { name: 'f', arguments: '{}' } },
    { role: 'tool', tool_call_id: 'c', content: 'r' },
  ],
  tools: [
    { type: 'function', function: { name: 'f' } },
    { type: 'custom', custom: { name: 'g' } },
  ],
  tool_choice: {
    type: 'allowed_tools',
    allowed_tools: { mode: 'auto', tools: [{ type: 'function', function: { name: 'f' } }] },
  },
  response_format: { type: 'json_schema', json_schema: { name: 'n', schema: {} } },
  web_search_options: { user_location: { type: 'approximate', approximate: {} } },
  stream_options: { include_usage: true },
  reasoning: { effort: 'low' },
}

/** Values that are carried as they are: a member inside belongs to them. */
const WHOLE = ['schema', 'parameters', 'approximate', 'metadata']

/** The places of all objects in a value whose members have a meaning. */
function places(value: Json | undefined, path: string): readonly string[] {
  if (Array.isArray(value)) return value.flatMap((item: Json, index) => places(item, `${path}[${index}]`))
  if (!isObject(value)) return []
  const inner = Object.entries(value).filter(([name]) => !WHOLE.includes(name))
  return [path, ...inner.flatMap(([name, member]) => places(member, path === '' ? name : `${path}.${name}`))]
}

function planted(value: Json | undefined, path: string, at: string): Json | undefined {
  if (Array.isArray(value)) return value.map((item: Json, index) => planted(item, `${path}[${index}]`, at) ?? null)
  if (!isObject(value)) return value
  const inner = Object.entries(value).map(([name, member]) => [
    name,
    planted(member, path === '' ? name : `${path}.${name}`, at),
  ])
  return { ...Object.fromEntries(inner), ...(path === at && { planted_member: 1 }) }
}

test('a member that nobody knows is in `rest`, wherever it stands', () => {
  expect(toConversation(makeRequest(FULL)).rest).toEqual([])
  const all = places(FULL, '')
  expect(all.length).toBeGreaterThan(25)
  for (const at of all) {
    const body = planted(FULL, '', at)
    if (!isObject(body)) throw new TypeError('no object')
    const param = at === '' ? 'planted_member' : `${at}.planted_member`
    expect(toConversation(makeRequest(body)).rest).toEqual([{ param, value: 1 }])
  }
})

const SPEC = join(SHARED, 'spec/openai-openapi.json')
const noSpec = absent('corpus', existsSync(SPEC))

/** Of the documented members these have no place in the internal form. */
const NO_PLACE = ['moderation', 'prediction', 'prompt_cache_options', 'prompt_cache_retention']

test.skipIf(noSpec)('every documented member of a request has a place, or is one of those that have none', () => {
  const schemas = objectAt(objectAt(parseJson(readFileSync(SPEC, 'utf8')), 'components'), 'schemas') ?? {}
  const members = ['CreateChatCompletionRequest', 'CreateModelResponseProperties', 'ModelResponseProperties'].flatMap(
    (name) => {
      const parts = [schemas[name], ...(arrayAt(schemas[name], 'allOf') ?? [])]
      return parts.flatMap((part) => Object.entries(objectAt(part, 'properties') ?? {}))
    },
  )
  expect(members.length).toBeGreaterThan(35)
  const lost = members.flatMap(([name]) => {
    const conversation = sampled(name)
    return conversation.rest.some(({ param }) => param === name) ? [name] : []
  })
  expect([...new Set(lost)].toSorted()).toEqual(NO_PLACE)
})

/** A value of each kind: one of them is the right one. */
function sampled(name: string) {
  for (const value of ['none', 2, true, ['audio'], {}, [], [{ name: 'f' }], [USER]]) {
    try {
      return read({ ...(name !== 'messages' && { messages: [USER] }), [name]: value })
    } catch (error) {
      if (!(error instanceof FailureError)) throw error
    }
  }
  return read({ [name]: { type: 'text' } })
}

test('no request makes it throw anything but a 400 that names a field', () => {
  const message = fc.record(
    {
      role: fc.constantFrom('system', 'user', 'assistant', 'tool', 'function', 'developer'),
      content: fc.oneof(
        fc.string(),
        fc.array(fc.dictionary(fc.constantFrom('type', 'text', 'image_url', 'file'), fc.jsonValue())),
      ),
      tool_calls: fc.jsonValue(),
      function_call: fc.jsonValue(),
      audio: fc.jsonValue(),
    },
    { requiredKeys: [] },
  )
  const body = fc.record(
    {
      messages: fc.array(message),
      tools: fc.jsonValue(),
      tool_choice: fc.jsonValue(),
      response_format: fc.jsonValue(),
      stop: fc.jsonValue(),
    },
    { requiredKeys: ['messages'] },
  )
  fc.assert(
    fc.property(body, (own) => {
      const parsed = parseJson(JSON.stringify({ model: 'm', ...own }))
      if (!isObject(parsed)) return
      try {
        toConversation(makeRequest(parsed))
      } catch (error) {
        expect(error).toBeInstanceOf(FailureError)
        if (error instanceof FailureError)
          expect(error.failure).toMatchObject({ status: 400, param: expect.any(String) })
      }
    }),
  )
})
