// Guards that ask somebody, over sockets: a caller who hangs up meanwhile, a reload meanwhile, a budget that pays for the asking, a stop meanwhile.
import { afterEach, describe, expect, test } from 'vitest'
import type { JsonObject } from '#src/core/json.ts'
import { compile, localProvider, sha256, startGateway, type TestGateway } from '../support/gateway.ts'
import { paying } from '../support/paying.ts'
import { startUpstream, type Arrival, type Upstream } from '../support/upstream.ts'

const CHAT = {
  id: 'c',
  choices: [{ index: 0, message: { role: 'assistant', content: 'hi' }, finish_reason: 'stop' }],
  usage: { prompt_tokens: 1, completion_tokens: 1 },
}
const KEY = { id: 'app', sha256: sha256('sk'), budget: { usd: 1, per: 'total' }, limits: { concurrency: 1 } }

let house: Upstream | undefined
let guard: Upstream | undefined
let tutti: TestGateway | undefined
let answer: ((says: object) => void) | undefined
afterEach(async () => {
  await Promise.all([tutti?.close(), house?.close(), guard?.close()])
  house = guard = tutti = undefined
})

interface World {
  readonly house: Upstream
  readonly guard: Upstream
  readonly tutti: TestGateway
  /** The file, with these rules. */
  readonly file: (policies: readonly object[]) => object
}

/** Whoever is asked answers when a test says so. */
async function start(rules: (guard: string) => readonly object[]): Promise<World> {
  const answering = await startUpstream((_, response) => {
    answer = (says) => void response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(says))
  })
  const asked = await startUpstream(
    (_, response) => void response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(CHAT)),
  )
  const file = (policies: readonly object[]) => ({
    version: 1,
    providers: { local: localProvider(asked.url), checks: localProvider(answering.url) },
    models: { chat: { targets: ['local/tiny'] } },
    policies,
    keys: [KEY],
  })
  const gateway = await startGateway(file(rules(answering.url)))
  house = asked
  guard = answering
  tutti = gateway
  return { house: asked, guard: answering, tutti: gateway, file }
}

function ask({ tutti: own }: World, signal?: AbortSignal): Promise<Response> {
  return fetch(`${own.url}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: 'Bearer sk', 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'chat', max_tokens: 9, messages: [{ role: 'user', content: 'a word' }] }),
    ...(signal && { signal }),
  })
}

const webhook = (url: string, more: object = {}) => ({
  name: 'asks',
  guard: { webhook: { url: `${url}/check`, local: true, timeout: '1m', ...more } },
})
const moderation = { name: 'asks', guard: { moderation: { model: 'checks/tiny', timeout: '1m' } } }
const WAYS = [
  ['a webhook', 0, (url: string) => [webhook(url)], { allow: true }],
  ['a model', 1, () => [moderation], { results: [{ flagged: false, categories: {}, category_scores: {} }] }],
] as const

async function expectNothingHeld({ tutti: own }: World): Promise<void> {
  const key = own.gateway.snapshot.keysById.get('app')
  if (!key) throw new Error('no key')
  const { store, clock } = own.gateway.ports
  const { spend, admit } = paying(store, key)
  expect((await spend(clock.now())).held).toBe(0n)
  expect((await admit('probe', clock.now())).ok).toBe(true)
}

describe.each(WAYS)('while %s is asked', (_way, lines, rules, clean) => {
  test('a caller hangs up: whoever is asked sees it, nobody else is asked, and nothing stays held', async () => {
    const world = await start(rules)
    const gone = new AbortController()
    const asking = ask(world, gone.signal).catch(() => 'gone')
    const arrival = await world.guard.arrival(0)
    gone.abort()
    expect(await asking).toBe('gone')
    expect(await arrival.closed).toBe('hung up')
    // Behind the line of the request that asks the model.
    expect(await world.tutti.decision(lines)).toMatchObject({ model: 'chat', status: 499 })
    expect(world.house.arrivals).toHaveLength(0)
    await expectNothingHeld(world)
  })

  test('the answer comes: the request goes on, once', async () => {
    const world = await start(rules)
    const asking = ask(world)
    await world.guard.arrival(0)
    answer?.(clean)
    expect((await asking).status).toBe(200)
    expect([world.guard.arrivals.length, world.house.arrivals.length]).toEqual([1, 1])
    await expectNothingHeld(world)
  })

  test('a reload denies the target: the request stays in, whatever the answer', async () => {
    const world = await start(rules)
    const asking = ask(world)
    await world.guard.arrival(0)
    const denies = [...rules(world.guard.url), { name: 'late', deny: { provider: 'local' } }]
    world.tutti.gateway.snapshot = await compile(world.file(denies))
    answer?.(clean)
    expect((await asking).status).toBe(403)
    expect(world.house.arrivals).toHaveLength(0)
  })

  test('a reload brings a word that may not be in it: the request stays in', async () => {
    const world = await start(rules)
    const asking = ask(world)
    await world.guard.arrival(0)
    const more = [...rules(world.guard.url), { name: 'word', guard: { literals: ['a word'] } }]
    world.tutti.gateway.snapshot = await compile(world.file(more))
    answer?.(clean)
    const response = await asking
    expect({ status: response.status, sent: world.house.arrivals.length }).toEqual({ status: 403, sent: 0 })
  })
})

test('a webhook’s secret is in no line, answer or error', async () => {
  const secret = `whsec_${Buffer.from('a secret of 24 bytes ....').toString('base64')}`
  const world = await start((url) => [webhook(url, { secret })])
  const asking = ask(world)
  const arrival: Arrival = await world.guard.arrival(0)
  expect(arrival.headers['webhook-signature']).toMatch(/^v1,/u)
  answer?.({ allow: 'perhaps' })
  const text = await (await asking).text()
  const all: readonly (JsonObject | object | string)[] = [
    text,
    ...world.tutti.decisions,
    ...world.tutti.events,
    arrival.body,
  ]
  expect(text).toContain('policy_error')
  for (const one of all) expect(JSON.stringify(one)).not.toContain(secret.slice(6, 30))
})
