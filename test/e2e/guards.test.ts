// Guards: a request that holds what a rule guards against reaches nobody, and no word of it is in an error or a log.
import { describe, expect, test } from 'vitest'
import { LEAST } from '../support/documented-fields.ts'
import { startEmbedded } from '../support/embedded.ts'

const FACTS = { developer: 'tutti-test', lineage: [] }
const PROVIDERS = { house: { type: 'openai-compatible', baseUrl: 'https://house.example/v1', models: { m: FACTS } } }
const GUARD = {
  name: 'no-han-gang',
  guard: { literals: ['한강 프로젝트'], patterns: ['codename-[a-z]{4}'] },
  reason: 'that stays in the house',
}

async function ask(policies: readonly object[], body: object, path = '/v1/chat/completions') {
  const world = await startEmbedded(
    { version: 1, providers: PROVIDERS, policies },
    () => new Response('{}', { status: 400 }),
  )
  const request = new Request(`http://tutti${path}`, { method: 'POST', body: JSON.stringify(body) })
  const response = await world.gateway.fetch(request)
  return {
    status: response.status,
    text: await response.text(),
    sent: world.sent.length,
    log: JSON.stringify(world.log),
  }
}

const chat = (content: unknown) => ({ ...LEAST.chat.body, model: 'house/m', messages: [{ role: 'user', content }] })

describe('what is guarded against reaches nobody', () => {
  test.each([
    ['a message', chat('오늘 한강 프로젝트 회의')],
    ['hidden characters', chat('한강\u200b 프로\u00ad젝트')],
    ['a pattern in another case', chat('the CODENAME-Onyx file')],
    [
      'an escape',
      JSON.parse(
        '{"model":"house/m","messages":[{"role":"user","content":"\\ud55c\\uac15 \\ud504\\ub85c\\uc81d\\ud2b8"}]}',
      ),
    ],
    ['a line break in the place of a space', chat('한강 \n\t프로젝트')],
    ['a pattern with accents', chat('codename-\u00f6n\u00fdx, codename-o\u0308nyx')],
    ['a part of a message', chat([{ type: 'text', text: '한강 프로젝트' }])],
    ['JSON in a text', chat(JSON.stringify({ note: JSON.stringify({ codename: 'codename-onyx' }) }))],
    [
      'a description of a tool',
      { ...chat('hi'), tools: [{ type: 'function', function: { name: 'f', description: '한강 프로젝트' } }] },
    ],
    ['a text that looks like a picture', chat(`${'A'.repeat(300)}codename-onyx`)],
    ['a field that nobody knows', { ...chat('hi'), x: { y: ['한강 프로젝트'] } }],
  ])('%s', async (_name, body) => {
    const { status, text, sent, log } = await ask([GUARD], body)
    expect({ status, sent }).toEqual({ status: 403, sent: 0 })
    expect(JSON.parse(text)).toMatchObject({
      error: { code: 'policy_denied', rule: 'no-han-gang', reason: 'that stays in the house' },
    })
    expect(log).toContain('"code":"guarded"')
    for (const told of [text, log]) expect(told.toLowerCase()).not.toMatch(/한강|onyx/u)
  })
})

test.each([
  ['/v1/completions', { prompt: '한강 프로젝트' }],
  ['/v1/embeddings', { input: ['a', '한강 프로젝트'] }],
  ['/v1/rerank', { query: 'a', documents: ['한강 프로젝트'] }],
  ['/v1/images/generations', { prompt: 'codename-onyx' }],
])('at %s too', async (path, body) => {
  expect(await ask([GUARD], { model: 'house/m', ...body }, path)).toMatchObject({ status: 403, sent: 0 })
})

test('what it does not guard against goes its way', async () => {
  expect(await ask([GUARD], chat('한강에서 자전거를 탔다; codename: onyx'))).toMatchObject({ sent: 1 })
  expect(await ask([{ ...GUARD, when: 'request.stream' }], chat('한강 프로젝트'))).toMatchObject({ sent: 1 })
})

test('in shadow it is shown', async () => {
  const { sent, log } = await ask([{ ...GUARD, mode: 'shadow' }], chat('한강 프로젝트'))
  expect(sent).toBe(1)
  expect(log).toContain('"shadow":[{"rule":"no-han-gang","code":"guarded"')
})

test('a request that is too long for patterns is not taken for clean, unless the rule may be left out', async () => {
  const long = chat('x'.repeat(200_001))
  expect(await ask([GUARD], long)).toMatchObject({
    status: 403,
    sent: 0,
    text: expect.stringContaining('policy_error'),
  })
  expect(await ask([{ ...GUARD, onError: 'allow' }], long)).toMatchObject({ sent: 1 })
  // Words are looked for in any length.
  expect(
    await ask([{ name: 'w', guard: { literals: ['secret'] } }], chat(`${'x'.repeat(200_001)} Secret`)),
  ).toMatchObject({ status: 403 })
})
