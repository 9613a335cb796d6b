// The kill switch: what an operator denies counts for the next attempt on every instance, and stays over a restart and a reload.
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { assemble } from '#src/assemble.ts'
import { load } from '#src/load.ts'
import type { StateStore } from '#src/core/state-store.ts'
import { createWebChannel } from '#src/http/web-channel.ts'
import { createMemoryStore } from '#src/state/memory.ts'
import { createSqliteStore } from '#src/state/sqlite.ts'
import { createFetchTransport } from '#src/transport/fetch.ts'
import { createFakeClock } from '../support/fake-clock.ts'
import { sha256 } from '../support/gateway.ts'

const FACTS = { developer: 'kakao', lineage: [], price: { input: 1, output: 1 } }
const host = (name: string) => ({
  type: 'openai-compatible',
  baseUrl: `https://${name}.example/v1`,
  models: { m: FACTS },
})
const CONFIG = {
  version: 1,
  providers: { one: host('one'), two: host('two') },
  models: { both: { targets: ['one/m', 'two/m'], retry: { attempts: 4 } } },
  keys: [{ id: 'app', sha256: sha256('sk-app') }],
  admin: { sha256: sha256('sk-admin') },
}

const compile = async (config: object) => {
  const loaded = await load(JSON.stringify(config), {
    file: 'tutti.yaml',
    hash: sha256,
    env: () => undefined,
    readFile: () => undefined,
    missing: 'error',
  })
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems))
  return loaded.snapshot
}

const opened: StateStore[] = []
afterEach(() => {
  for (const store of opened.splice(0)) void store.close()
})
const newFile = () => join(mkdtempSync(join(tmpdir(), 'tutti-deny-')), 'state.db')
const sqlite = (path: string) => {
  const store = createSqliteStore(path)
  opened.push(store)
  return store
}

const ANSWER = {
  model: 'm',
  choices: [{ index: 0, message: { role: 'assistant', content: 'hi' }, finish_reason: 'stop' }],
}

interface Options {
  readonly store?: StateStore
  readonly clock?: ReturnType<typeof createFakeClock>
  readonly isolated?: boolean
  /** Answers a request to a host. */
  readonly answer?: (host: string) => Response | Promise<Response>
}

interface World {
  readonly gateway: ReturnType<typeof assemble>['gateway']
  call(method: string, path: string, more?: { key?: string; body?: object }): Promise<Answered>
  chat(model?: string): Promise<Answered>
  /** The hosts that were asked since the last look. */
  asked(): readonly string[]
}

interface Answered {
  readonly status: number
  readonly epoch: string | null
  readonly json: { readonly error?: { readonly param?: unknown } }
}

async function start({
  store = createMemoryStore(),
  clock = createFakeClock(),
  isolated = false,
  answer,
}: Options = {}): Promise<World> {
  const asked: string[] = []
  const transport = createFetchTransport(async (url) => {
    const { hostname } = new URL(url)
    asked.push(hostname)
    return (await answer?.(hostname)) ?? Response.json(ANSWER)
  })
  const { gateway, app } = assemble(await compile(CONFIG), { transport, store, clock, hash: sha256, isolated })
  async function call(method: string, path: string, { key = 'sk-admin', body }: { key?: string; body?: object } = {}) {
    const request = new Request(`http://tutti${path}`, {
      method,
      headers: { authorization: `Bearer ${key}` },
      ...(body && { body: JSON.stringify(body) }),
    })
    const response = await app.fetch(request, { channel: createWebChannel(request, 'network') })
    return { status: response.status, epoch: response.headers.get('x-tutti-epoch'), json: await response.json() }
  }
  const chat = (model = 'both') =>
    call('POST', '/v1/chat/completions', {
      key: 'sk-app',
      body: { model, messages: [{ role: 'user', content: 'hi' }] },
    })
  return { gateway, call, chat, asked: () => asked.splice(0) }
}

const DENIAL = { name: 'leak', deny: { provider: 'one' }, reason: 'a leak was reported' }

test('it counts at once where it was said, shows in explain, and is lifted again', async () => {
  const { call, chat, asked } = await start()
  const before = (await chat()).epoch
  expect(asked()).toEqual(['one.example'])
  const denied = await call('POST', '/-/deny', { body: DENIAL })
  expect(denied).toMatchObject({ status: 200, json: { denied: 'leak', survives_restart: false } })
  const after = await chat()
  expect(after.epoch).not.toBe(before)
  expect(asked()).toEqual(['two.example'])
  const { json } = await call('POST', '/-/explain', {
    body: { key: 'app', body: { model: 'both', messages: [{ role: 'user', content: 'hi' }] } },
  })
  expect(json).toMatchObject({
    plan: ['two/m'],
    candidates: [{ verdict: 'denied', rule: 'leak', reason: 'a leak was reported', source: 'POST /-/deny' }, {}],
  })
  expect((await call('GET', '/-/deny')).json).toEqual({ denied: [DENIAL] })
  expect(await call('DELETE', '/-/deny/leak')).toMatchObject({ status: 200, json: { lifted: 'leak' } })
  expect((await chat()).epoch).toBe(before)
  expect(asked()).toEqual(['one.example'])
  expect((await call('DELETE', '/-/deny/leak')).status).toBe(404)
})

