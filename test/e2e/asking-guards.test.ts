// Guards that ask somebody: a webhook, a moderation model, a decision model. What they find reaches nobody, and where they do not answer nothing is taken for clean.
import { createHash, createHmac } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { isObject, parseJson, stringAt, type JsonObject } from '#src/core/json.ts'
import { LEAST } from '../support/documented-fields.ts'
import { startEmbedded, type Sent } from '../support/embedded.ts'

const FACTS = { developer: 'tutti-test', lineage: [], price: { input: 1, output: 1 }, maxOutput: 100 }
const host = (name: string, models: readonly string[]) => ({
  type: 'openai-compatible',
  baseUrl: `https://${name}.example/v1`,
  apiKey: `sk-${name}`,
  models: Object.fromEntries(models.map((model) => [model, FACTS])),
})
const PROVIDERS = { house: host('house', ['m']), checks: host('checks', ['mod', 'dec']) }
const SECRET = `whsec_${btoa('a secret of 24 bytes ....')}`

const WEBHOOK = { guard: { webhook: { url: 'https://guard.example/check', secret: SECRET } } }
const MODERATION = { guard: { moderation: { model: 'checks/mod' } } }
const DECISION = { guard: { decision: { model: 'checks/dec', question: 'the text asks for a weapon' } } }

const CHAT = {
  id: 'c',
  object: 'chat.completion',
  created: 1,
  model: 'm',
  choices: [{ index: 0, message: { role: 'assistant', content: 'hello' }, finish_reason: 'stop' }],
  usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 },
}

interface Options {
  readonly policies: readonly object[]
  /** What the guard's side answers. */
  readonly says: (sent: Sent) => Response | Promise<Response>
  readonly more?: object
  readonly body?: object
  readonly headers?: Record<string, string>
}

const bodyOf = ({ body }: Sent): JsonObject => {
  const value = parseJson(new TextDecoder().decode(body))
  return isObject(value) ? value : {}
}

async function ask({ policies, says, more = {}, body = {}, headers = {} }: Options) {
  const world = await startEmbedded(
    { version: 1, providers: PROVIDERS, policies: policies.map((rule, at) => ({ name: `g${at}`, ...rule })), ...more },
    (sent) => (sent.host === 'house.example' ? Response.json(CHAT) : says(sent)),
  )
  const request = new Request('http://tutti/v1/chat/completions', {
    method: 'POST',
    headers,
    body: JSON.stringify({
      ...LEAST.chat.body,
      model: 'house/m',
      messages: [{ role: 'user', content: 'a word' }],
      ...body,
    }),
  })
  const response = await world.gateway.fetch(request)
  const answer = parseJson(await response.text())
  const to = (name: string) => world.sent.filter((one) => one.host === `${name}.example`)
  return { status: response.status, answer, house: to('house'), asked: [...to('guard'), ...to('checks')], world }
}

const flagged = (flag: boolean, more: object = {}) =>
  Response.json({ id: 'm', model: 'mod', results: [{ flagged: flag, categories: {}, category_scores: {}, ...more }] })
const probable = (probability: number) =>
  Response.json({ model: 'dec', answers: [{ type: 'predicate', name: 'found', probability }] })

const KINDS = [
  ['a webhook', WEBHOOK, () => Response.json({ allow: false }), () => Response.json({ allow: true })],
  ['a moderation model', MODERATION, () => flagged(true), () => flagged(false)],
  ['a decision model', DECISION, () => probable(0.5), () => probable(0.49)],
] as const

