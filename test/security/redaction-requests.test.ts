// Personal data under `redact`: whatever the position, the dialect and the spelling, it reaches no upstream, caller, log, metric or error.
import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { isObject, parseJson, type Json } from '#src/core/json.ts'
import { LEAST } from '../support/documented-fields.ts'
import { ask, CANARY, FACTS, holds, REDACT, SPELLINGS } from '../support/redaction.ts'

/** Each request with a text more in one of its strings. */
function* planted(value: Json, spelling: string, path: readonly (string | number)[] = []): Generator<Json> {
  if (typeof value === 'string' && path.at(-1) !== 'model') yield `${value} ${spelling}`
  else if (Array.isArray(value))
    for (const [index, item] of value.entries())
      for (const one of planted(item, spelling, [...path, index])) yield value.with(index, one)
  else if (isObject(value))
    for (const [name, item] of Object.entries(value))
      for (const one of planted(item ?? null, spelling, [...path, name])) yield { ...value, [name]: one }
}

const PATHS: Readonly<Record<string, { readonly path: string; readonly model?: string }>> = {
  chat: { path: '/v1/chat/completions', model: 'openai/m' },
  responses: { path: '/v1/responses', model: 'openai/m' },
  messages: { path: '/v1/messages', model: 'anthropic/m' },
  gemini: { path: '/v1beta/models/gemini/m:generateContent' },
}
const GOLDEN = new URL('../golden/requests/', import.meta.url)

describe.each(Object.entries(PATHS))('every string of every request of %s', (dialect, { path, model }) => {
  const files = readdirSync(new URL(`${dialect}/`, GOLDEN))
  test.each(files)('%s', async (name) => {
    const file = parseJson(readFileSync(new URL(`${dialect}/${name}`, GOLDEN), 'utf8'))
    const body = isObject(file) ? file['body'] : undefined
    if (!isObject(body)) throw new TypeError(name)
    const own = { ...body, ...(model !== undefined && { model }) }
    let sent = 0
    for (const [at, spelling] of SPELLINGS.entries()) {
      const all = [...planted(own, spelling)].filter(isObject)
      for (const [index, one] of all.entries()) {
        // Each position in two of the spellings.
        if (index % SPELLINGS.length !== at && (index + 3) % SPELLINGS.length !== at) continue
        const seen = await ask([REDACT], { path, body: one })
        if (seen.upstream !== '') sent++
        for (const [where, text] of Object.entries(seen))
          if (holds(String(text))) throw new Error(`${where}: ${text}\n${JSON.stringify(one)}`)
      }
    }
    // What is cached at its vendor cannot be looked into, nor said in the internal form.
    if (name !== 'cached-content.json') expect(sent).toBeGreaterThan(0)
  })
})

describe('what cannot be looked into', () => {
  const image = { type: 'image_url', image_url: { url: 'https://host.example/a.png' } }
  const body = {
    ...LEAST.chat.body,
    model: 'openai/m',
    messages: [{ role: 'user', content: [{ type: 'text', text: 'hi' }, image] }],
  }

  test('refuses the request, unless it may pass', async () => {
    const denied = await ask([{ name: 'r', redact: ['kr_rrn'] }], { body })
    expect(denied).toMatchObject({ status: 403, upstream: '' })
    expect(denied.operator).toContain('"code":"unscannable"')
    const passed = await ask([{ name: 'r', redact: { types: ['kr_rrn'], unscannable: 'allow' } }], { body })
    expect(passed.upstream).toContain('a.png')
    const shadow = await ask([{ name: 'r', redact: ['kr_rrn'], mode: 'shadow' }], { body })
    expect(shadow.upstream).toContain('a.png')
  })

  test('is a stream that no internal form reads', async () => {
    const [path, asked] = ['/v1/completions', { model: 'openai/m', prompt: 'hi', stream: true }]
    expect(await ask([{ name: 'r', redact: 'all' }], { path, body: asked })).toMatchObject({
      status: 403,
      upstream: '',
    })
  })
})