test('an attempt that is under way when it comes is the last one', async () => {
  const world: World = await start({
    async answer(name) {
      if (name !== 'one.example') return Response.json(ANSWER)
      await world.call('POST', '/-/deny', { body: { name: 'all', deny: { developer: 'kakao' } } })
      return new Response('{}', { status: 401 })
    },
  })
  const { status } = await world.chat()
  expect(world.asked()).toEqual(['one.example'])
  expect(status).toBe(403)
})

test('another instance on the same file goes by it a second later', async () => {
  const path = newFile()
  const clock = createFakeClock()
  const [one, other] = [await start({ store: sqlite(path), clock }), await start({ store: sqlite(path), clock })]
  await one.chat()
  await other.chat()
  expect(await one.call('POST', '/-/deny', { body: DENIAL })).toMatchObject({ json: { survives_restart: true } })
  clock.advance(999)
  other.asked()
  await other.chat()
  expect(other.asked()).toEqual(['one.example'])
  clock.advance(1)
  await other.chat()
  expect(other.asked()).toEqual(['two.example'])
})

test('it is there after a restart, before the first request is decided', async () => {
  const path = newFile()
  await (await start({ store: sqlite(path) })).call('POST', '/-/deny', { body: DENIAL })
  const again = await start({ store: sqlite(path) })
  await again.chat()
  expect(again.asked()).toEqual(['two.example'])
})

test('a reload and what hosts say leave it in force', async () => {
  const { gateway, call, chat, asked } = await start()
  await call('POST', '/-/deny', { body: DENIAL })
  await gateway.ports.killSwitch.take(
    gateway,
    await compile({ ...CONFIG, policies: [{ name: 'free', prefer: { provider: 'one' } }] }),
  )
  gateway.snapshot = gateway.ports.inventory.inform(gateway.snapshot)
  await chat()
  expect(asked()).toEqual(['two.example'])
  expect(gateway.snapshot.rules.map(({ name }) => name)).toEqual(['free', 'leak'])
})

test('two that come together are both in force', async () => {
  const { call, chat, asked } = await start()
  await Promise.all([
    call('POST', '/-/deny', { body: DENIAL }),
    call('POST', '/-/deny', { body: { name: 'b', deny: { provider: 'two' } } }),
  ])
  expect((await chat()).status).toBe(403)
  expect(asked()).toEqual([])
})

describe('state that cannot be read', () => {
  const broken = (from: number): StateStore => {
    const store = createMemoryStore()
    let reads = 0
    return {
      ...store,
      notes(kind) {
        if (reads++ >= from) throw new Error('disk')
        return store.notes(kind)
      },
    }
  }

  test('from the start lets nobody through', async () => {
    const { chat, asked } = await start({ store: broken(0) })
    expect((await chat()).status).toBe(503)
    expect(asked()).toEqual([])
  })

  test('later on leaves what was known in force', async () => {
    const clock = createFakeClock()
    // Read by the first request, and twice by the denial.
    const { call, chat, asked } = await start({ store: broken(3), clock })
    await chat()
    await call('POST', '/-/deny', { body: DENIAL })
    clock.advance(5000)
    asked()
    expect((await chat()).status).toBe(200)
    expect(asked()).toEqual(['two.example'])
  })
})

test.each([
  [undefined, 'null'],
  [{}, 'name'],
  [{ name: 'a' }, 'deny'],
  [{ name: 'a', deny: {} }, 'deny'],
  [{ name: 'a', deny: { regon: 'KR' } }, 'deny.regon'],
  [{ name: 'a', deny: { region: 'KR' }, when: 'request.stream' }, 'when'],
  [{ name: 'a', require: { region: 'KR' } }, 'require'],
])('%j is refused and nothing is denied', async (body, param) => {
  const { call } = await start()
  const refused = await call('POST', '/-/deny', body && { body })
  expect(refused).toMatchObject({ status: 400, json: { error: { code: 'invalid_request_error' } } })
  expect(String(refused.json.error?.param)).toBe(param)
  expect((await call('GET', '/-/deny')).json).toEqual({ denied: [] })
})

test.each(['POST', 'GET', 'DELETE'])('%s is for the admin alone', async (method) => {
  const { call } = await start()
  const path = method === 'DELETE' ? '/-/deny/leak' : '/-/deny'
  expect((await call(method, path, { key: 'sk-app', ...(method === 'POST' && { body: DENIAL }) })).status).toBe(401)
})

test('where requests are isolated none waits for what another asked of the state', async () => {
  const memory = createMemoryStore()
  let times = 0
  const store: StateStore = {
    ...memory,
    durable: true,
    notes: (kind) => (times++ === 0 ? new Promise(() => {}) : memory.notes(kind)),
  }
  const { chat } = await start({ store, isolated: true })
  const gone = chat()
  expect((await chat()).status).toBe(200)
  expect(await Promise.race([gone, Promise.resolve('waits')])).toBe('waits')
})

test('instances that share nothing refuse it', async () => {
  const { call } = await start({ isolated: true })
  expect(await call('POST', '/-/deny', { body: DENIAL })).toMatchObject({ status: 501 })
})
