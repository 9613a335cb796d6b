// Keys of the store: made, rotated, changed and revoked while gateways run; what is known of one is never older than a second; none is wider than what made it.
import { describe, expect, test, vi } from 'vitest'
import type { StateStore } from '#src/core/state-store.ts'
import { createMemoryStore } from '#src/state/memory.ts'
import { createFakeClock } from '../support/fake-clock.ts'
import { compile, sha256 } from '../support/gateway.ts'
import { KEY_CONFIG, startKeyWorld } from '../support/key-world.ts'

test('one is made, comes in, is listed without its credential, and is revoked at once where that is asked', async () => {
  const { call, chat, make, lines } = await startKeyWorld()
  const made = await make({ id: 'bot', tenant: 'kakao', tags: ['a'], models: ['chat'], limits: { rpm: 60 } })
  expect(made).toMatchObject({
    status: 200,
    json: { id: 'bot', status: 'active', minted_by: null, credentials: 1, survives_restart: false },
  })
  expect(made.secret).toMatch(/^tutti_[0-9a-f]{64}$/u)
  expect(await chat(made.secret)).toBe(200)
  expect(await chat(made.secret, 'one/m')).toBe(404)
  const listed = await call('GET', '/-/keys')
  expect(listed.json).toMatchObject({ keys: [{ id: 'bot', tags: ['a'], models: ['chat'], status: 'active' }] })
  const shown = await call('GET', '/-/keys/bot')
  expect(shown.json).toMatchObject({ id: 'bot', limits: { rpm: 60 } })
  const gone = await call('DELETE', '/-/keys/bot')
  expect(gone.json).toEqual({ id: 'bot', revoked: true, survives_restart: false })
  expect(await chat(made.secret)).toBe(401)
  expect((await call('GET', '/-/keys/bot')).status).toBe(404)
  expect((await call('DELETE', '/-/keys/bot')).status).toBe(404)
  for (const text of [listed.text, shown.text, gone.text, ...lines]) {
    expect(text).not.toContain(made.secret)
    expect(text).not.toContain(sha256(made.secret))
  }
  const events = lines.map((line): unknown => JSON.parse(line).event).filter((event) => event !== undefined)
  expect(events).toEqual(['key_made', 'key_revoked', 'unauthorized'])
})

test('no credential is kept, only its SHA-256', async () => {
  const { store, make } = await startKeyWorld()
  const { secret } = await make({ id: 'bot' })
  for (const kind of ['key', 'key-hash'] as const)
    for (const [name, value] of await store.notes(kind)) {
      expect(`${name} ${value}`).not.toContain(secret)
      expect(`${name} ${value}`).toContain(sha256(secret))
    }
})

describe('on two instances', () => {
  const two = async (isolated = false) => {
    const [store, clock] = [createMemoryStore(), createFakeClock()]
    return {
      clock,
      a: await startKeyWorld({ store, clock, isolated }),
      b: await startKeyWorld({ store, clock, isolated }),
    }
  }

  test('what is revoked on one comes in at the other for less than a second', async () => {
    const { clock, a, b } = await two()
    const { secret } = await a.make({ id: 'bot' })
    expect(await b.chat(secret)).toBe(200)
    await a.call('DELETE', '/-/keys/bot')
    expect(await a.chat(secret)).toBe(401)
    clock.advance(999)
    expect(await b.chat(secret)).toBe(200)
    clock.advance(1)
    expect(await b.chat(secret)).toBe(401)
  })

  test('a clock that is set back keeps nothing alive', async () => {
    const [store, clock] = [createMemoryStore(), createFakeClock()]
    let back = 0
    const set = { ...clock, now: () => clock.now() - back }
    const [a, b] = [await startKeyWorld({ store, clock }), await startKeyWorld({ store, clock: set })]
    const { secret } = await a.make({ id: 'bot' })
    expect(await b.chat(secret)).toBe(200)
    await a.call('DELETE', '/-/keys/bot')
    back = 3_600_000
    expect(await b.chat(secret)).toBe(401)
  })

  test('one that was tried before it was there comes in a second later', async () => {
    const { clock, a, b } = await two()
    const { secret } = await a.make({ id: 'bot' })
    await a.call('DELETE', '/-/keys/bot')
    const digest = sha256(secret)
    expect(await b.chat(secret)).toBe(401)
    await a.store.write(
      'key',
      'bot',
      JSON.stringify({ key: { id: 'bot' }, by: null, created: 0, secrets: { [digest]: null } }),
    )
    await a.store.write('key-hash', digest, 'bot')
    expect(await b.chat(secret)).toBe(401)
    clock.advance(1000)
    expect(await b.chat(secret)).toBe(200)
  })

  test('what it may is changed', async () => {
    const { clock, a, b } = await two()
    const { secret } = await a.make({ id: 'bot', models: ['chat'] })
    expect(await b.chat(secret)).toBe(200)
    const changed = await a.call('PATCH', '/-/keys/bot', { body: { models: ['chatter'], tags: ['b'] } })
    expect(changed.json).toMatchObject({ id: 'bot', models: ['chatter'], tags: ['b'] })
    clock.advance(1000)
    expect(await b.chat(secret)).toBe(404)
    expect(await b.chat(secret, 'chatter')).toBe(200)
    const cleared = await a.call('PATCH', '/-/keys/bot', { body: { models: null } })
    expect(cleared.json).not.toHaveProperty('models')
    clock.advance(1000)
    expect(await b.chat(secret, 'one/m')).toBe(200)
  })
})

