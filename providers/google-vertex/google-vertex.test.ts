import { describe, expect, test } from 'vitest'
import type { Account } from '#src/core/adapter.ts'
import type { Endpoint } from '#src/core/endpoint.ts'
import { isObject, parseJson } from '#src/core/json.ts'
import { googleVertex } from './index.ts'

const SETTINGS = { project: 'p-1', location: 'asia-northeast3', clientEmail: 'a@p-1.iam', privateKey: 'PEM' }
const HOST = 'https://asia-northeast3-aiplatform.googleapis.com/v1/projects/p-1/locations/asia-northeast3'
const SERVICE: Account = { id: 'a', baseUrl: HOST, headers: {}, settings: SETTINGS }
const TOKEN: Account = { ...SERVICE, apiKey: 'ya29.token' }
const AUTH = {
  kind: 'google-service-account',
  clientEmail: 'a@p-1.iam',
  privateKey: 'PEM',
  tokenUri: 'https://oauth2.googleapis.com/token',
  scope: 'https://www.googleapis.com/auth/cloud-platform',
}

interface Ask {
  readonly endpoint: Endpoint
  readonly model: string
  readonly text: string
  readonly stream?: boolean
  readonly headers?: Readonly<Record<string, string>>
}

function native({ endpoint, model, text, stream = false, headers }: Ask, account: Account = SERVICE) {
  const body = parseJson(text)
  if (!isObject(body)) throw new SyntaxError(text)
  const request = {
    id: 'r',
    endpoint,
    text,
    body,
    model: 'alias',
    stream,
    wantsUsage: true,
    tags: [],
    metadata: {},
    ...(headers && { headers }),
  }
  return googleVertex.encode({ request, model, account, askUsage: false })
}

describe('each publisher in its own dialect', () => {
  test('Google`s, whose results and calls have no ids there', () => {
    const { upstream } = native({
      endpoint: 'geminiGenerate',
      model: 'gemini-2.5-pro',
      text: '{"model":"x","contents":[]}',
      stream: true,
    })
    expect(upstream.url).toBe(`${HOST}/publishers/google/models/gemini-2.5-pro:streamGenerateContent?alt=sse`)
    expect(upstream.body).toBe('{"contents":[]}')
    expect(upstream.auth).toEqual(AUTH)
    expect(Object.keys(upstream.headers)).not.toContain('authorization')
  })

  test('Anthropic`s: model and streaming in the address, the version in the body', () => {
    const text = '{"model":"claude","fallbacks":["other"],"max_tokens":1,"messages":[],"stream":true}'
    const headers = { 'anthropic-version': '2026-10-21', 'anthropic-beta': 'b1' }
    const { upstream } = native(
      { endpoint: 'messages', model: 'claude-sonnet-4-5@20250929', text, stream: true, headers },
      TOKEN,
    )
    expect(upstream.url).toBe(`${HOST}/publishers/anthropic/models/claude-sonnet-4-5%4020250929:streamRawPredict`)
    expect(upstream.body).toBe('{"max_tokens":1,"messages":[],"stream":true,"anthropic_version":"vertex-2023-10-16"}')
    expect(upstream.headers).toMatchObject({ authorization: 'Bearer ya29.token', 'anthropic-beta': 'b1' })
    expect(upstream.auth).toBeUndefined()
  })

  test('open models that the cloud runs', () => {
    const text = '{"model":"alias","messages":[{"role":"user","content":"a"}],"max_completion_tokens":5}'
    const { upstream } = native({ endpoint: 'chat', model: 'meta/llama-3.3-70b-instruct-maas', text })
    expect(upstream.url).toBe(`${HOST}/endpoints/openapi/chat/completions`)
    expect(parseJson(upstream.body ?? '')).toMatchObject({ model: 'meta/llama-3.3-70b-instruct-maas', max_tokens: 5 })
    expect(upstream.auth).toEqual(AUTH)
  })

  test.each([
    ['gemini-2.5-pro', 'geminiGenerate', 'gemini'],
    ['google/gemini-3-flash', 'geminiGenerate', 'gemini'],
    ['claude-opus-4-1', 'messages', 'anthropic-messages'],
    ['deepseek-ai/deepseek-r1-0528-maas', 'chat', 'openai-chat'],
  ] as const)('%s speaks %s', (model, endpoint, wire) => {
    const spoken = googleVertex.endpoints.filter((one) => googleVertex.speaks?.(one, model))
    expect(spoken).toEqual([endpoint])
    expect(googleVertex.codecs?.filter((codec) => codec.serves?.(model)).map((codec) => codec.wire)).toEqual([wire])
  })
})

