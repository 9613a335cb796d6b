// Laws 2 and 4 with real processes: four gateways, one Redis, callers at once; one of them is killed and Redis is started again in the middle.
import assert from 'node:assert/strict'
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type ServerResponse } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterAll, afterEach, expect, test } from 'vitest'
import { Agent, request } from 'undici'
import type { LedgerRow } from '#src/core/ledger.ts'
import type { Spend, StateStore } from '#src/core/state-store.ts'
import { StateUnavailable } from '#src/core/state-unavailable.ts'
import { readLedger } from '#src/pipeline/read-ledger.ts'
import { createRedisStore } from '#src/state/redis.ts'
import { systemClock } from '#src/system-clock.ts'
import { sha256 } from '../support/gateway.ts'
import { redisAbsent, startRedis, until } from '../support/redis.ts'

const ROOT = join(import.meta.dirname, '../..')
const folder = mkdtempSync(join(tmpdir(), 'tutti-gateways-'))
const ends: (() => unknown)[] = []
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end()
})
afterAll(() => rmSync(folder, { recursive: true }))

const DOLLAR = 1_000_000_000n
const GATEWAYS = 4
const ACCOUNT = { shard: 'key/app', lines: [{ account: 'key/app', per: 'total', ends: Infinity }] } as const

/** An upstream of which each answer costs a dollar, which is what is held for it. `answer` is called with each that waits. */
async function upstream(arrived: (answer: () => void) => void): Promise<string> {
  const server = createServer((incoming, outgoing) => {
    incoming.resume().on('end', () => arrived(() => answer(outgoing)))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  ends.push(
    () => server.closeAllConnections(),
    () => server.close(),
  )
  const address = server.address()
  assert(typeof address === 'object' && address)
  return `http://127.0.0.1:${address.port}/v1`
}

function answer(outgoing: ServerResponse): void {
  const choices = [{ index: 0, message: { role: 'assistant', content: 'a' }, finish_reason: 'stop' }]
  const usage = { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 }
  outgoing.writeHead(200, { 'content-type': 'application/json' })
  outgoing.end(JSON.stringify({ id: 'c', model: 'm', choices, usage }))
}

interface Running {
  readonly child: ChildProcess
  readonly url: string
}

interface World {
  readonly redis: string
  readonly upstream: string
  readonly usd: number
}

/** Processes of their own, as an operator starts them. */
async function gateways({ redis, upstream: baseUrl, usd }: World): Promise<readonly Running[]> {
  const file = join(folder, 'tutti.json')
  const price = { input: 0, output: 1_000_000 }
  const config = {
    version: 1,
    server: { port: 0, drain: '5s' },
    state: { driver: 'redis', url: redis },
    providers: {
      up: {
        type: 'openai-compatible',
        apiKey: 'k',
        local: true,
        baseUrl,
        models: { m: { developer: 'x', lineage: [], price } },
      },
    },
    models: { chat: { targets: ['up/m'], retry: { attempts: 1 }, timeouts: { firstToken: '60s' } } },
    keys: [{ id: 'app', sha256: sha256('sk-app'), budget: { usd, per: 'total' } }],
  }
  writeFileSync(file, JSON.stringify(config))
  return Promise.all(Array.from({ length: GATEWAYS }, () => start(file)))
}

async function start(file: string): Promise<Running> {
  const child = spawn(process.execPath, ['bin/tutti.mjs', 'serve', '-c', file], {
    cwd: ROOT,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  ends.push(async () => {
    if (child.exitCode !== null || child.signalCode !== null) return
    child.kill('SIGKILL')
    await once(child, 'exit')
  })
  const output = createInterface({ input: child.stdout })
  for await (const line of output) {
    const url = /http:\/\/127\.0\.0\.1:\d+/.exec(line)?.[0]
    if (url === undefined) continue
    child.stdout.resume()
    return { child, url }
  }
  throw new Error('the gateway ended before it served')
}

interface Told {
  readonly status: number | 'cut'
  readonly id: string
}

/** One caller, who asks again where state could not be reached, as SDKs do. */
async function ask(url: string, dispatcher: Agent): Promise<Told> {
  const body = JSON.stringify({ model: 'chat', max_tokens: 1, messages: [{ role: 'user', content: 'hi' }] })
  const headers = { authorization: 'Bearer sk-app', 'content-type': 'application/json' }
  for (let left = 100; ; left--) {
    try {
      const response = await request(`${url}/v1/chat/completions`, { method: 'POST', headers, body, dispatcher })
      const text = await response.body.text()
      const told = { status: response.statusCode, id: String(response.headers['x-tutti-request-id']) }
      if (told.status !== 503 || left === 0) return told
      assert.match(text, /state_unavailable|no_healthy_target/)
    } catch {
      return { status: 'cut', id: '' }
    }
    await new Promise((resolve) => setTimeout(resolve, 300))
  }
}

function callers(): Agent {
  const agent = new Agent({ connections: null, pipelining: 1, headersTimeout: 0, bodyTimeout: 0 })
  ends.push(() => agent.destroy())
  return agent
}

function storeAt(redis: string, time: 'given' | 'server' = 'server'): StateStore {
  const store = createRedisStore({ urls: [redis], clock: systemClock, time })
  ends.push(() => store.close())
  return store
}

/** Asked again where two thousand callers in this process let no answer be read in its second. */
async function patiently<Answer>(ask: () => Promise<Answer>): Promise<Answer> {
  for (;;)
    try {
      return await ask()
    } catch (error) {
      if (!(error instanceof StateUnavailable)) throw error
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
}

async function spendOf(store: StateStore): Promise<Spend> {
  const [spend] = await patiently(async () => store.spend(ACCOUNT, Date.now()))
  assert(spend)
  return spend
}

/** Looks at the account until it is told to stop: the most that it ever had, spent and held. */
function sample(store: StateStore): () => Promise<bigint> {
  let most = 0n
  const state = { over: false }
  const looking = (async () => {
    while (!state.over) {
      const { spent, held } = await spendOf(store)
      if (spent + held > most) most = spent + held
      await new Promise((resolve) => setTimeout(resolve, 10))
    }
  })()
  return async () => {
    state.over = true
    await looking
    return most
  }
}

async function rowsOf(store: StateStore): Promise<readonly LedgerRow[]> {
  return patiently(async () => {
    const rows: LedgerRow[] = []
    for await (const row of readLedger(store, {})) rows.push(row)
    return rows
  })
}

const APPEND = ['--appendonly', 'yes', '--appendfsync', 'always']

test.skipIf(redisAbsent())(
  '2,000 at once through four gateways, of which the budget pays for 137: 137 are asked for, and no sample is over it',
  async () => {
    const [callersCount, paidFor] = [2000, 137]
    const redis = await startRedis(APPEND)
    ends.push(() => redis.end())
    const waiting: (() => void)[] = []
    const world = { redis: redis.url, upstream: await upstream((one) => waiting.push(one)), usd: paidFor }
    const running = await gateways(world)
    const store = storeAt(redis.url)
    // Samples are taken from before the first caller on.
    await spendOf(store)
    const stop = sample(store)
    const agent = callers()
    let refused = 0
    const all = Array.from({ length: callersCount }, async (_, index) => {
      const told = await ask(running[index % GATEWAYS]?.url ?? '', agent)
      if (told.status === 429) refused++
      return told
    })
    // The upstream answers nobody before all are decided.
    await until(() => refused + waiting.length === callersCount)
    expect(waiting.length).toBe(paidFor)
    for (const one of waiting) one()
    const told = await Promise.all(all)
    expect(told.filter(({ status }) => status === 200)).toHaveLength(paidFor)
    const limit = BigInt(paidFor) * DOLLAR
    await until(async () => (await spendOf(store)).spent === limit)
    expect(await stop()).toBe(limit)
    expect((await rowsOf(store)).reduce((sum, { bill }) => sum + bill, 0n)).toBe(limit)
  },
  120_000,
)

test.skipIf(redisAbsent())(
  'one gateway is killed and Redis starts again in the middle: each answer is billed once, and accounts are what the ledger says',
  async () => {
    const redis = await startRedis(APPEND)
    let again = redis
    ends.push(() => again.end())
    let answered = 0
    const slow = await upstream((one) => {
      setTimeout(() => {
        answered++
        one()
      }, 20)
    })
    const running = await gateways({ redis: redis.url, upstream: slow, usd: 10_000 })
    const store = storeAt(redis.url)
    const agent = callers()
    const told: Told[] = []
    const worker = async (index: number): Promise<void> => {
      for (let i = 0; i < 20; i++) told.push(await ask(running[index % GATEWAYS]?.url ?? '', agent))
    }
    const work = Promise.all(Array.from({ length: 40 }, (_, index) => worker(index)))
    await until(() => told.length > 100)
    running[3]?.child.kill('SIGKILL')
    await until(() => told.length > 250)
    await redis.kill()
    again = await startRedis(APPEND, redis)
    await work
    const paid = told.filter(({ status }) => status === 200)
    expect(paid.length).toBeGreaterThan(300)
    // Bills whose steps were lost are tried again for as long as it takes.
    await until(async () => {
      const known = new Set((await rowsOf(store)).map((row) => row.paid?.request))
      return paid.every(({ id }) => known.has(id))
    })
    const rows = await rowsOf(store)
    const ids = rows.map(({ id }) => id)
    expect(new Set(ids).size).toBe(ids.length)
    const sum = rows.reduce((total, { bill }) => total + bill, 0n)
    // Nothing is billed that the upstream did not answer.
    expect(sum).toBeLessThanOrEqual(BigInt(answered) * DOLLAR)
    expect(await patiently(async () => store.audit(false))).toEqual([])
    // What the dead one held is free once it has expired.
    const later = Date.now() + 40 * 60_000
    const storeAfter = storeAt(redis.url, 'given')
    const after = await patiently(async () => storeAfter.spend(ACCOUNT, later))
    expect(after).toEqual([{ spent: sum, held: 0n }])
  },
  120_000,
)