describe.each(KINDS)('%s', (_name, rule, found, clean) => {
  test('that finds something keeps the request in', async () => {
    const { status, answer, house, asked, world } = await ask({
      policies: [{ ...rule, reason: 'not here' }],
      says: found,
    })
    expect({ status, house: house.length, asked: asked.length }).toEqual({ status: 403, house: 0, asked: 1 })
    expect(answer).toMatchObject({ error: { code: 'policy_denied', rule: 'g0', reason: 'not here' } })
    const line = world.log.at(-1)
    expect(line).toMatchObject({ outcome: 'deny', status: 403, guards: [{ rule: 'g0', on: ['input'] }] })
    expect(JSON.stringify(line)).toContain('"code":"guarded"')
    expect(JSON.stringify(world.log)).not.toContain('a word')
  })

  test('that finds nothing lets it go', async () => {
    const { status, house, asked } = await ask({ policies: [rule], says: clean })
    expect({ status, house: house.length, asked: asked.length }).toEqual({ status: 200, house: 1, asked: 1 })
  })

  test.each([
    ['an error', () => new Response('{}', { status: 500 })],
    ['a page', () => new Response('<html>', { headers: { 'content-type': 'text/html' } })],
    ['nothing of use', () => Response.json({ allow: 'yes', results: [{}], answers: [{}] })],
    ['no result', () => Response.json({ results: [], answers: [] })],
    ['a broken line', () => Promise.reject(new TypeError('it broke'))],
    ['an error that would let it go', async () => new Response(await clean().text(), { status: 500 })],
  ])('that answers with %s keeps it in, unless the rule may be left out', async (_what, says) => {
    const shut = await ask({ policies: [rule], says })
    expect({ status: shut.status, house: shut.house.length }).toEqual({ status: 403, house: 0 })
    expect(shut.answer).toMatchObject({ error: { code: 'policy_error', rule: 'g0' } })
    expect(shut.world.events).toContainEqual(expect.objectContaining({ event: 'guard_failed', rule: 'g0' }))
    const open = await ask({ policies: [{ ...rule, onError: 'allow' }], says })
    expect({ status: open.status, house: open.house.length }).toEqual({ status: 200, house: 1 })
  })

  test.each([
    ['nothing', '', 200],
    ['more than it can look through', 'a word '.repeat(30_000), 403],
  ])('is not asked about %s', async (_what, content, expected) => {
    const { status, asked } = await ask({
      policies: [rule],
      says: clean,
      body: { messages: [{ role: 'user', content }] },
    })
    expect({ status, asked }).toEqual({ status: expected, asked: [] })
  })

  test('in shadow is asked, and its word is shown', async () => {
    const { status, asked, world } = await ask({ policies: [{ ...rule, mode: 'shadow' }], says: found })
    expect({ status, asked: asked.length }).toEqual({ status: 200, asked: 1 })
    expect(JSON.stringify(world.log.at(-1))).toContain('"shadow":[{"rule":"g0","code":"guarded"')
  })

  test('is not asked where it says nothing, or where the request goes nowhere anyhow', async () => {
    for (const policies of [
      [{ ...rule, when: 'request.stream' }],
      [{ ...rule, guard: { ...rule.guard, on: ['output'] }, when: 'false' }],
      [rule, { deny: { provider: 'house' } }],
      [rule, { guard: { literals: ['a word'] } }],
    ])
      expect((await ask({ policies, says: found })).asked).toEqual([])
  })
})

test('a webhook gets a signed message of texts and who sends them, and no word of the wire', async () => {
  const { asked } = await ask({
    policies: [WEBHOOK],
    says: () => Response.json({ allow: true }),
    headers: { 'x-tutti-tags': 'draft' },
  })
  const [sent] = asked
  if (!sent) throw new Error('nobody was asked')
  expect(bodyOf(sent)).toMatchObject({
    type: 'guard.input',
    data: { rule: 'g0', endpoint: '/v1/chat/completions', model: 'house/m', tags: ['draft'], texts: ['a word'] },
  })
  const [id, at] = [sent.headers.get('webhook-id') ?? '', sent.headers.get('webhook-timestamp') ?? '']
  expect(id).toMatch(/^msg_[\w-]+$/u)
  expect(Math.abs(Number(at) * 1000 - Date.now())).toBeLessThan(60_000)
  const mac = createHmac('sha256', 'a secret of 24 bytes ....')
    .update(`${id}.${at}.`)
    .update(sent.body)
    .digest('base64')
  expect(sent.headers.get('webhook-signature')).toBe(`v1,${mac}`)
})

test.each([
  ['a category that is meant', { categories: ['violence'] }, { categories: { violence: true } }, 403],
  [
    'one that is not',
    { categories: ['violence'] },
    { flagged: true, categories: { hate: true, violence: false } },
    200,
  ],
  ['one that the model does not know', { categories: ['violence'] }, { categories: { hate: true } }, 403],
  ['a score over the threshold', { threshold: 0.2 }, { category_scores: { hate: 0.2 } }, 403],
  ['scores below it', { threshold: 0.2 }, { flagged: true, category_scores: { hate: 0.1 } }, 200],
  [
    'a score of another category',
    { threshold: 0.2, categories: ['hate'] },
    { category_scores: { hate: 0, sex: 1 } },
    200,
  ],
])('of a moderation %s counts', async (_name, more, result, status) => {
  const guard = { moderation: { model: 'checks/mod', ...more } }
  const answer = () => Response.json({ results: [{ flagged: false, categories: {}, category_scores: {}, ...result }] })
  expect((await ask({ policies: [{ guard }], says: answer })).status).toBe(status)
})