test.each([
  ['/v1/completions', { prompt: CANARY, suffix: CANARY }],
  ['/v1/embeddings', { input: ['a', CANARY] }],
  ['/v1/moderations', { input: CANARY }],
  ['/v1/images/generations', { prompt: CANARY, user: CANARY }],
  ['/v1/audio/speech', { input: CANARY, voice: 'alloy' }],
  ['/v1/rerank', { query: CANARY, documents: ['x', CANARY] }],
  ['/v1/decisions', { input: CANARY, questions: [{ type: 'predicate', name: 'q', instructions: CANARY }] }],
  ['/v1/messages/count_tokens', { messages: [{ role: 'user', content: CANARY }] }],
  ['/v1beta/models/gemini/m:embedContent', { content: { parts: [{ text: CANARY }] } }],
])('%s', async (path, body) => {
  const house = { house: { type: 'openai-compatible', baseUrl: 'https://house.example/v1', models: { m: FACTS } } }
  const model = path.startsWith('/v1beta') ? {} : { model: path.includes('messages') ? 'anthropic/m' : 'house/m' }
  const answer = () =>
    Response.json({
      model: 'm',
      id: CANARY,
      data: [{ text: CANARY, embedding: [0.9001011234568, 1] }],
      choices: [{ index: 0, text: CANARY, finish_reason: 'stop' }],
      results: [{ document: { text: CANARY }, index: 0, relevance_score: 0.5 }],
      input_tokens: 3,
      embedding: { values: [1] },
    })
  const seen = await ask([REDACT], { path, body: { ...body, ...model }, more: house }, answer)
  expect(seen.upstream).toContain('[KR_RRN_1]')
  for (const text of [seen.upstream, seen.caller.replace('0.9001011234568', ''), seen.operator])
    expect(holds(text)).toBe(false)
})

test('where answers are left alone they come byte for byte, and stream at any path', async () => {
  const answer = `{ "model":"m",  "choices":[{"index":0,"message":{"role":"assistant","content":"${CANARY}"},"finish_reason":"stop"}] }`
  const policies = [{ name: 'r', redact: { types: ['kr_rrn'], answers: false } }]
  const body = { ...LEAST.chat.body, model: 'openai/m', messages: [{ role: 'user', content: CANARY }] }
  const seen = await ask(
    policies,
    { body },
    () => new Response(answer, { headers: { 'content-type': 'application/json' } }),
  )
  expect(seen.upstream).toContain('[KR_RRN_1]')
  expect(seen.caller).toContain(answer)
  const streamed = await ask(policies, {
    path: '/v1/completions',
    body: { model: 'openai/m', prompt: CANARY, stream: true },
  })
  expect(streamed.upstream).toContain('[KR_RRN_1]')
})

test('conditions ask what is there and what is left', async () => {
  const policies = (left: string) => [
    { name: 'r', redact: ['kr_rrn'] },
    { name: 'stays', when: `"${left}" in pii.left`, deny: { provider: 'openai' } },
  ]
  const body = { ...LEAST.chat.body, model: 'openai/m', messages: [{ role: 'user', content: `${CANARY} a@b.example` }] }
  expect((await ask(policies('kr_rrn'), { body })).status).toBe(400)
  expect((await ask(policies('email'), { body })).status).toBe(403)
  const found = [{ name: 'stays', when: 'pii.found && "email" in pii.types', deny: { provider: 'openai' } }]
  expect((await ask(found, { body })).status).toBe(403)
  expect((await ask(found, { body: { ...body, messages: [{ role: 'user', content: 'hi' }] } })).status).toBe(400)
})

test('a number in the name of a model is in no log', async () => {
  const body = { model: `openai/${CANARY}`, messages: [{ role: 'user', content: 'hi' }] }
  const seen = await ask([REDACT], { body })
  expect(holds(seen.operator)).toBe(false)
})
