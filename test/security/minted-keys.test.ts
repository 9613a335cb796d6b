// A key that may make keys makes none that may more: what it may not, they may not, and what they spend it has spent.
import { describe, expect, test } from 'vitest'
import { periodOf } from '#src/core/period.ts'
import type { StateStore } from '#src/core/state-store.ts'
import { compileStored } from '#src/pipeline/stored-keys.ts'
import { compile, sha256 } from '../support/gateway.ts'
import { KEY_CONFIG, startKeyWorld } from '../support/key-world.ts'

const TEAM = 'sk-team'

test('it makes, sees, changes, rotates and revokes its own, and knows of no others', async () => {
  const { call, chat, make } = await startKeyWorld()
  await make({ id: 'bot' })
  const made = await make({ id: 'team:bot', models: ['chatter'] }, TEAM)
  expect(made).toMatchObject({ status: 200, json: { minted_by: 'team', models: ['chatter'] } })
  expect([await chat(made.secret, 'chatter'), await chat(made.secret, 'chat')]).toEqual([200, 404])
  for (const key of [TEAM, 'sk-admin'])
    expect((await call('GET', '/-/keys/team:bot', { key })).json).toMatchObject({ id: 'team:bot' })
  const ids = async (key: string) => {
    const { keys } = (await call('GET', '/-/keys', { key })).json
    return JSON.stringify(keys).match(/"id":"[^"]*"/gu)
  }
  expect(await ids(TEAM)).toEqual(['"id":"team:bot"'])
  expect(await ids('sk-rival')).toBe(null)
  expect(await ids('sk-admin')).toEqual(['"id":"bot"', '"id":"team:bot"'])
  for (const id of ['bot', 'team:bot']) {
    const key = id === 'bot' ? TEAM : 'sk-rival'
    expect((await call('GET', `/-/keys/${id}`, { key })).status).toBe(404)
    expect((await call('PATCH', `/-/keys/${id}`, { key, body: {} })).status).toBe(404)
    expect((await call('POST', `/-/keys/${id}/rotate`, { key })).status).toBe(404)
    expect((await call('DELETE', `/-/keys/${id}`, { key })).status).toBe(404)
  }
  const changed = await call('PATCH', '/-/keys/team:bot', { key: TEAM, body: { models: ['chat'] } })
  expect(changed.json).toMatchObject({ models: ['chat'] })
  const rotated = await call('POST', '/-/keys/team:bot/rotate', { key: TEAM })
  expect([await chat(made.secret), await chat(String(rotated.json['secret']))]).toEqual([401, 200])
  expect((await call('DELETE', '/-/keys/team:bot', { key: TEAM })).status).toBe(200)
  expect(await chat(String(rotated.json['secret']))).toBe(401)
})

test('only a key of the file that has `mints` makes any, and only by bearer', async () => {
  const { call, make } = await startKeyWorld()
  const { secret } = await make({ id: 'team:bot' }, TEAM)
  const stored = await make({ id: 'bot' })
  for (const key of ['sk-app', secret, stored.secret, 'nobody'])
    for (const [method, path] of [
      ['GET', '/-/keys'],
      ['POST', '/-/keys'],
      ['GET', '/-/keys/team:bot'],
      ['PATCH', '/-/keys/team:bot'],
      ['POST', '/-/keys/team:bot/rotate'],
      ['DELETE', '/-/keys/team:bot'],
    ] as const)
      expect((await call(method, path, { key })).status).toBe(401)
  for (const path of ['/-/metrics', '/-/usage', '/-/deny'])
    expect((await call('GET', path, { key: TEAM })).status).toBe(401)
})

