import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Account, Adapter, Encode } from '#src/core/adapter.ts'
import { ENDPOINTS, type Endpoint } from '#src/core/endpoint.ts'
import type { Conversation } from '#src/core/conversation.ts'
import { isObject, parseJson } from '#src/core/json.ts'
import { scanObject } from '#src/core/json-scan.ts'
import type { ApiRequest } from '#src/core/request.ts'
import { dialects } from '#src/dialects/registry.ts'
import { DEMO_HOST } from '#providers/demo/index.ts'
import { adapters } from '#providers/registry.ts'
import { catalog } from '#src/routing/catalog/catalog.ts'

const KEY = 'canary-key-4711'
const ROUTING =
  'models route provider plugins preset transforms fallbacks providerOptions context_window_fallbacks context_window_fallback_dict content_policy_fallbacks default_fallbacks api_base base_url api_key custom_llm_provider user_config model_list router_settings_override extra_body'.split(
    ' ',
  )
const BODIES: Readonly<Record<Endpoint, string>> = {
  chat: '"messages":[{"role":"developer","content":"a"},{ "role":"assistant", "content":null},{"role":"user","content":"안녕"}]',
  completions: '"prompt":"a"',
  embeddings: '"input":"a","encoding_format":"base64"',
  responses: '"input":"안녕"',
  messages: '"max_tokens":5,"messages":[{"role":"user","content":"안녕"}]',
  countTokens: '"messages":[{"role":"user","content":"안녕"}]',
  geminiGenerate: '"contents":[{"role":"user","parts":[{"text":"안녕"}]}]',
  geminiCountTokens: '"contents":[{"role":"user","parts":[{"text":"안녕"}]}]',
  geminiEmbed: '"content":{"parts":[{"text":"안녕"}]}',
  geminiBatchEmbed: '"requests":[{"content":{"parts":[{"text":"안녕"}]}}]',
  moderations: '"input":"안녕"',
  imageGenerations: '"prompt":"안녕"',
  imageEdits: '"prompt":"안녕","images":[]',
  speech: '"input":"안녕","voice":"alloy"',
  transcriptions: '"file":{"bytes":1}',
  translations: '"file":{"bytes":1}',
  rerank: '"query":"a","documents":["b"]',
  decisions: '"input":"a","questions":[{"type":"predicate","name":"q","instructions":"i"}]',
}

/** Google's requests name their model in the path. */
const inPath = (endpoint: Endpoint): boolean => ENDPOINTS[endpoint].includes('{model}')

function requestFor(endpoint: Endpoint, more = ''): ApiRequest {
  const text = inPath(endpoint) ? `{${BODIES[endpoint]}${more}}` : `{"model":"alias",${BODIES[endpoint]}${more}}`
  const path = ENDPOINTS[endpoint].replace('{model}', 'alias')
  return dialects[endpoint].read(text, { id: 'r', tags: [], metadata: {}, path })
}

const SETTINGS = { awsRegion: 'us-east-1', project: 'p', location: 'us-central1' }

function inputFor(adapter: Adapter, request: ApiRequest, askUsage = false): Encode {
  const account: Account = {
    id: 'main',
    baseUrl: adapter.baseUrl ?? 'https://host.test/v1',
    settings: SETTINGS,
    headers: { 'x-own': '1' },
    ...(adapter.credential === 'none' ? {} : { apiKey: KEY }),
  }
  return { request, model: 'vendor/Model-1:x', account, askUsage }
}

const all = [...adapters.entries()]

test('a type is its name in the registry, and in letters that a file can hold', () => {
  for (const [type, adapter] of all) {
    expect(adapter.type).toBe(type)
    expect([...type].every((char) => 'abcdefghijklmnopqrstuvwxyz0123456789-'.includes(char))).toBe(true)
    expect(adapter.title).not.toBe('')
    expect(adapter.endpoints.length + (adapter.codecs?.length ?? 0)).toBeGreaterThan(0)
  }
  expect(all.length).toBeGreaterThanOrEqual(26)
})

test('every public address is the host of a vendor of the catalog', () => {
  const hosts = all.flatMap(([, { baseUrl, local }]) =>
    baseUrl === undefined || local ? [] : new URL(baseUrl).hostname,
  )
  const strangers = hosts.filter((host) => host !== DEMO_HOST && catalog.vendorOfHost(host) === undefined)
  expect(strangers).toEqual([])
})

const OPENAIS: readonly Endpoint[] = ['chat', 'completions', 'embeddings']