describe('a rotation', () => {
  test('leaves both credentials valid until the overlap is over', async () => {
    const { call, chat, clock, make } = await startKeyWorld()
    const { secret: first } = await make({ id: 'bot' })
    const rotated = await call('POST', '/-/keys/bot/rotate', { body: { overlap: '1h' } })
    const second = String(rotated.json['secret'])
    expect(rotated.json).toMatchObject({ id: 'bot', credentials: 2 })
    expect([await chat(first), await chat(second)]).toEqual([200, 200])
    clock.advance(3_599_999)
    expect([await chat(first), await chat(second)]).toEqual([200, 200])
    clock.advance(1)
    expect([await chat(first), await chat(second)]).toEqual([401, 200])
  })

  test('without one ends those before at once, and no later one makes their time longer', async () => {
    const { call, chat, clock, make, store } = await startKeyWorld()
    const { secret: first } = await make({ id: 'bot' })
    const second = String((await call('POST', '/-/keys/bot/rotate', { body: { overlap: '10s' } })).json['secret'])
    const third = String((await call('POST', '/-/keys/bot/rotate', { body: { overlap: '1h' } })).json['secret'])
    clock.advance(10_000)
    expect([await chat(first), await chat(second), await chat(third)]).toEqual([401, 200, 200])
    const last = String((await call('POST', '/-/keys/bot/rotate')).json['secret'])
    expect([await chat(second), await chat(third), await chat(last)]).toEqual([401, 401, 200])
    expect((await store.notes('key-hash')).size).toBe(1)
  })

  test('is refused when too many are valid, and a key that was revoked has none left', async () => {
    const { call, chat, make, store } = await startKeyWorld()
    const secrets = [(await make({ id: 'bot' })).secret]
    const rotate = (overlap: unknown) => call('POST', '/-/keys/bot/rotate', { body: { overlap } })
    for (let count = 1; count < 8; count++) secrets.push(String((await rotate('1d')).json['secret']))
    expect((await rotate('1d')).why).toEqual(['invalid_request_error', 'overlap'])
    for (const secret of secrets) expect(await chat(secret)).toBe(200)
    await call('DELETE', '/-/keys/bot')
    for (const secret of secrets) expect(await chat(secret)).toBe(401)
    expect((await store.notes('key-hash')).size).toBe(0)
  })

  test.each([
    [{ overlap: 5 }, 'overlap'],
    [{ overlap: 'soon' }, 'overlap'],
    [{ overlapp: '1h' }, 'overlapp'],
    [[], null],
  ])('of %j is refused', async (body, param) => {
    const { call, make } = await startKeyWorld()
    await make({ id: 'bot' })
    expect((await call('POST', '/-/keys/bot/rotate', { body })).why).toEqual(['invalid_request_error', param])
  })
})

test('a key ends when it expires, of the store or of the file', async () => {
  const { call, chat, clock, make } = await startKeyWorld()
  const at = new Date(clock.now() + 5000).toISOString()
  const { secret } = await make({ id: 'bot', expires: at })
  expect(await chat(secret)).toBe(200)
  clock.advance(4999)
  expect(await chat(secret)).toBe(200)
  clock.advance(1)
  expect(await chat(secret)).toBe(401)
  expect((await call('GET', '/-/keys/bot')).json).toMatchObject({ status: 'expired', expires: at })
  expect(await chat('sk-team')).toBe(200)
  const minted = await make({ id: 'team:bot' }, 'sk-team')
  expect(await chat(minted.secret)).toBe(200)
  clock.advance(Date.parse('2031-01-01T00:00:00Z') - clock.now() - 1)
  expect([await chat('sk-team'), await chat(minted.secret)]).toEqual([200, 200])
  clock.advance(1)
  expect([await chat('sk-team'), await chat(minted.secret)]).toEqual([401, 401])
  expect((await make({ id: 'team:late' }, 'sk-team')).status).toBe(401)
})

