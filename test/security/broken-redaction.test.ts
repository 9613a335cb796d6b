// What once got personal data past `redact`: each of these reached an upstream or a caller, or stood still over it.
import { describe, expect, test, vi } from 'vitest'
import { createGateway } from '#src/index.ts'
import { createRedactor } from '#src/pipeline/redactor.ts'
import { filterJson } from '#src/core/pii/filter-parts.ts'
import { findPii } from '#src/core/pii/find.ts'
import { PII_TYPES } from '#src/core/pii/types.ts'
import { ask, CANARY, FACTS, holds, PROVIDERS, REDACT } from '../support/redaction.ts'

const HOUSE = { house: { type: 'openai-compatible', baseUrl: 'https://house.example/v1', models: { m: FACTS } } }
const ALL = { name: 'r', redact: 'all' }
const CARD = -4111111111111111

function completion(message: object, more: object = {}): () => Response {
  const choice = { index: 0, message: { role: 'assistant', ...message }, finish_reason: 'stop' }
  return () => Response.json({ id: 'x', model: 'm', choices: [choice], ...more })
}

function chat(content: string, more: object = {}) {
  return { model: 'openai/m', messages: [{ role: 'user', content }], ...more }
}

function calling(name: string, input: string) {
  return completion({
    content: null,
    tool_calls: [{ id: 'c', type: 'function', function: { name, arguments: input } }],
  })
}

test('a negative number that looks like a card does not keep the rest from being looked into', async () => {
  const parameters = { type: 'object', properties: { a: { type: 'integer', minimum: CARD } } }
  const tools = [{ type: 'function', function: { name: 'f', parameters } }]
  const seen = await ask([ALL], { body: chat(CANARY, { tools }) }, completion({ content: 'ok' }))
  expect(seen.status).toBe(200)
  expect(seen.upstream).toContain('[KR_RRN_1]')
  expect(holds(seen.upstream) || seen.upstream.includes(`${CARD}`)).toBe(false)
})

test('one in arguments that a model wrote leaves them JSON', async () => {
  const seen = await ask([ALL], { body: chat('hi') }, calling('f', JSON.stringify({ a: CARD, b: CANARY })))
  expect(seen.caller).toContain(JSON.stringify(JSON.stringify({ a: '-[CARD]', b: '[KR_RRN]' })))
  expect(holds(seen.caller)).toBe(false)
})

test('a member of the request itself is looked into, at a path that sends what it does not know', async () => {
  const body = { model: 'house/m', input: 'a', [CANARY]: 1 }
  const answer = () => Response.json({ model: 'm', data: [{ embedding: [1], index: 0 }] })
  const seen = await ask([ALL], { path: '/v1/embeddings', more: HOUSE, body }, answer)
  expect(seen.status).toBe(200)
  expect(holds(seen.upstream)).toBe(false)
})

describe('what stands before bytes in an address of data', () => {
  const text = `data: ${CANARY};base64,QUJD`

  test('does not leave', async () => {
    const seen = await ask([REDACT], { body: chat(text) }, completion({ content: 'ok' }))
    expect(seen.upstream).toContain('data: [KR_RRN_1];base64,QUJD')
  })

  test('does not come back', async () => {
    const seen = await ask([ALL], { body: chat('hi') }, calling('f', JSON.stringify({ a: text })))
    expect(seen.caller).toContain('[KR_RRN];base64')
    expect(holds(seen.caller)).toBe(false)
  })
})

test('the name of a file does not leave: recorded calls are named by who called', async () => {
  const upstream: string[] = []
  const policies = [{ name: 'r', redact: { types: 'all', unscannable: 'allow' } }]
  const gateway = await createGateway(
    { version: 1, providers: PROVIDERS, policies },
    {
      log: () => {},
      async fetch(_url, init) {
        upstream.push(await new Response(init.body).text())
        return Response.json({ text: 'ok' })
      },
    },
  )
  const body = new FormData()
  body.set('model', 'openai/m')
  body.set('file', new Blob(['sound'], { type: 'audio/mp4' }), `010-1234-5678 ${CANARY}.m4a`)
  const request = new Request('http://tutti/v1/audio/transcriptions', { method: 'POST', body })
  expect((await gateway.fetch(request)).status).toBe(200)
  expect(upstream[0]).toContain('filename="[PHONE_1] [KR_RRN_1].m4a"')
  expect(upstream.map(holds)).toEqual([false])
})

