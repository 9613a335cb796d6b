// What a route that marks prompts puts into requests, by what reaches the upstream; what it does not touch arrives as it came.
import { beforeAll, describe, expect, test } from 'vitest'
import { isObject, parseJson, type Json, type JsonObject } from '#src/core/json.ts'
import { startEmbedded, type Embedded } from '../support/embedded.ts'
import { sha256 } from '../support/gateway.ts'

const models = (names: readonly string[]) =>
  Object.fromEntries(names.map((name) => [name, { developer: 'x', lineage: [], maxOutput: 100 }]))
const provider = (type: string, names: readonly string[]) => ({
  type,
  apiKey: 'k',
  baseUrl: `https://${type}.example/v1`,
  models: models(names),
})
const marked = (target: string) => ({ targets: [target], promptCache: { mark: true } })

let tutti: Embedded
const down = { openai: false }

beforeAll(async () => {
  const config = {
    version: 1,
    providers: {
      openai: provider('openai', ['gpt']),
      anthropic: provider('anthropic', ['claude']),
      openrouter: { ...provider('openrouter', ['any']), operator: { name: 'x', country: 'US' } },
      other: provider('openai-compatible', ['m']),
    },
    models: {
      openai: marked('openai/gpt'),
      again: marked('openai/gpt'),
      anthropic: marked('anthropic/claude'),
      openrouter: marked('openrouter/any'),
      other: marked('other/m'),
      both: { ...marked('openai/gpt'), targets: ['openai/gpt', 'other/m'], retry: { attempts: 2 } },
      plain: { targets: ['openai/gpt'] },
    },
    keys: ['a', 'b'].map((id) => ({ id, sha256: sha256(id) })),
  }
  tutti = await startEmbedded(config, ({ host }) =>
    host === 'openai.example' && down.openai
      ? new Response('', { status: 503 })
      : Response.json({ error: { message: 'no', type: 'x' } }, { status: 400 }),
  )
})

/** What the upstream gets of a request, as it stands there, what the caller is told and what the log says. */
async function send(path: string, body: JsonObject, key = 'a') {
  const text = JSON.stringify(body)
  const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' }
  const request = new Request(`http://tutti${path}`, { method: 'POST', body: text, headers })
  const answer = await tutti.gateway.fetch(request)
  await answer.text()
  await new Promise(setImmediate)
  const sent = new TextDecoder().decode(tutti.sent.at(-1)?.body)
  const value = parseJson(sent)
  const attempts = tutti.log.at(-1)?.['attempts']
  const [attempt] = Array.isArray(attempts) ? attempts : []
  return {
    text: sent,
    body: isObject(value) ? value : {},
    marks: isObject(attempt) ? attempt['cache_marks'] : undefined,
    warnings: answer.headers.get('x-tutti-warnings') ?? '',
  }
}

const CHAT = '/v1/chat/completions'
const TURNS: readonly Json[] = [
  { role: 'system', content: 'be kind' },
  { role: 'user', content: 'hello' },
  { role: 'assistant', content: 'hi' },
  { role: 'user', content: 'more' },
]
const chat = (model: string, count = 2, more: JsonObject = {}): JsonObject => ({
  model,
  messages: TURNS.slice(0, count),
  ...more,
})
const keyOf = async (model: string, count = 2, key = 'a') =>
  (await send(CHAT, chat(model, count), key)).body['prompt_cache_key']
const EPHEMERAL = { type: 'ephemeral' }

describe('OpenAI gets a key', () => {
  test('one for a conversation, another for other callers, names and beginnings', async () => {
    const key = await keyOf('openai')
    expect(key).toMatch(/^[0-9a-f]{32}$/)
    expect(await keyOf('openai', 4)).toBe(key)
    const other = await send(CHAT, { model: 'openai', messages: [{ role: 'user', content: 'hello' }] })
    const others = [await keyOf('openai', 2, 'b'), await keyOf('again'), other.body['prompt_cache_key']]
    expect(new Set([key, ...others]).size).toBe(4)
  })

  test('behind all that the caller wrote, which stays byte for byte; the caller and the log are told', async () => {
    const body = chat('openai', 2, { temperature: 1.5, x: { y: [1, 2] } })
    const { text, body: sent, marks, warnings } = await send(CHAT, body)
    const key = JSON.stringify(sent['prompt_cache_key'])
    const own = JSON.stringify({ ...body, model: 'gpt' })
    expect(text).toBe(`${own.slice(0, -1)},"prompt_cache_key":${key}}`)
    expect(marks).toEqual(['prompt_cache_key'])
    expect(warnings).toBe('`prompt_cache_key` was added: prompts are to be cached')
  })

  test.each<[string, Json]>([
    ['a key of its own', 'mine'],
    ['none, as it wrote', null],
  ])('the caller has %s', async (_, own) => {
    const { body, marks, warnings } = await send(CHAT, chat('openai', 2, { prompt_cache_key: own }))
    expect([body['prompt_cache_key'], marks, warnings]).toEqual([own, undefined, ''])
  })

  test('a text that speaks of it says nothing', async () => {
    const { marks } = await send(CHAT, { model: 'openai', messages: [{ role: 'user', content: '"prompt_cache_key"' }] })
    expect(marks).toEqual(['prompt_cache_key'])
  })

  test('in Responses and from another dialect too', async () => {
    const responses = await send('/v1/responses', { model: 'openai', input: 'hello', instructions: 'be kind' })
    expect(responses.body['prompt_cache_key']).toMatch(/^[0-9a-f]{32}$/)
    const messages = await send('/v1/messages', chat('openai', 2, { max_tokens: 9, messages: TURNS.slice(1, 2) }))
    expect(messages.body['prompt_cache_key']).toMatch(/^[0-9a-f]{32}$/)
    expect(messages.marks).toEqual(['prompt_cache_key'])
    expect(messages.warnings).toContain('`prompt_cache_key` was added')
  })

  test('not where no conversation is asked for', async () => {
    const { body } = await send('/v1/embeddings', { model: 'openai', input: 'hello' })
    expect(body).toEqual({ model: 'gpt', input: 'hello' })
  })
})