test.each([
  [undefined, 'id'],
  [[], null],
  [{}, 'id'],
  [{ id: '' }, 'id'],
  [{ id: 'app' }, 'id'],
  [{ id: 'bot', sha256: sha256('x') }, 'sha256'],
  [{ id: 'bot', mints: 3 }, 'mints'],
  [{ id: 'bot', model: ['chat'] }, 'model'],
  [{ id: 'bot', models: 'chat' }, 'models'],
  [{ id: 'bot', limits: { rpm: 0 } }, 'limits.rpm'],
  [{ id: 'bot', limits: { rps: 1 } }, 'limits.rps'],
  [{ id: 'bot', budget: { usd: -1, per: 'day' } }, 'budget.usd'],
  [{ id: 'bot', budget: { usd: 1 } }, 'budget.per'],
  [{ id: 'bot', expires: 'soon' }, 'expires'],
  [{ id: 'bot', expires: '1969-12-31' }, 'expires'],
  [{ id: 'bot', user: 'x'.repeat(9000) }, null],
])('%j is refused, with what is wrong, and nothing is made', async (body, param) => {
  const { call, store } = await startKeyWorld()
  const refused = await call('POST', '/-/keys', { body })
  expect([refused.status, ...refused.why]).toEqual([400, 'invalid_request_error', param])
  expect((await store.notes('key')).size + (await store.notes('key-hash')).size).toBe(0)
})

test('an id is one key: it is not made twice, and a change keeps it', async () => {
  const { call, make } = await startKeyWorld()
  await make({ id: 'bot' })
  expect((await make({ id: 'bot' })).why).toEqual(['invalid_request_error', 'id'])
  expect((await call('PATCH', '/-/keys/bot', { body: { id: 'other' } })).why[1]).toBe('id')
  expect((await call('PATCH', '/-/keys/bot', { body: { tags: 'a' } })).why[1]).toBe('tags')
  expect((await call('PATCH', '/-/keys/nobody', { body: { tags: ['a'] } })).status).toBe(404)
})

test('there are 10,000 at most', async () => {
  const { make, store } = await startKeyWorld()
  const text = JSON.stringify({ key: { id: 'x' }, by: null, created: 0, secrets: {} })
  for (let n = 1; n < 10_000; n++) await store.write('key', `bot-${n}`, text)
  expect([(await make({ id: 'last' })).status, (await make({ id: 'one-more' })).status]).toEqual([200, 400])
})

test('a key of the file takes the place of a stored one with its id', async () => {
  const { call, chat, gateway, make } = await startKeyWorld()
  const { secret } = await make({ id: 'bot' })
  expect(await chat(secret)).toBe(200)
  gateway.snapshot = await compile({
    ...KEY_CONFIG,
    keys: [...KEY_CONFIG.keys, { id: 'bot', sha256: sha256('sk-bot') }],
  })
  expect([await chat(secret), await chat('sk-bot')]).toEqual([401, 200])
  expect((await call('GET', '/-/keys')).json).toMatchObject({ keys: [{ id: 'bot', status: 'in_file' }] })
  expect(await call('DELETE', '/-/keys/bot')).toMatchObject({ status: 200 })
})

test('without `keys` in the file there is nothing that a key would open', async () => {
  const { keys: _, ...rest } = KEY_CONFIG
  const { make } = await startKeyWorld({ config: { ...rest, auth: 'none' } })
  expect((await make({ id: 'bot' })).why).toEqual(['invalid_request_error', null])
})

test('an instance whose memory is its own promises nothing', async () => {
  const { make } = await startKeyWorld({ isolated: true })
  expect((await make({ id: 'bot' })).why[0]).toBe('not_in_this_version')
})

test('explain decides for a stored key', async () => {
  const { call, make } = await startKeyWorld()
  await make({ id: 'bot', models: ['chatter'] })
  const ask = (model: string) =>
    call('POST', '/-/explain', { body: { key: 'bot', body: { model, messages: [{ role: 'user', content: 'hi' }] } } })
  expect((await ask('chatter')).json).toMatchObject({ outcome: 'route', key: 'bot' })
  expect((await ask('chat')).json).toMatchObject({ outcome: 'deny', key: 'bot' })
})