test.each([
  [{ id: 'bot' }, 'id'],
  [{ id: 'team' }, 'id'],
  [{ id: 'teambot' }, 'id'],
  [{ id: 'rival:bot' }, 'id'],
  [{ id: 'team:a', tenant: 'naver' }, 'tenant'],
  [{ id: 'team:a', team: 'b' }, 'team'],
  [{ id: 'team:a', user: 'boss' }, 'user'],
  [{ id: 'team:a', tags: ['ministry', 'trusted'] }, 'tags'],
  [{ id: 'team:a', models: ['chat', '*'] }, 'models.1'],
  [{ id: 'team:a', models: ['one/m'] }, 'models.0'],
  [{ id: 'team:a', limits: { rpm: 11 } }, 'limits.rpm'],
  [{ id: 'team:a', budget: { usd: 1.5, per: 'day' } }, 'budget.usd'],
  [{ id: 'team:a', budget: { usd: 1.5, per: 'hour' } }, 'budget.usd'],
  [{ id: 'team:a', expires: '2031-01-01' }, 'expires'],
])('%j is wider, and not made', async (body, param) => {
  const { call, make, store } = await startKeyWorld()
  expect((await make(body, TEAM)).why).toEqual(['invalid_request_error', param])
  expect((await store.notes('key')).size).toBe(0)
  await make({ id: 'team:a' }, TEAM)
  // Nor does it become one, whoever asks for it.
  if (param !== 'id')
    for (const key of [TEAM, 'sk-admin'])
      expect((await call('PATCH', '/-/keys/team:a', { key, body })).why[1]).toBe(param)
})

test.each([
  { tenant: 'kakao', tags: ['ministry'] },
  { models: ['chat', 'chat*', 'chat*r'], limits: { rpm: 10, tpm: 500, concurrency: 1 } },
  { budget: { usd: 1, per: 'day' }, expires: '2030-12-31' },
  { budget: { usd: 5, per: 'week' }, strict: true },
])('%j is no wider', async (fields) => {
  const { make, chat } = await startKeyWorld()
  const { status, secret } = await make({ id: 'team:a', ...fields }, TEAM)
  expect([status, await chat(secret)]).toEqual([200, 200])
})

test.each([
  [{ tenant: 'naver' }, '`tenant` is not that of `team`: leave it out, and it is'],
  [{ tags: ['trusted'] }, '`tags` is more than `team` has itself'],
])('%j is told how to be mended', async (fields, says) => {
  const { make } = await startKeyWorld()
  expect((await make({ id: 'team:a', ...fields }, TEAM)).json).toMatchObject({ error: { message: says } })
})

test.each([
  ['POST', '/-/keys', [], 400, 'the body must be a JSON object'],
  ['PATCH', '/-/keys/app', {}, 404, 'key `app` stands in the configuration: change it there'],
  ['POST', '/-/keys/app/rotate', {}, 404, 'key `app` stands in the configuration: change it there'],
  ['DELETE', '/-/keys/app', undefined, 404, 'key `app` stands in the configuration: change it there'],
  ['DELETE', '/-/keys/nobody', undefined, 404, 'no key `nobody` was made here'],
])('%s %s with %j is told how to be mended', async (method, path, body, status, message) => {
  const { call } = await startKeyWorld()
  expect(await call(method, path, { body })).toMatchObject({ status, json: { error: { message } } })
})

test('where nobody is asked for a key, it is told what to write', async () => {
  const { call } = await startKeyWorld({ config: { ...KEY_CONFIG, keys: undefined, auth: 'none' } })
  expect(await call('POST', '/-/keys', { body: { id: 'bot' } })).toMatchObject({
    status: 400,
    json: {
      error: { message: 'the configuration has no `keys`, so nobody is asked for one: write `keys: []` and `admin`' },
    },
  })
})

test('whoever makes keys is not told which others the configuration has', async () => {
  const { call } = await startKeyWorld()
  const asked = await call('DELETE', '/-/keys/app', { key: TEAM })
  expect(asked).toMatchObject({ status: 404, json: { error: { message: 'no key `app` was made here' } } })
})