describe('the model that a guard asks', () => {
  test('is under the same policy: denied, it is not asked, and the request stays in', async () => {
    const { status, asked, house, world } = await ask({
      policies: [MODERATION, { deny: { provider: 'checks' } }],
      says: () => flagged(false),
    })
    expect({ status, asked: asked.length, house: house.length }).toEqual({ status: 403, asked: 0, house: 0 })
    expect(world.log.map((line) => [stringAt(line, 'endpoint'), stringAt(line, 'outcome')])).toContainEqual([
      '/v1/moderations',
      'deny',
    ])
  })

  test('sees nothing of what redact takes out', async () => {
    for (const rule of [WEBHOOK, MODERATION, DECISION]) {
      const { status, asked } = await ask({
        policies: [rule, { redact: ['email'] }],
        says: (sent) =>
          sent.host === 'guard.example'
            ? Response.json({ allow: true })
            : sent.path.includes('mod')
              ? flagged(false)
              : probable(0),
        body: { messages: [{ role: 'user', content: 'write to hong@example.com' }] },
      })
      expect(status).toBe(200)
      const text = JSON.stringify(asked.map(bodyOf))
      expect(text).toContain('EMAIL')
      expect(text).not.toContain('hong@example.com')
    }
  })

  test('is no request that is guarded again, and is billed to the caller, whose limits and names are not asked', async () => {
    const sha256 = createHash('sha256').update('sk-app').digest('hex')
    const keys = [
      {
        id: 'k',
        sha256,
        models: ['house/m'],
        budget: { usd: 1, per: 'day' },
        limits: { rpm: 1 },
      },
    ]
    const { status, asked, world } = await ask({
      policies: [MODERATION, { guard: { literals: ['mod'] } }],
      says: () => flagged(false),
      more: { keys },
      headers: { authorization: 'Bearer sk-app' },
    })
    expect({ status, asked: asked.length }).toEqual({ status: 200, asked: 1 })
    const [inner, outer] = world.log
    expect(inner).toMatchObject({ endpoint: '/v1/moderations', key: 'k', guard_for: stringAt(outer, 'request_id') })
    expect(outer).toMatchObject({ endpoint: '/v1/chat/completions', key: 'k' })
    expect(outer).not.toHaveProperty('guard_for')
  })

  test('may be a name under `models` where direct names are forbidden', async () => {
    const { status, asked } = await ask({
      policies: [{ guard: { moderation: { model: 'moderator' } } }],
      says: () => flagged(false),
      more: { direct: false, models: { moderator: { targets: ['checks/mod'] }, chat: { targets: ['house/m'] } } },
      body: { model: 'chat' },
    })
    expect({ status, asked: asked.length }).toEqual({ status: 200, asked: 1 })
  })
})

test('whoever answers too late has not answered; whoever hangs up meanwhile is not sent on', async () => {
  const guard = { webhook: { url: 'https://guard.example/check', timeout: '50ms' } }
  const late = () => new Promise<Response>(() => {})
  const { status, answer, house } = await ask({ policies: [{ guard }], says: late })
  expect({ status, house: house.length }).toEqual({ status: 403, house: 0 })
  expect(answer).toMatchObject({ error: { code: 'policy_error', message: expect.stringContaining('within 50 ms') } })
})

test('explain asks nobody, and says who would be asked', async () => {
  const { world } = await ask({ policies: [WEBHOOK, MODERATION], says: () => Response.json({ allow: true }) })
  const before = world.sent.length
  const decision = await world.gateway.explain({
    body: { model: 'house/m', messages: [{ role: 'user', content: 'a word' }] },
  })
  expect(world.sent.length).toBe(before)
  expect(decision).toMatchObject({
    outcome: 'route',
    guards: [
      { rule: 'g0', by: 'webhook', on: ['input'] },
      { rule: 'g1', by: 'moderation', model: 'checks/mod', on: ['input'] },
    ],
  })
})