test('the names in an answer are looked into: of a call, of the answer, of its model', async () => {
  const called = await ask([ALL], { body: chat('hi') }, calling(`f ${CANARY}`, '{}'))
  const named = await ask([ALL], { body: chat('hi') }, completion({ content: 'ok' }, { id: CANARY, model: CANARY }))
  expect([called, named].map(({ status, caller }) => [status, holds(caller)])).toEqual([
    [200, false],
    [200, false],
  ])
})

describe('a thought that was kept', () => {
  const thinking = 'the number is [KR_RRN_1]'
  const use = { type: 'tool_use', id: 'toolu_1', name: 'f', input: { a: 1 } }
  const answer = () =>
    Response.json({
      id: 'a',
      type: 'message',
      model: 'm',
      role: 'assistant',
      stop_reason: 'tool_use',
      usage: { input_tokens: 1, output_tokens: 1 },
      content: [{ type: 'thinking', thinking, signature: 'SIG' }, use],
    })

  test('goes back as it was written, without what was put back for the caller', async () => {
    const upstream: string[] = []
    const policies = [{ name: 'r', redact: { types: 'all', restore: true } }]
    const gateway = await createGateway(
      { version: 1, providers: PROVIDERS, policies },
      {
        log: () => {},
        async fetch(_url, init) {
          upstream.push(await new Response(init.body).text())
          return answer()
        },
      },
    )
    const tools = [{ type: 'function', function: { name: 'f', parameters: { type: 'object' } } }]
    const user = { role: 'user', content: `I am ${CANARY}` }
    const call = { id: 'toolu_1', type: 'function', function: { name: 'f', arguments: '{"a":1}' } }
    const later = [
      { role: 'assistant', tool_calls: [call] },
      { role: 'tool', tool_call_id: 'toolu_1', content: '1' },
    ]
    for (const messages of [[user], [user, ...later]]) {
      const body = JSON.stringify({ model: 'anthropic/m', tools, messages, reasoning_effort: 'low' })
      await (await gateway.fetch(new Request('http://tutti/v1/chat/completions', { method: 'POST', body }))).text()
    }
    expect(upstream).toHaveLength(2)
    expect(upstream[1]).toContain(thinking)
    expect(upstream.map(holds)).toEqual([false, false])
  })
})

test('each placeholder costs the same, however long a request is', () => {
  const text = `${'[PHONE_'.repeat(1000)}[PHONE_2] ${'010-1234-5678 010-1234-5679 010-1234-5670 '.repeat(3)}`
  const body = { model: 'm', messages: [{ role: 'user', content: text }] }
  const request = {
    id: 'r',
    endpoint: 'chat',
    model: 'm',
    stream: false,
    wantsUsage: false,
    tags: [],
    metadata: {},
  } as const
  const types = new Set(PII_TYPES)
  const redaction = {
    types,
    restored: types,
    inAnswers: types,
    unscannable: 'deny',
    by: [{ rule: 'r', types }],
  } as const
  const came = { ...request, text: JSON.stringify(body), body }
  const searched = vi.spyOn(String.prototype, 'includes')
  const { text: sent } = createRedactor(redaction, came, findPii).request(came)
  const searches = searched.mock.contexts.filter((own) => String(own).length > text.length).length
  searched.mockRestore()
  expect(sent).toContain('[PHONE_2] [PHONE_1] [PHONE_3] [PHONE_4] [PHONE_1]')
  expect(searches).toBe(0)
})

test('an answer of many texts reads the placeholders of its request once', () => {
  const originals = new Map([['[PHONE_1]', '010-1234-5678']])
  const read = vi.spyOn(originals, 'keys')
  const texts = Array.from({ length: 100 }, () => 'to [PHONE_1]')
  const filtered = filterJson({ types: new Set(['phone']), originals }, JSON.stringify(texts))
  expect(filtered).toBe(JSON.stringify(texts.map(() => 'to 010-1234-5678')))
  expect(read).toHaveBeenCalledTimes(1)
})
