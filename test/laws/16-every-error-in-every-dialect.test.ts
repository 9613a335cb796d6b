// Law 16. Every error is the dialect's own error, in every dialect: Anthropic's and Google's official SDKs raise the class that their vendor would have caused, and OpenAI's does for Responses.
import Anthropic from '@anthropic-ai/sdk'
import { ApiError, GoogleGenAI } from '@google/genai'
import OpenAI from 'openai'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { localProvider, sha256, startGateway, type TestGateway } from '../support/gateway.ts'
import { startUpstream, type Answering, type Upstream } from '../support/upstream.ts'

const STATUSES = [400, 401, 402, 403, 404, 408, 409, 413, 422, 429, 500, 502, 503, 504, 529]
const ERROR = { message: 'what the vendor says', type: 'some_type', code: 'some_code', param: 'messages' }

function answered(status: number, value: object, headers = {}): Answering {
  return (_, response) =>
    void response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(value))
}

const chunk = (value: object): string => `data: ${JSON.stringify(value)}\n\n`
const begun = chunk({ id: 'c', choices: [{ index: 0, delta: { role: 'assistant', content: '안녕' } }] })

/** A stream that says something and then breaks, in one of three ways. */
function broken(rest: string): Answering {
  return (_, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    response.write(begun + rest, () => (rest === '' ? response.destroy() : response.end()))
  }
}

const BREAKS: Readonly<Record<string, Answering>> = {
  cut: broken(''),
  said: broken(`event: error\n${chunk({ error: { message: 'overloaded', code: 503 } })}`),
  short: broken(': nothing more\n\n'),
}

/** What the upstream does, by the model that it is asked for. */
const ANSWERS: ReadonlyMap<string, Answering> = new Map([
  ...STATUSES.map((status) => [`s${status}`, answered(status, { error: ERROR })] as const),
  ['busy', answered(429, { error: ERROR }, { 'retry-after': '7' })],
  ['nonsense', answered(200, { hello: 'there' })],
  ...Object.entries(BREAKS),
])

let upstream: Upstream
let tutti: TestGateway

beforeAll(async () => {
  upstream = await startUpstream((arrival, response) => {
    const answer = ANSWERS.get(String(arrival.body['model'])) ?? answered(200, {})
    return answer(arrival, response)
  })
  const names = [...ANSWERS.keys(), 'denied']
  tutti = await startGateway({
    version: 1,
    server: { bodyLimit: '4KB' },
    providers: { local: localProvider(upstream.url, names) },
    models: Object.fromEntries(names.map((name) => [name, { targets: [`local/${name}`], retry: { attempts: 1 } }])),
    policies: [{ name: 'no-denied', deny: { model: 'denied' } }],
    keys: [
      { id: 'all', sha256: sha256('sk-all') },
      { id: 'few', sha256: sha256('sk-few'), models: ['s200'] },
      { id: 'strict', sha256: sha256('sk-strict'), strict: true },
    ],
  })
})

afterAll(async () => {
  await tutti.close()
  await upstream.close()
})

/** What an SDK's error says of itself. */
interface Raised {
  readonly kind: string
  readonly status: number | undefined
  readonly text: string
}

type Ask = (
  model: string,
  more?: { readonly key?: string; readonly stream?: boolean; readonly prompt?: string },
) => Promise<unknown>

const askAnthropic: Ask = async (model, { key = 'sk-all', stream = false, prompt = 'hi' } = {}) => {
  const client = new Anthropic({ baseURL: tutti.url, apiKey: key, maxRetries: 0 })
  const request = { model, max_tokens: 10, messages: [{ role: 'user' as const, content: prompt }] }
  return stream ? client.messages.stream(request).finalMessage() : client.messages.create(request)
}

const askGoogle: Ask = async (model, { key = 'sk-all', stream = false, prompt = 'hi' } = {}) => {
  const client = new GoogleGenAI({ apiKey: key, httpOptions: { baseUrl: tutti.url, retryOptions: { attempts: 1 } } })
  const request = { model, contents: prompt }
  if (!stream) return client.models.generateContent(request)
  for await (const _ of await client.models.generateContentStream(request));
  return undefined
}

const askResponses: Ask = async (model, { key = 'sk-all', stream = false, prompt = 'hi' } = {}) => {
  const client = new OpenAI({ baseURL: `${tutti.url}/v1`, apiKey: key, maxRetries: 0 })
  if (!stream) return client.responses.create({ model, input: prompt })
  for await (const _ of await client.responses.create({ model, input: prompt, stream: true }));
  return undefined
}

async function raisedBy(asked: Promise<unknown>): Promise<Raised> {
  try {
    await asked
  } catch (error) {
    if (error instanceof ApiError) return { kind: 'ApiError', status: error.status, text: error.message }
    if (error instanceof Anthropic.APIError || error instanceof OpenAI.APIError)
      return { kind: error.constructor.name, status: error.status, text: error.message }
    throw error
  }
  throw new Error('no error was raised')
}

