import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Account, Adapter, Encode } from '#src/core/adapter.ts'
import type { Endpoint } from '#src/core/endpoint.ts'
import { parseJson } from '#src/core/json.ts'
import { scanObject } from '#src/core/json-scan.ts'
import type { ApiRequest } from '#src/core/request.ts'
import { read as readChat } from '#src/dialects/openai-chat/read.ts'
import { read as readCompletion } from '#src/dialects/openai-completions/read.ts'
import { read as readEmbedding } from '#src/dialects/openai-embeddings/read.ts'
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
}
const READERS = { chat: readChat, completions: readCompletion, embeddings: readEmbedding }

function requestFor(endpoint: Endpoint, more = ''): ApiRequest {
  const text = `{"model":"alias",${BODIES[endpoint]}${more}}`
  return READERS[endpoint](text, { id: 'r', tags: [], metadata: {} })
}

function inputFor(adapter: Adapter, request: ApiRequest, askUsage = false): Encode {
  const account: Account = {
    id: 'main',
    baseUrl: adapter.baseUrl ?? 'https://host.test/v1',
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
    expect(adapter.endpoints.length).toBeGreaterThan(0)
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
      const request = requestFor(endpoint, ',"temperature":1.9,"max_completion_tokens":5,"seed":1,"store":true')
      const before = JSON.stringify(request)
      const input = inputFor(adapter, request, true)
      const first = adapter.encode(input)
      expect(adapter.encode(input)).toEqual(first)
      expect(JSON.stringify(request)).toBe(before)
      expect(parseJson(first.upstream.body ?? '')).toMatchObject({ model: 'vendor/Model-1:x' })
    },
  )

  test.each(vendor)('%s: what nobody knows travels byte for byte', (endpoint) => {
    const unknown = '"x-new" : {"a": 1e400, "b":9007199254740993 ,"c":"\\u00e9\\/"}'
    const { upstream } = adapter.encode(inputFor(adapter, requestFor(endpoint, `,  ${unknown}`)))
    expect(upstream.body).toContain(unknown)
  })

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
})