describe.each(all)('%s', (_type, adapter) => {
  const vendor = adapter.endpoints.map((endpoint) => [endpoint] as const)

  test('addresses have no trailing slash, and none is plain http but a local one', () => {
    const addresses = [adapter.baseUrl, ...Object.values(adapter.regions ?? {}).map((region) => region.baseUrl)]
    for (const address of addresses.filter((one) => one !== undefined)) {
      expect(address.endsWith('/')).toBe(false)
      expect(new URL(address).protocol).toBe(adapter.local ? 'http:' : 'https:')
    }
  })

  test.each(vendor)('%s: the request goes to its address, the key in a header only', (endpoint) => {
    const { upstream } = adapter.encode(inputFor(adapter, requestFor(endpoint)))
    expect(upstream.method).toBe('POST')
    expect(upstream.url.startsWith(adapter.baseUrl ?? 'https://host.test/v1')).toBe(true)
    expect(upstream.url).not.toContain(KEY)
    expect(upstream.body).not.toContain(KEY)
    expect(Object.keys(upstream.headers)).toEqual(Object.keys(upstream.headers).map((name) => name.toLowerCase()))
    expect(upstream.headers).toMatchObject({ 'content-type': 'application/json', 'x-own': '1' })
    const carrying = Object.values(upstream.headers).filter((value) => value.includes(KEY))
    expect(carrying.length).toBe(adapter.credential === 'none' ? 0 : 1)
  })

  test.each(vendor)(
    '%s: the model is the upstream`s, encoding twice gives the same, the original stays',
    (endpoint) => {
      const request = requestFor(
        endpoint,
        OPENAIS.includes(endpoint) ? ',"temperature":1.9,"max_completion_tokens":5,"seed":1,"store":true' : '',
      )
      const before = JSON.stringify(request)
      const input = inputFor(adapter, request, true)
      const first = adapter.encode(input)
      expect(adapter.encode(input)).toEqual(first)
      expect(JSON.stringify(request)).toBe(before)
      // In the body, or in the address.
      expect(decodeURIComponent(first.upstream.url) + (first.upstream.body ?? '')).toContain('vendor/Model-1:x')
    },
  )

  test.each(vendor)('%s: what nobody knows travels byte for byte', (endpoint) => {
    const unknown = '"x-new" : {"a": 1e400, "b":9007199254740993 ,"c":"\\u00e9\\/"}'
    const { upstream } = adapter.encode(inputFor(adapter, requestFor(endpoint, `,  ${unknown}`)))
    expect(upstream.body).toContain(unknown)
  })

  const chats = adapter.endpoints.includes('chat')

  if (chats)
    test('every member that is gone or changed is told', () => {
      const body =
        ',"temperature":1.9,"max_completion_tokens":5,"seed":1,"store":true,"stream":true,"stream_options":{"include_usage":true}'
      const request = requestFor('chat', body)
      const { upstream, warnings } = adapter.encode(inputFor(adapter, request))
      const sent = new Map(scanObject(upstream.body ?? '').map((field) => [field.key, field]))
      for (const field of scanObject(request.text)) {
        const now = sent.get(field.key)
        const same =
          now !== undefined && upstream.body?.slice(now.start, now.end) === request.text.slice(field.start, field.end)
        if (field.key === 'model' || same) continue
        const told = field.key === 'messages' ? 'messages' : `\`${field.key}\``
        expect(warnings.join('\n'), field.key).toContain(told)
      }
    })

  if (chats)
    test('a member that only looks like `model` never reaches an upstream', () => {
      const request = requestFor('chat', ',"Model":"deepseek-r1","MODEL":"deepseek-r1"')
      const { upstream, warnings } = adapter.encode(inputFor(adapter, request))
      expect(upstream.body).not.toContain('deepseek')
      expect(warnings.length).toBeGreaterThanOrEqual(2)
    })

  if (adapter.aggregator || adapter.type === 'openai-compatible')
    test('a client cannot choose who answers', () => {
      const steering = ROUTING.map((name) => `,"${name}":["deepseek"]`).join('') + ',"Route":"deepseek"'
      const { upstream, warnings } = adapter.encode(inputFor(adapter, requestFor('chat', steering)))
      expect(upstream.body).not.toContain('deepseek')
      for (const name of ROUTING) expect(warnings.join('\n')).toContain(`\`${name}\``)
    })

  if (chats)
    test('usage is asked for without losing what the caller asked', () => {
      const request = requestFor('chat', ',"stream":true,"stream_options":{"include_obfuscation":false}')
      const { upstream } = adapter.encode(inputFor(adapter, request, true))
      const options = upstream.body?.includes('"stream_options"')
      if (options !== true) return
      expect(upstream.body).toContain('"include_obfuscation":false')
      expect(upstream.headers['accept']).toBe('text/event-stream')
    })

  test('no answer and no refusal makes it throw', () => {
    const odd = fc.oneof(
      fc.json(),
      fc.string(),
      fc.constantFrom('', '<html>', '[]', '[[[]]]', `${'['.repeat(20_000)}${']'.repeat(20_000)}`),
    )
    const status = fc.oneof(fc.integer({ min: 300, max: 599 }), fc.constantFrom(401, 402, 403))
    fc.assert(
      fc.property(odd, status, (body, code) => {
        const { failure, retry } = adapter.decodeError({ status: code, headers: { 'retry-after': body } }, body)
        const passed = [400, 404, 408, 409, 413, 422, 429].includes(failure.status) || failure.status >= 500
        expect(passed && failure.status <= 599).toBe(true)
        expect(failure.message).not.toBe('')
        expect(['same', 'next', 'no']).toContain(retry)
        if ([401, 402, 403].includes(code))
          expect({ status: failure.status, retry }).toEqual({ status: 502, retry: 'next' })
      }),
      { numRuns: 15 },
    )
    const part = fc.dictionary(
      fc.constantFrom('index', 'delta', 'message', 'text', 'finish_reason', 'error'),
      fc.jsonValue(),
    )
    const names = fc.constantFrom('choices', 'usage', 'error', 'data', 'model', 'x_groq', 'code', 'message', 'detail')
    fc.assert(
      fc.property(fc.dictionary(names, fc.oneof(fc.jsonValue(), fc.array(part))), fc.boolean(), (value, stream) => {
        const text = JSON.stringify(value)
        const parsed: Record<string, never> = JSON.parse(text)
        const seen = adapter.observe(parsed, { endpoint: 'chat', stream })
        expect(Number.isSafeInteger(seen.generatedBytes) && seen.generatedBytes >= 0).toBe(true)
      }),
      { numRuns: 15 },
    )
  })

  test('a refused credential tells the caller nothing of the upstream`s text', () => {
    for (const status of [401, 402, 403]) {
      const body = JSON.stringify({ error: { message: `Incorrect API key provided: ${KEY}`, code: 'invalid_api_key' } })
      const { failure } = adapter.decodeError({ status, headers: {} }, body)
      expect(failure).toMatchObject({ status: 502, code: 'upstream_error', upstreamStatus: status })
      expect(JSON.stringify(failure)).not.toContain(KEY)
    }
  })

  for (const codec of adapter.codecs ?? []) {
    const conversation: Conversation = {
      turns: [{ role: 'user', parts: [{ type: 'text', text: '안녕 👋' }] }],
      tools: [{ kind: 'function', name: 'look', parameters: { type: 'object', properties: {} } }],
      settings: { max_output_tokens: { value: 77, param: 'max_tokens' } },
      rest: [],
    }

    test.each([true, false])(
      `${codec.wire}: encoding twice gives the same, the key stands in a header only (stream: %s)`,
      (stream) => {
        const { account } = inputFor(adapter, requestFor('chat'))
        const input = { conversation, model: 'vendor/Model-1:x', account, stream }
        const { upstream } = codec.encode(input)
        expect(codec.encode(input).upstream).toEqual(upstream)
        expect(upstream.url + (upstream.body ?? '')).not.toContain(KEY)
        expect(upstream.body).toContain('안녕 👋')
        expect(parseJson(upstream.body ?? '')).toBeDefined()
        expect(upstream.headers).toMatchObject({ 'content-type': 'application/json', 'x-own': '1' })
      },
    )

    test(`${codec.wire}: no answer and no event makes it throw, and a decoder stays what it was`, () => {
      const value = fc.dictionary(
        fc.constantFrom(...WIRE_NAMES),
        fc.oneof(fc.jsonValue(), fc.array(fc.dictionary(fc.constantFrom(...WIRE_NAMES), fc.jsonValue()))),
      )
      fc.assert(
        fc.property(value, fc.constantFrom(...EVENTS), fc.string(), (own, name, noise) => {
          const parsed = parseJson(JSON.stringify(own))
          if (isObject(parsed)) codec.decode(parsed, 'id')
          const start = codec.decoder('id')
          for (const data of [JSON.stringify({ type: name, ...own }), noise, '[]', 'null']) {
            const event = { bytes: new Uint8Array(), data, name, comment: false }
            const first = start.event(event)
            first.decoder.event(event).decoder.end()
            expect(start.event(event).parts).toEqual(first.parts)
          }
        }),
        { numRuns: 25 },
      )
    })
  }
})

/** Members and events of all forms. */
const WIRE_NAMES =
  'type index delta message choices content parts candidates output item error usage text function arguments tool_calls finish_reason stop_reason result response done name id start contentBlockIndex'.split(
    ' ',
  )
const EVENTS =
  'message_start content_block_start content_block_delta message_delta message_stop response.output_item.added response.output_text.delta response.completed content-delta message-end token result messageStart contentBlockDelta metadata error'.split(
    ' ',
  )