/** Both SDKs of this family have a class for each of these. */
const CLASSES: Readonly<Record<number, string>> = {
  400: 'BadRequestError',
  401: 'AuthenticationError',
  403: 'PermissionDeniedError',
  404: 'NotFoundError',
  409: 'ConflictError',
  422: 'UnprocessableEntityError',
  429: 'RateLimitError',
}

/** Anthropic's has more of them. */
const FINER: Readonly<Record<number, string>> = {
  408: 'RequestTimeoutError',
  413: 'ContentTooLargeError',
  503: 'ServiceUnavailableError',
  504: 'GatewayTimeoutError',
  529: 'OverloadedError',
}

const openaiClass = (status: number): string => CLASSES[status] ?? (status >= 500 ? 'InternalServerError' : 'APIError')
const anthropicClass = (status: number): string => FINER[status] ?? openaiClass(status)

const DIALECTS: readonly (readonly [name: string, ask: Ask, classOf: (status: number) => string])[] = [
  ['Anthropic', askAnthropic, anthropicClass],
  ['Google', askGoogle, () => 'ApiError'],
  ['Responses', askResponses, openaiClass],
]

describe.for(DIALECTS)('%s', ([, ask, classOf]) => {
  const expected = (status: number): Pick<Raised, 'kind' | 'status'> => ({ kind: classOf(status), status })

  test.for(STATUSES)('an upstream that says %i', async (status) => {
    const seen = [401, 402, 403].includes(status) ? 502 : status
    const raised = await raisedBy(ask(`s${status}`))
    expect(raised).toMatchObject(expected(seen))
    if (seen === status) expect(raised.text).toContain('what the vendor says')
    else expect(raised.text).not.toContain('what the vendor says')
  })

  test.for([
    ['a wrong key', 's200', 401, { key: 'sk-wrong' }],
    ['a model that nobody has', 'nobody', 404, {}],
    ['a model that the key may not use', 's400', 404, { key: 'sk-few' }],
    ['a model that a rule denies', 'denied', 403, {}],
    ['a body that is too large', 's400', 413, { prompt: 'x'.repeat(5000) }],
    ['an answer that is none', 'nonsense', 502, {}],
    ['a wrong key, streamed', 's200', 401, { key: 'sk-wrong', stream: true }],
    ['an upstream that refuses a stream', 's429', 429, { stream: true }],
  ] as const)('%s', async ([, model, status, more]) => {
    expect(await raisedBy(ask(model, more))).toMatchObject(expected(status))
  })

  test.for(Object.keys(BREAKS))('a stream that breaks (%s) is an error, not an end', async (model) => {
    const raised = await raisedBy(ask(model, { stream: true }))
    expect(raised.kind).toMatch(/Error$/)
  })
})

test("a path that is not there has its neighbours' shape", async () => {
  const post = async (path: string): Promise<unknown> => (await fetch(tutti.url + path, { method: 'POST' })).json()
  expect(await post('/v1/messages/nothing')).toMatchObject({ type: 'error', error: { type: 'not_found_error' } })
  expect(await post('/v1beta/models/m:nothing')).toMatchObject({
    error: { code: expect.any(Number), status: expect.any(String) },
  })
})

test('how long to wait is said where each SDK looks for it', async () => {
  const url = `${tutti.url}/v1/messages`
  const body = JSON.stringify({ model: 'busy', max_tokens: 1, messages: [{ role: 'user', content: 'hi' }] })
  const answer = await fetch(url, { method: 'POST', body, headers: { 'x-api-key': 'sk-all' } })
  expect([answer.status, answer.headers.get('retry-after'), answer.headers.get('request-id')]).toEqual([
    429,
    '7',
    expect.any(String),
  ])
  const google = await fetch(`${tutti.url}/v1beta/models/busy:generateContent`, {
    method: 'POST',
    body: JSON.stringify({ contents: [{ parts: [{ text: 'hi' }] }] }),
    headers: { 'x-goog-api-key': 'sk-all' },
  })
  expect(JSON.stringify(await google.json())).toContain('"retryDelay":"7s"')
})

test.each<[string, object]>([
  ['top_k', { top_k: 5 }],
  ['thinking', { max_tokens: 4000, thinking: { type: 'enabled', budget_tokens: 2000 } }],
])('what others are warned of is a 400 for a strict key, with the reason: `%s`', async (name, more) => {
  const client = new Anthropic({ baseURL: tutti.url, apiKey: 'sk-strict', maxRetries: 0 })
  const request = { model: 's500', max_tokens: 10, messages: [{ role: 'user' as const, content: 'hi' }], ...more }
  const error = await client.messages.create(request).then(
    () => undefined,
    (raised: unknown) => raised,
  )
  expect(error).toBeInstanceOf(Anthropic.BadRequestError)
  expect(String(error)).toContain(name)
  expect(String(error)).toContain('`strict`')
  expect(String(error)).toContain(`"param":"${name}"`)
})
