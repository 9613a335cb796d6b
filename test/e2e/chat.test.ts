import OpenAI from 'openai'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startMock, type MockServer } from '#src/cli/mock.ts'
import { localProvider, sha256, startGateway, type TestGateway } from '../support/gateway.ts'

const PROMPT = [{ role: 'user' as const, content: '안녕하세요, say hello' }]

let mock: MockServer
let tutti: TestGateway
let client: OpenAI

beforeAll(async () => {
  mock = await startMock()
  tutti = await startGateway({
    version: 1,
    providers: { local: localProvider(mock.url) },
    models: { chat: { targets: ['local/tiny'] } },
    keys: [{ id: 'app', sha256: sha256('sk-app') }],
  })
  client = new OpenAI({ baseURL: `${tutti.url}/v1`, apiKey: 'sk-app', maxRetries: 0 })
})
afterAll(async () => {
  await tutti.close()
  await mock.close()
})

describe('a request in, one decision, the answer back with its bill', () => {
  test('whole: the answer, who gave it and what it cost', async () => {
    const { data, response } = await client.chat.completions.create({ model: 'chat', messages: PROMPT }).withResponse()
    expect(data.choices[0]?.message.content).toContain('tiny')
    expect(response.headers.get('x-tutti-target')).toBe('local/tiny')
    expect(response.headers.get('x-tutti-attempts')).toBe('1')
    const usage = data.usage
    const nano = (usage?.prompt_tokens ?? 0) * 1000 + (usage?.completion_tokens ?? 0) * 2000
    expect(Number(response.headers.get('x-tutti-cost-usd'))).toBeCloseTo(nano / 1e9, 12)
  })

  test('streamed: the same text, its usage chunk with the cost, and the proper end', async () => {
    const whole = await client.chat.completions.create({ model: 'chat', messages: PROMPT })
    const stream = await client.chat.completions.create({
      model: 'chat',
      messages: PROMPT,
      stream: true,
      stream_options: { include_usage: true },
    })
    let text = ''
    let usage: (OpenAI.CompletionUsage & { cost?: number }) | null | undefined
    for await (const chunk of stream) {
      text += chunk.choices[0]?.delta.content ?? ''
      usage = chunk.usage ?? usage
    }
    expect(text).toBe(whole.choices[0]?.message.content)
    expect(usage?.cost).toBeGreaterThan(0)
  })

  test('a stream that did not ask for usage gets no chunk without choices, and is billed all the same', async () => {
    const before = tutti.decisions.length
    const stream = await client.chat.completions.create({ model: 'chat', messages: PROMPT, stream: true })
    for await (const chunk of stream) expect(chunk.choices).not.toHaveLength(0)
    const decision = await tutti.decision(before)
    expect(decision.usage?.output_tokens).toBeGreaterThan(0)
    expect(decision.estimated).toBeUndefined()
    expect(decision.cost_usd).toBeGreaterThan(0)
  })

  test('the upstream gets its own model name and credential, and nothing of the caller', async () => {
    await client.chat.completions.create({ model: 'chat', messages: PROMPT, user: 'somebody' })
    const last = mock.requests.at(-1)
    expect(last?.body).toMatchObject({ model: 'tiny', user: 'somebody', messages: PROMPT })
    expect(JSON.stringify(last?.headers)).not.toContain('sk-app')
  })

  test.each([
    ['a wrong key', { apiKey: 'sk-wrong' }, { model: 'chat' }, OpenAI.AuthenticationError],
    ['an unknown model', {}, { model: 'nothing' }, OpenAI.NotFoundError],
    ['no messages', {}, { model: 'chat', messages: 7 }, OpenAI.BadRequestError],
  ])('%s raises the class that OpenAI would cause', async (_name, options, body, expected) => {
    const own = client.withOptions({ ...options })
    const request = { messages: PROMPT, ...body }
    await expect(own.post('/chat/completions', { body: request })).rejects.toBeInstanceOf(expected)
  })

  test('what is not there is said in the same form', async () => {
    const response = await fetch(`${tutti.url}/v1/nothing`, { method: 'POST', body: '{}' })
    expect(response.status).toBe(404)
    expect(await response.json()).toMatchObject({ error: { type: 'invalid_request_error' } })
  })
})