test('there are as many as `mints` says, and room for another where one is revoked', async () => {
  const { call, make } = await startKeyWorld()
  await make({ id: 'team:1' }, TEAM)
  await make({ id: 'team:2' }, TEAM)
  const more = await make({ id: 'team:3' }, TEAM)
  expect([more.status, more.json]).toMatchObject([
    400,
    { error: { message: '`team` may make 2 keys and has them: revoke one' } },
  ])
  expect((await make({ id: 'rival:1' }, 'sk-rival')).status).toBe(200)
  await call('DELETE', '/-/keys/team:1', { key: TEAM })
  expect((await make({ id: 'team:3' }, TEAM)).status).toBe(200)
})

describe('another configuration', () => {
  const withTeam = (team: object) =>
    compile({ ...KEY_CONFIG, keys: KEY_CONFIG.keys.map((key) => (key.id === 'team' ? { ...key, ...team } : key)) })

  test('that narrows the maker narrows what it made, at once', async () => {
    const { chat, gateway, make } = await startKeyWorld()
    const { secret } = await make({ id: 'team:bot', models: ['chat', 'chatter'] }, TEAM)
    expect([await chat(secret), await chat(secret, 'chatter')]).toEqual([200, 200])
    gateway.snapshot = await withTeam({ models: ['chatter'] })
    expect([await chat(secret), await chat(secret, 'chatter')]).toEqual([404, 200])
    gateway.snapshot = await withTeam({ expires: '1969-01-01' })
    expect(await chat(secret, 'chatter')).toBe(401)
  })

  test('in which the maker may make none leaves it none', async () => {
    const { call, chat, gateway, make } = await startKeyWorld()
    const { secret } = await make({ id: 'team:bot' }, TEAM)
    expect(await chat(secret)).toBe(200)
    gateway.snapshot = await withTeam({ mints: undefined })
    expect([await chat(secret), await chat(TEAM)]).toEqual([401, 200])
    expect((await call('GET', '/-/keys/team:bot')).json).toMatchObject({ status: 'unusable' })
    expect((await call('PATCH', '/-/keys/team:bot', { body: { models: ['chat'] } })).status).toBe(400)
    gateway.snapshot = await compile(KEY_CONFIG)
    expect(await chat(secret)).toBe(200)
  })
})

test('an attempt that follows a reload is judged by what its maker is now', async () => {
  const policies = [{ name: 'blocked', subjects: { tags: ['blocked'] }, deny: { model: '*' } }]
  const next = await compile({
    ...KEY_CONFIG,
    policies,
    keys: KEY_CONFIG.keys.map((key) => (key.id === 'team' ? { ...key, tags: ['blocked'] } : key)),
  })
  let asked = 0
  const world: Awaited<ReturnType<typeof startKeyWorld>> = await startKeyWorld({
    config: { ...KEY_CONFIG, policies, models: { chat: { targets: ['one/m', 'one/other'], retry: { attempts: 2 } } } },
    answer() {
      asked++
      world.gateway.snapshot = next
      return new Response('{}', { status: 401 })
    },
  })
  const { secret } = await world.make({ id: 'team:bot' }, TEAM)
  expect(await world.chat(secret)).toBe(403)
  expect(asked).toBe(1)
})

const spentBy = async (store: StateStore, account: string, at: { now: number; shard: string }) => {
  const lines = [{ account, per: 'day', ends: periodOf('day', at.now).end }] as const
  const [spend] = await store.spend({ shard: at.shard, lines }, at.now)
  return spend?.spent ?? 0n
}

