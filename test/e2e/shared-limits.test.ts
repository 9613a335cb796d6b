// Limits that some share: a request passes every gate or leaves no trace at any, and one of a provider lets the next target answer.
import { expect, test } from 'vitest'
import { createGateway } from '#src/index.ts'
import { createMemoryStore } from '#src/state/memory.ts'
import { sha256 } from '../support/gateway.ts'

const key = (id: string, more: object = {}) => ({ id, sha256: sha256(id), ...more })
const KEYS = [key('a1', { tenant: 'a' }), key('a2', { tenant: 'a' }), key('b1', { tenant: 'b', limits: { rpm: 2 } })]
const MODELS = { m: { developer: 'x', lineage: [] } }
const PROVIDERS = {
  one: { type: 'openai-compatible', baseUrl: 'https://one.example/v1', apiKey: 'k', models: MODELS },
  two: { type: 'openai-compatible', baseUrl: 'https://two.example/v1', apiKey: 'k', models: MODELS },
}
const ROUTES = { chat: { targets: ['one/m', 'two/m'] }, other: { targets: ['one/m'] } }
const ANSWER = {
  id: 'c',
  model: 'm',
  choices: [{ index: 0, message: { role: 'assistant', content: 'a' }, finish_reason: 'stop' }],
  usage: { prompt_tokens: 1, completion_tokens: 1 },
}

async function open(limits: readonly object[]) {
  const log: string[] = []
  const sent: string[] = []
  const gateway = await createGateway(
    { version: 1, providers: PROVIDERS, models: ROUTES, limits, keys: KEYS },
    {
      state: createMemoryStore(),
      log: (line) => log.push(line),
      async fetch(url) {
        sent.push(new URL(url).hostname.split('.')[0] ?? '')
        return Response.json(ANSWER)
      },
    },
  )
  async function ask(as: string, model = 'chat'): Promise<string> {
    const response = await gateway.fetch(
      new Request('http://tutti/v1/chat/completions', {
        method: 'POST',
        headers: { authorization: `Bearer ${as}` },
        body: JSON.stringify({ model, max_tokens: 8, messages: [{ role: 'user', content: 'hi' }] }),
      }),
    )
    const { error } = await response.json()
    if (response.status === 200) return sent.at(-1) ?? ''
    return `${response.status} ${error.code} ${error.message} ${response.headers.get('retry-after')}`
  }
  return { ask, log }
}

const OVER = /^429 rate_limit_exceeded the limit `s` of requests a minute is reached (?:60|61)$/u

test.each([
  ['of everybody', { name: 's' }, ['a1', 'b1'], 'a2'],
  ['of a tenant', { name: 's', subjects: { tenants: ['a'] } }, ['a1', 'a2'], 'a1', 'b1'],
  ['of each key', { name: 's', each: 'key' }, ['a1', 'a1', 'a2'], 'a1', 'a2'],
] as const)('%s', async (_what, limit, pass, refused, free?: string) => {
  const { ask } = await open([{ ...limit, rpm: 2 }])
  for (const one of pass) expect(await ask(one)).toBe('one')
  expect(await ask(refused)).toMatch(OVER)
  if (free !== undefined) expect(await ask(free)).toBe('one')
})

test('of a model', async () => {
  const { ask } = await open([{ name: 's', models: ['oth*'], rpm: 1 }])
  expect([await ask('a1', 'other'), await ask('a1'), await ask('a1')]).toEqual(['one', 'one', 'one'])
  expect(await ask('b1', 'other')).toMatch(OVER)
})

test('of a provider: the next target is asked, and where there is none the caller is told', async () => {
  const { ask, log } = await open([{ name: 's', providers: ['one'], rpm: 1 }])
  expect([await ask('a1'), await ask('b1')]).toEqual(['one', 'two'])
  expect(log.map((line) => JSON.parse(line)).findLast((line) => 'attempts' in line).attempts).toMatchObject([
    { target: 'one/m', outcome: 'over_limit' },
    { target: 'two/m', outcome: 'answered' },
  ])
  expect(await ask('a1', 'other')).toMatch(OVER)
})

test('who is refused at one gate has come through none', async () => {
  const { ask } = await open([{ name: 's', rpm: 1 }])
  expect(await ask('a1')).toBe('one')
  // Its own two requests a minute are not used up by what another gate refuses.
  for (let i = 0; i < 3; i++) expect(await ask('b1')).toMatch(OVER)
})

test('slots come back when the answer has ended', async () => {
  const { ask } = await open([
    { name: 's', concurrency: 1 },
    { name: 'up', providers: ['one'], concurrency: 1 },
  ])
  for (let i = 0; i < 3; i++) expect(await ask('a1')).toBe('one')
})
