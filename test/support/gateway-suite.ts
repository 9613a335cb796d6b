import { createHash } from 'node:crypto'
import { gzipSync } from 'node:zlib'
import OpenAI from 'openai'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import type { Script } from '#providers/demo/script.ts'
import { startMock, type MockServer } from '#src/cli/mock.ts'
import type { DecisionRecord } from '#src/telemetry/telemetry.ts'
import { localProvider } from './gateway.ts'

/** A gateway under test, in whatever runtime. */
export interface Served {
  /** `http://127.0.0.1:PORT`. */
  readonly url: string
  /** Every decision that was logged so far. */
  decisions(): readonly DecisionRecord[]
  close(): Promise<void>
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')

const KOREAN = '안녕하세요! 무엇을 도와드릴까요? 👋 값은 “1,000원”입니다.'
const LONG = Array.from({ length: 20_000 }, (_, index) => `${index} 서울 `)
const PROMPT = [{ role: 'user' as const, content: '안녕하세요, say hello' }]
const HEARTBEAT_MS = 200

const SCRIPT: Script = {
  answers: [
    { when: { model: 'korean' }, reply: { text: KOREAN }, wire: { split: 1 } },
    { when: { model: 'long' }, reply: { deltas: LONG } },
    { when: { model: 'dripping' }, reply: { deltas: LONG }, timing: { tokenMs: 20 } },
    { when: { model: 'silent' }, fault: { kind: 'stall', beforeHead: true } },
    { when: { model: 'late' }, timing: { headMs: HEARTBEAT_MS * 3 } },
    { when: { model: 'fin' }, fault: { kind: 'cut', afterEvents: 4, how: 'fin' } },
    { when: { model: 'reset' }, fault: { kind: 'cut', afterEvents: 4, how: 'reset' } },
    { when: { model: 'terminated' }, fault: { kind: 'cut', afterEvents: 4, how: 'terminated' } },
    { when: { model: 'limited' }, error: { status: 429, message: 'slow down', code: 'rate_limit_exceeded' } },
    { when: { model: 'broken' }, error: { status: 500, message: 'the server had an error' } },
    { when: { model: 'ours' }, error: { status: 401, message: 'incorrect API key' } },
    { when: { model: 'refusing' }, error: { status: 400, message: 'no such thing', param: 'messages' } },
    { when: { model: 'moved' }, raw: { status: 302, headers: { location: 'http://127.0.0.1:1/' }, body: '' } },
  ],
  otherwise: {},
}

const MODELS = ['tiny', 'dear', 'denied', ...SCRIPT.answers.map((answer) => answer.when?.model ?? '')]

function configOf(baseUrl: string): object {
  const alone = Object.fromEntries(
    MODELS.map((model) => [model, { targets: [`local/${model}`], retry: { attempts: 1 } }]),
  )
  return {
    version: 1,
    heartbeat: `${HEARTBEAT_MS}ms`,
    server: { bodyLimit: '64KB' },
    providers: { local: localProvider(baseUrl, MODELS) },
    models: { ...alone, fallback: { targets: ['local/broken', 'local/tiny'] } },
    policies: [
      { name: 'no-denied', deny: { model: 'denied' }, reason: 'not permitted here' },
      {
        name: 'not-for-personal-data',
        when: 'request.metadata.?data_class.orValue("") == "personal" || "secret" in request.tags || re(request.metadata.?project.orValue(""), "(?i)^proj-[0-9]{3}(-|$)") || (has(client.ip) && inNetwork(client.ip, "203.0.113.0/24"))',
        deny: { model: 'broken' },
      },
      {
        name: 'not-from-here',
        when: '"near" in request.tags && has(client.ip) && inNetwork(client.ip, "127.0.0.0/8")',
        deny: { model: 'broken' },
      },
      { name: 'would-deny', deny: { model: 'tiny' }, mode: 'shadow' },
    ],
    keys: [
      { id: 'app', sha256: sha256('sk-app') },
      { id: 'narrow', sha256: sha256('sk-narrow'), models: ['tiny', 'denied'] },
    ],
    admin: { sha256: sha256('sk-admin') },
  }
}

/** What every runtime's gateway must do alike, over real sockets on both sides. */
export function describeGateway(runtime: string, start: (config: object) => Promise<Served>): void {
  let mock: MockServer
  let tutti: Served
  let client: OpenAI

  beforeAll(async () => {
    mock = await startMock({ script: SCRIPT })
    tutti = await start(configOf(mock.url))
    client = new OpenAI({ baseURL: `${tutti.url}/v1`, apiKey: 'sk-app', maxRetries: 0 })
  })
  afterAll(async () => {
    await tutti.close()
    await mock.close()
  })

  const ask = (body: object, init: RequestInit = {}): Promise<Response> =>
    fetch(`${tutti.url}/v1/chat/completions`, {
      method: 'POST',
      headers: { authorization: 'Bearer sk-app', 'content-type': 'application/json' },
      body: JSON.stringify({ messages: PROMPT, ...body }),
      ...init,
    })

  const decisionOf = (id: string | null | undefined): Promise<DecisionRecord> =>
    vi.waitFor(() => {
      const found = tutti.decisions().find((decision) => decision.request_id === id)
      if (found === undefined) throw new Error(`no decision of ${id} is in the log`)
      return found
    }, 5000)

  const upstreamSaw = (model: string) =>
    mock.requests.findLast(({ body }) => JSON.stringify(body ?? null).includes(`"model":"${model}"`))

  describe(`an answer (${runtime})`, () => {
    test('whole: the text, who gave it and what it cost, in the headers, the body and the log', async () => {
      const { data, response } = await client.chat.completions
        .create({ model: 'korean', messages: PROMPT })
        .withResponse()
      expect(data.choices[0]?.message.content).toBe(KOREAN)
      expect(response.headers.get('x-tutti-target')).toBe('local/korean')
      expect(response.headers.get('x-tutti-attempts')).toBe('1')
      const cost = Number(response.headers.get('x-tutti-cost-usd'))
      expect(cost).toBeGreaterThan(0)
      expect(data.usage).toMatchObject({ cost })
      const decision = await decisionOf(response.headers.get('x-request-id'))
      expect(decision).toMatchObject({ status: 200, served_by: 'local/korean', cost_usd: cost })
    })

    test('streamed: the same text, cut anywhere inside its characters, and the bill in its last chunk', async () => {
      const stream = await client.chat.completions.create({
        model: 'korean',
        messages: PROMPT,
        stream: true,
        stream_options: { include_usage: true },
      })
      let text = ''
      let usage: OpenAI.CompletionUsage | null | undefined
      for await (const chunk of stream) {
        text += chunk.choices[0]?.delta.content ?? ''
        usage = chunk.usage ?? usage
      }
      expect(text).toBe(KOREAN)
      expect(usage).toMatchObject({ cost: expect.any(Number) })
    })

    test('a stream is whole at a reader that takes its time', async () => {
      const stream = await client.chat.completions.create({ model: 'long', messages: PROMPT, stream: true })
      let text = ''
      let count = 0
      for await (const chunk of stream) {
        text += chunk.choices[0]?.delta.content ?? ''
        if (count++ % 2000 === 0) await new Promise((resolve) => setTimeout(resolve, 10))
      }
      expect(text).toBe(LONG.join(''))
    })

    test('a stream is no buffer: its content comes while the upstream still speaks', async () => {
      const response = await ask({ model: 'dripping', stream: true })
      const reader = response.body?.getReader()
      await reader?.read()
      expect(upstreamSaw('dripping')?.aborted).toBe(false)
      await reader?.cancel()
    })

    test('the upstream gets its own credential and nothing of the caller', async () => {
      await client.chat.completions.create({ model: 'tiny', messages: PROMPT, user: 'somebody' })
      expect(upstreamSaw('tiny')?.body).toMatchObject({ model: 'tiny', user: 'somebody', messages: PROMPT })
      expect(JSON.stringify(mock.requests)).not.toContain('sk-app')
    })

    test('a first target that fails is followed by the second', async () => {
      const response = await ask({ model: 'fallback', stream: true })
      expect(await response.text()).toContain('[DONE]')
      expect(response.headers.get('x-tutti-target')).toBe('local/tiny')
      expect(response.headers.get('x-tutti-attempts')).toBe('2')
    })

    test('embeddings and completions come through as well', async () => {
      const vector = await client.embeddings.create({ model: 'tiny', input: '서울' })
      expect(vector.data[0]?.embedding.length).toBeGreaterThan(0)
      const completion = await client.completions.create({ model: 'tiny', prompt: '서울' })
      expect(completion.choices[0]?.text).toContain('tiny')
    })

    test('a deflated body is read', async () => {
      const body = gzipSync(JSON.stringify({ model: 'tiny', messages: PROMPT }))
      const headers = { authorization: 'Bearer sk-app', 'content-encoding': 'gzip' }
      expect((await ask({}, { headers, body })).status).toBe(200)
    })
  })

  describe(`a refusal (${runtime})`, () => {
    test.each([
      ['a wrong key', 'sk-wrong', { model: 'tiny' }, OpenAI.AuthenticationError, 'invalid_api_key'],
      ['an unknown model', 'sk-app', { model: 'nothing' }, OpenAI.NotFoundError, 'model_not_found'],
      ['a model that the key may not use', 'sk-narrow', { model: 'korean' }, OpenAI.NotFoundError, 'model_not_found'],
      ['a bad field', 'sk-app', { model: 'tiny', messages: 7 }, OpenAI.BadRequestError, 'invalid_request_error'],
      ['a denied model', 'sk-app', { model: 'denied' }, OpenAI.PermissionDeniedError, 'policy_denied'],
      ['an upstream that refuses', 'sk-app', { model: 'refusing' }, OpenAI.BadRequestError, undefined],
      ['an upstream that is busy', 'sk-app', { model: 'limited' }, OpenAI.RateLimitError, 'rate_limit_exceeded'],
      ['an upstream that fails', 'sk-app', { model: 'broken' }, OpenAI.InternalServerError, undefined],
      ['an upstream that refuses tutti', 'sk-app', { model: 'ours' }, OpenAI.InternalServerError, 'upstream_error'],
      ['an upstream that sends elsewhere', 'sk-app', { model: 'moved' }, OpenAI.InternalServerError, 'upstream_error'],
    ])('%s raises the class that OpenAI would cause, whole and streamed', async (_name, apiKey, body, kind, code) => {
      const own = client.withOptions({ apiKey })
      for (const stream of [false, true]) {
        const error = await own
          .post('/chat/completions', { body: { messages: PROMPT, stream, ...body } })
          .then(() => undefined)
          .catch((cause: unknown) => cause)
        expect(error).toBeInstanceOf(kind)
        if (code !== undefined) expect(error).toMatchObject({ code })
      }
    })

    test('a denial names its rule and reason, and nothing was sent', async () => {
      const response = await ask({ model: 'denied' })
      expect(response.status).toBe(403)
      expect(await response.json()).toMatchObject({ error: { rule: 'no-denied', reason: 'not permitted here' } })
      expect(upstreamSaw('denied')).toBeUndefined()
    })

    test('by a rule that speaks about some requests only, by their headers; what is in shadow is shown and counts for nothing', async () => {
      const tell = async (name: string, value: string) => {
        const headers = { authorization: 'Bearer sk-app', 'content-type': 'application/json', [name]: value }
        const response = await ask({ model: 'fallback' }, { headers })
        return [response.status, (await decisionOf(response.headers.get('x-tutti-request-id'))).plan]
      }
      expect(await tell('x-tutti-metadata', '{"data_class":"personal"}')).toEqual([200, ['local/tiny']])
      expect(await tell('x-tutti-tags', 'secret')).toEqual([200, ['local/tiny']])
      expect(await tell('x-tutti-metadata', '{"project":"PROJ-007-b"}')).toEqual([200, ['local/tiny']])
      expect(await tell('x-tutti-metadata', '{"project":"proj-07"}')).toEqual([200, ['local/broken', 'local/tiny']])
      expect(await tell('x-tutti-metadata', '{"data_class":"public"}')).toEqual([200, ['local/broken', 'local/tiny']])
      // Who is at the other end is the runtime's to say: on Workers the edge writes this header, elsewhere it is a caller's word.
      const far = await tell('cf-connecting-ip', '203.0.113.9')
      expect(far).toEqual([200, runtime === 'workerd' ? ['local/tiny'] : ['local/broken', 'local/tiny']])
      const near = await tell('x-tutti-tags', 'near')
      expect(near).toEqual([200, runtime === 'workerd' ? ['local/broken', 'local/tiny'] : ['local/tiny']])
      const plain = await ask({ model: 'tiny' })
      expect(plain.status).toBe(200)
      const { candidates } = await decisionOf(plain.headers.get('x-tutti-request-id'))
      expect(candidates).toMatchObject([{ verdict: 'eligible', shadow: [{ rule: 'would-deny', code: 'denied' }] }])
    })

    test('no key, too large a body, an unknown encoding, an unknown path', async () => {
      expect((await ask({ model: 'tiny' }, { headers: {} })).status).toBe(401)
      expect((await ask({ model: 'tiny', user: 'x'.repeat(65_536) })).status).toBe(413)
      const headers = { authorization: 'Bearer sk-app', 'content-encoding': 'br' }
      expect((await ask({ model: 'tiny' }, { headers })).status).toBe(415)
      expect((await fetch(`${tutti.url}/v1/nothing`)).status).toBe(404)
    })
  })

  describe(`what can be asked about (${runtime})`, () => {
    const get = (path: string, key?: string): Promise<Response> =>
      fetch(tutti.url + path, key === undefined ? {} : { headers: { authorization: `Bearer ${key}` } })

    test('models: what the key may use and the rules leave', async () => {
      const listed: { data: { id: string }[] } = await (await get('/v1/models', 'sk-narrow')).json()
      expect(listed.data.map(({ id }) => id)).toEqual(['tiny'])
      expect((await get('/v1/models/tiny', 'sk-narrow')).status).toBe(200)
      expect((await get('/v1/models/denied', 'sk-narrow')).status).toBe(404)
      expect((await get('/v1/models')).status).toBe(401)
    })

    test('explain: for the admin, the decision that a live request gets; it asks no provider', async () => {
      const seen = mock.requests.length
      const explain = (key: string): Promise<Response> =>
        fetch(`${tutti.url}/-/explain`, {
          method: 'POST',
          headers: { authorization: `Bearer ${key}` },
          body: JSON.stringify({ key: 'app', body: { model: 'denied', messages: PROMPT } }),
        })
      expect(await (await explain('sk-admin')).json()).toMatchObject({
        outcome: 'deny',
        candidates: [{ target: 'local/denied', verdict: 'denied', rule: 'no-denied' }],
      })
      expect((await explain('sk-app')).status).toBe(401)
      expect(mock.requests.length).toBe(seen)
    })

    test('health and readiness for anybody, metrics for the admin', async () => {
      expect((await get('/-/health')).status).toBe(200)
      expect((await get('/-/ready')).status).toBe(200)
      expect((await get('/-/metrics')).status).toBe(401)
      expect(await (await get('/-/metrics', 'sk-admin')).text()).toContain('tutti_')
    })
  })

  describe(`an answer that does not come to its end (${runtime})`, () => {
    test.each(['fin', 'reset', 'terminated'])('law 5: an upstream that breaks off (%s)', async (model) => {
      const response = await ask({ model, stream: true })
      const text = await response.text()
      expect(text).toContain('"content"')
      expect(text).toContain('data: {"error":')
      expect(text).not.toContain('[DONE]')
      const decision = await decisionOf(response.headers.get('x-request-id'))
      expect(decision).toMatchObject({ status: 502, estimated: true })
      const stream = await client.chat.completions.create({ model, messages: PROMPT, stream: true })
      const read = async (): Promise<void> => {
        for await (const chunk of stream) expect(chunk.object).toBe('chat.completion.chunk')
      }
      await expect(read()).rejects.toBeInstanceOf(OpenAI.APIError)
    })

    test('law 9: a caller that hangs up in the middle', async () => {
      const hangUp = new AbortController()
      const response = await ask({ model: 'dripping', stream: true }, { signal: hangUp.signal })
      await response.body?.getReader().read()
      hangUp.abort()
      await vi.waitFor(() => expect(upstreamSaw('dripping')?.aborted).toBe(true), 5000)
      const decision = await decisionOf(response.headers.get('x-request-id'))
      expect(decision).toMatchObject({ status: 499, estimated: true, attempts: [{ outcome: 'aborted' }] })
    })

    test('law 9: a caller that hangs up before the first byte of a stream, at the next heartbeat', async () => {
      const hangUp = new AbortController()
      const response = await ask({ model: 'silent', stream: true }, { signal: hangUp.signal })
      expect(new TextDecoder().decode((await response.body?.getReader().read())?.value)).toMatch(/^:/)
      hangUp.abort()
      await vi.waitFor(() => expect(upstreamSaw('silent')?.aborted).toBe(true), 5000)
    })

    test('a silent upstream: heartbeats, and who answered in the last usage object', async () => {
      const response = await ask({ model: 'late', stream: true, stream_options: { include_usage: true } })
      expect(response.headers.get('x-tutti-target')).toBeNull()
      const text = await response.text()
      expect(text.startsWith(':')).toBe(true)
      expect(text).toContain('[DONE]')
      expect(text).toContain('local/late')
    })
  })
}