describe('what they use', () => {
  test('counts at the limits of both', async () => {
    const { chat, make } = await startKeyWorld()
    const { secret } = await make({ id: 'team:bot', limits: { rpm: 3 } }, TEAM)
    const other = await make({ id: 'team:other' }, TEAM)
    const often = async (key: string, count: number) => {
      const told: number[] = []
      for (let n = 0; n < count; n++) told.push(await chat(key))
      return told
    }
    expect(await often(secret, 4)).toEqual([200, 200, 200, 429])
    expect(await often(other.secret, 3)).toEqual([200, 200, 200])
    expect(await often(TEAM, 5)).toEqual([200, 200, 200, 200, 429])
    expect(await often(other.secret, 1)).toEqual([429])
  })

  test('is spent on the budgets of both, in one shard', async () => {
    const { chat, clock, make, store } = await startKeyWorld()
    const { secret } = await make({ id: 'team:bot', budget: { usd: 0.5, per: 'day' } }, TEAM)
    expect(await chat(secret)).toBe(200)
    const at = { now: clock.now(), shard: 'tenant/kakao' }
    const [own, team] = [await spentBy(store, 'key/team:bot', at), await spentBy(store, 'key/team', at)]
    expect(own).toBeGreaterThan(0n)
    expect(team).toBe(own)
    await chat(TEAM)
    expect(await spentBy(store, 'key/team:bot', at)).toBe(own)
    expect(await spentBy(store, 'key/team', at)).toBe(2n * own)
  })

  test('stops where the budget of the maker ends', async () => {
    const tight = {
      ...KEY_CONFIG,
      keys: [{ id: 'team', sha256: sha256(TEAM), mints: 2, budget: { usd: 0, per: 'day' } }],
    }
    const { chat, make } = await startKeyWorld({ config: tight })
    const { secret } = await make({ id: 'team:bot' }, TEAM)
    expect([await chat(secret), await chat(TEAM)]).toEqual([429, 429])
  })
})

test('all that it makes have one share of what others share with it', async () => {
  const key = (id: string) => ({ id, sha256: sha256(`sk-${id}`), mints: 5 })
  const limits = [{ name: 'one', providers: ['one'], rpm: 12 }]
  const { chat, clock, make } = await startKeyWorld({
    config: { ...KEY_CONFIG, keys: [key('team'), key('rival')], limits },
  })
  const often = async (as: string, count: number) => {
    const told: number[] = []
    for (let n = 0; n < count; n++) told.push(await chat(as))
    return new Set(told)
  }
  const [one, other, third] = [
    await make({ id: 'team:1' }, TEAM),
    await make({ id: 'team:2' }, TEAM),
    await make({ id: 'team:3' }, TEAM),
  ]
  expect(await often(one.secret, 6)).toEqual(new Set([200]))
  clock.advance(30_000)
  expect(await often(other.secret, 6)).toEqual(new Set([200]))
  expect(await often('sk-rival', 5)).toEqual(new Set([429]))
  // Six are free again, five of which the rival has asked for.
  clock.advance(32_000)
  expect([await chat(third.secret), await chat(third.secret)]).toEqual([200, 429])
  expect(await often('sk-rival', 5)).toEqual(new Set([200]))
})

test('what a caller keeps is its own: neither the maker nor another of its keys finds it', async () => {
  const { call, make } = await startKeyWorld()
  const [one, other] = [await make({ id: 'team:1' }, TEAM), await make({ id: 'team:2' }, TEAM)]
  const body = { model: 'chat', input: 'hi', max_output_tokens: 10 }
  const { json } = await call('POST', '/v1/responses', { key: one.secret, body })
  const path = `/v1/responses/${String(json['id'])}`
  const found = []
  for (const key of [one.secret, other.secret, TEAM]) found.push((await call('GET', path, { key })).status)
  expect(found).toEqual([200, 404, 404])
})

test('it is of whom its maker is now, also where it was written down when that was of somebody', async () => {
  const stored = { by: 'team', key: { id: 'team:bot', tenant: 'kakao', team: 'a', user: 'b', strict: true } }
  const own = { id: 'team', sha256: sha256('team'), mints: 1 }
  const { providers, models, version } = KEY_CONFIG
  const file = (more: object) => compile({ version, providers, models, keys: [{ ...own, ...more }] })
  const now = { tenant: 'daum', team: 'c', user: 'd' }
  expect(compileStored(await file(now), stored)).toMatchObject(now)
  expect(compileStored(await file({ ...now, strict: true }), stored)?.strict).toBe(true)
  const nobodys = compileStored(await file({}), stored)
  expect(nobodys?.id).toBe('team:bot')
  for (const name of ['tenant', 'team', 'user', 'strict']) expect(nobodys).not.toHaveProperty(name)
})