describe('while the state does not answer', () => {
  const broken = () => {
    const store = createMemoryStore()
    let down = false
    let asked = 0
    return {
      store: {
        ...store,
        note(...at: Parameters<StateStore['note']>) {
          asked++
          if (down) throw new Error('no')
          return store.note(...at)
        },
      },
      fail: (is: boolean) => (down = is),
      asked: () => asked,
    }
  }

  test('keys of the file come in, and others are 503 when what is known of them is a second old', async () => {
    const { store, fail } = broken()
    const { chat, clock, make } = await startKeyWorld({ store })
    const { secret } = await make({ id: 'bot' })
    expect(await chat(secret)).toBe(200)
    fail(true)
    clock.advance(999)
    expect(await chat(secret)).toBe(200)
    clock.advance(1)
    expect([await chat(secret), await chat('sk-app'), await chat('no')]).toEqual([503, 200, 401])
    fail(false)
    expect(await chat(secret)).toBe(200)
  })

  test('it is asked once a second for a credential, whoever has it, and not for what is none', async () => {
    const { store, asked } = broken()
    const { chat, clock, make } = await startKeyWorld({ store })
    const { secret } = await make({ id: 'bot' })
    const during = async (work: () => Promise<unknown>) => {
      const before = asked()
      await work()
      return asked() - before
    }
    const often = (key: string) => () => Promise.all(Array.from({ length: 20 }, () => chat(key)))
    expect(await during(often(secret))).toBe(2)
    expect(await during(often(`tutti_${'0'.repeat(64)}`))).toBe(1)
    expect(await during(often(`tutti-${'0'.repeat(64)}`))).toBe(0)
    expect(await during(often('tutti_0'))).toBe(0)
    clock.advance(1000)
    expect(await during(often(secret))).toBe(2)
    await store.erase('key', 'bot')
    clock.advance(1000)
    expect(await during(often(secret))).toBe(2)
    expect(await during(() => chat(secret))).toBe(0)
  })
})

test('a digest that leads to a key without being one of its credentials opens nothing', async () => {
  const { chat, make, store } = await startKeyWorld()
  await make({ id: 'bot' })
  const secret = `tutti_${'a'.repeat(64)}`
  await store.write('key-hash', sha256(secret), 'bot')
  expect(await chat(secret)).toBe(401)
})

test('whoever comes after a key was revoked does not go by what was read before', async () => {
  const store = createMemoryStore()
  let held: Promise<void> | undefined
  const slow: StateStore = {
    ...store,
    async note(kind, name) {
      const text = await store.note(kind, name)
      const waiting = kind === 'key' ? held : undefined
      if (waiting) held = undefined
      await waiting
      return text
    },
  }
  const { call, chat, make } = await startKeyWorld({ store: slow })
  const { secret } = await make({ id: 'bot' })
  let go = (): void => {}
  held = new Promise((resolve) => (go = resolve))
  const before = chat(secret)
  await vi.waitFor(() => expect(held).toBe(undefined))
  await call('DELETE', '/-/keys/bot')
  expect(await chat(secret)).toBe(401)
  go()
  expect(await before).toBe(200)
  expect(await chat(secret)).toBe(401)
})

test('whoever guesses does not keep the store busy, nor out whoever is known', async () => {
  const { call, clock, gateway, make, chat } = await startKeyWorld()
  const { secret } = await make({ id: 'bot' })
  expect(await chat(secret)).toBe(200)
  clock.advance(1000)
  const guess = async (n: number) => {
    try {
      return await gateway.ports.storedKeys.find(gateway.snapshot, String(n))
    } catch (error) {
      return error
    }
  }
  for (let n = 0; n < 1000; n++) expect(await guess(n)).toBe(undefined)
  gateway.ports.storedKeys.forget()
  expect(await guess(1000)).toMatchObject({ failure: { status: 503, code: 'overloaded' } })
  expect(await chat(secret)).toBe(200)
  clock.advance(1000)
  const together = await Promise.all(Array.from({ length: 1001 }, () => guess(1000)))
  expect(new Set(together)).toEqual(new Set([undefined]))
  expect((await call('GET', '/-/keys')).status).toBe(200)
})

test('one change at a time: none undoes that a key was revoked', async () => {
  const store = createMemoryStore()
  let meanwhile: (() => Promise<unknown>) | undefined
  const slow: StateStore = {
    ...store,
    async note(...at) {
      const text = await store.note(...at)
      const work = meanwhile
      meanwhile = undefined
      await work?.()
      return text
    },
  }
  const { call, chat, make } = await startKeyWorld({ store: slow })
  const { secret } = await make({ id: 'bot' })
  const seen: unknown[] = []
  meanwhile = async () => seen.push((await call('DELETE', '/-/keys/bot')).why[0])
  expect((await call('POST', '/-/keys/bot/rotate', { body: { overlap: '1h' } })).status).toBe(200)
  expect(seen).toEqual(['overloaded'])
  expect(await chat(secret)).toBe(200)
  expect((await call('DELETE', '/-/keys/bot')).status).toBe(200)
  expect(await chat(secret)).toBe(401)
})