describe('conversations', () => {
  const call = { type: 'tool-call', id: 'c', name: 'f', input: '{}' } as const
  const conversation = {
    turns: [
      { role: 'user', parts: [{ type: 'text', text: 'a' }] },
      { role: 'assistant', parts: [call] },
      { role: 'tool', parts: [{ type: 'tool-result', id: 'c', parts: [{ type: 'text', text: 'b' }] }] },
    ],
    tools: [],
    settings: {},
    rest: [],
  } as const
  const encode = (model: string, stream = true) =>
    googleVertex.codecs
      ?.find((codec) => codec.serves?.(model))
      ?.encode({ conversation, model, account: SERVICE, stream }).upstream

  test('Gemini', () => {
    const sent = encode('google/gemini-3-flash')
    expect(sent?.url).toBe(`${HOST}/publishers/google/models/gemini-3-flash:streamGenerateContent?alt=sse`)
    expect(sent?.auth).toEqual(AUTH)
    expect(sent?.body).toContain(
      '"functionCall":{"name":"f","args":{}},"thoughtSignature":"skip_thought_signature_validator"',
    )
    expect(sent?.body).toContain('"functionResponse":{"name":"f","response":{"output":"b"}}')
  })

  test('Claude', () => {
    const sent = encode('claude-haiku-4-5')
    expect(sent?.url).toBe(`${HOST}/publishers/anthropic/models/claude-haiku-4-5:streamRawPredict`)
    expect(parseJson(sent?.body ?? '')).toMatchObject({
      anthropic_version: 'vertex-2023-10-16',
      stream: true,
      max_tokens: expect.any(Number),
    })
    expect(sent?.body).not.toContain('"model"')
  })

  test('an open model', () => {
    const sent = encode('meta/llama-4-maas', false)
    expect(sent?.url).toBe(`${HOST}/endpoints/openapi/chat/completions`)
    expect(parseJson(sent?.body ?? '')).toMatchObject({ model: 'meta/llama-4-maas' })
  })
})

test.each([
  ['global', 'https://aiplatform.googleapis.com/v1/projects/p/locations/global'],
  ['us', 'https://aiplatform.us.rep.googleapis.com/v1/projects/p/locations/us'],
  ['eu', 'https://aiplatform.eu.rep.googleapis.com/v1/projects/p/locations/eu'],
  ['us-east5', 'https://us-east5-aiplatform.googleapis.com/v1/projects/p/locations/us-east5'],
])('the address of %s', (location, address) => {
  const baseUrl = (googleVertex.baseUrl ?? '').replaceAll('{location}', location).replaceAll('{project}', 'p')
  const { upstream } = native(
    { endpoint: 'geminiGenerate', model: 'gemini-2.5-pro', text: '{"contents":[]}' },
    { ...SERVICE, baseUrl },
  )
  expect(upstream.url).toBe(`${address}/publishers/google/models/gemini-2.5-pro:generateContent`)
})

test.each([
  ['gemini-2.5-pro', 'asia-northeast3', { region: 'KR', roams: false }],
  ['gemini-2.5-pro', 'us-east5', { region: 'US', roams: false }],
  ['gemini-2.5-pro', 'eu', { region: 'EU', roams: false }],
  ['gemini-2.5-pro', 'global', { region: 'global', roams: true }],
  ['claude-opus-4-1', 'global', { region: 'global', roams: true }],
  ['gemini-2.5-pro', 'me-central1', { roams: true }],
  ['gemini-2.5-pro', 'constructor', { roams: true }],
  ['claude-opus-4-1', 'us-east5', { roams: true }],
])('%s in %s is processed there', (model, location, place) => {
  expect(googleVertex.placeOf?.(model, { location })).toEqual(place)
})

test('answers are read in the dialect in which they were asked for', () => {
  const stream = false
  const message = {
    type: 'message',
    content: [{ type: 'text', text: 'a' }],
    stop_reason: 'end_turn',
    usage: { input_tokens: 1, output_tokens: 1 },
  }
  expect(googleVertex.observe(message, { endpoint: 'messages', stream })).toMatchObject({
    content: true,
    finish: 'stop',
  })
  const chat = { choices: [{ message: { content: 'a' }, finish_reason: 'stop' }] }
  expect(googleVertex.observe(chat, { endpoint: 'chat', stream })).toMatchObject({ content: true, finish: 'stop' })
  const candidates = [{ content: { parts: [{ text: 'a' }] }, finishReason: 'STOP' }]
  expect(googleVertex.observe({ candidates }, { endpoint: 'geminiGenerate', stream })).toMatchObject({
    content: true,
    finish: 'stop',
  })
})