describe('Anthropic gets a mark', () => {
  const messages = (more: JsonObject = {}): JsonObject => ({
    model: 'anthropic',
    max_tokens: 9,
    messages: [{ role: 'user', content: 'hello' }],
    ...more,
  })

  test('on the request, in its own dialect', async () => {
    const { text, marks } = await send('/v1/messages', messages())
    const own = JSON.stringify({ ...messages(), model: 'claude' })
    expect(text).toBe(`${own.slice(0, -1)},"cache_control":{"type":"ephemeral"}}`)
    expect(marks).toEqual(['cache_control'])
  })

  test('but for a caller who marks some of it himself', async () => {
    const system = [{ type: 'text', text: 's', cache_control: { type: 'ephemeral', ttl: '1h' } }]
    const { body, marks } = await send('/v1/messages', messages({ system }))
    expect(body).toEqual({ ...messages({ system }), model: 'claude' })
    expect(marks).toBeUndefined()
  })

  test('counting tokens caches nothing', async () => {
    const { body } = await send('/v1/messages/count_tokens', messages())
    expect(body).not.toHaveProperty('cache_control')
  })

  test('on the last part, from another dialect, and no key that it does not know', async () => {
    const { body, marks, warnings } = await send(CHAT, chat('anthropic', 4))
    expect(body['messages']).toEqual([
      { role: 'user', content: [{ type: 'text', text: 'hello' }] },
      { role: 'assistant', content: [{ type: 'text', text: 'hi' }] },
      { role: 'user', content: [{ type: 'text', text: 'more', cache_control: EPHEMERAL }] },
    ])
    expect(marks).toEqual(['cache_control'])
    expect(warnings).not.toContain('prompt_cache_key')
  })

  test('but for one that carries a mark', async () => {
    const content = [{ type: 'text', text: 's', cache_control: EPHEMERAL }]
    const turns = [{ role: 'system', content }, ...TURNS.slice(1)]
    const { text, marks } = await send(CHAT, { model: 'anthropic', messages: turns })
    expect(text.split('cache_control')).toHaveLength(2)
    expect(marks).toBeUndefined()
  })

  test('and none where nothing can be marked', async () => {
    const { text, marks } = await send(CHAT, {
      model: 'anthropic',
      messages: [...TURNS.slice(0, 2), { role: 'assistant', content: [{ type: 'refusal', refusal: 'no' }] }],
    })
    expect([text.includes('cache_control'), marks]).toEqual([false, undefined])
  })
})

describe('others', () => {
  test('an attempt says what it was given, and not what the one before it was', async () => {
    down.openai = true
    await send(CHAT, chat('both'))
    down.openai = false
    const attempts = tutti.log.at(-1)?.['attempts']
    expect(attempts).toMatchObject([{ cache_marks: ['prompt_cache_key'] }, { target: 'other/m' }])
    expect(Array.isArray(attempts) && attempts[1]).not.toHaveProperty('cache_marks')
  })

  test('OpenRouter gets a mark from other dialects, and what it speaks itself as it came', async () => {
    const own = await send(CHAT, chat('openrouter'))
    expect([own.body, own.marks]).toEqual([{ ...chat('openrouter'), model: 'any' }, undefined])
    const { text, marks } = await send('/v1/messages', {
      model: 'openrouter',
      max_tokens: 9,
      messages: [{ role: 'user', content: 'hello' }],
    })
    expect([text.includes('"cache_control":{"type":"ephemeral"}'), marks]).toEqual([true, ['cache_control']])
  })

  test.each([
    ['one of whom nothing is known', 'other', 'm'],
    ['a name that marks nothing', 'plain', 'gpt'],
    ['a target that is asked for directly', 'openai/gpt', 'gpt'],
  ])('%s gets what came', async (_, name, model) => {
    const { body, marks, warnings } = await send(CHAT, chat(name))
    expect([body, marks, warnings]).toEqual([{ ...chat(name), model }, undefined, ''])
  })
})
