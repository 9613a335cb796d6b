// What a Redis that is slow, gone, full, loading or a replica does to steps: each ends within its second, says what to mend, and nothing is booked twice.
import assert from 'node:assert/strict'
import { createServer } from 'node:tls'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { linesAt } from '#src/accounting/payer.ts'
import type { Clock } from '#src/core/clock.ts'
import { StateUnavailable } from '#src/core/state-unavailable.ts'
import type { StateStore } from '#src/core/state-store.ts'
import { FAILURES, PROBE_MS } from '#src/state/redis-breaker.ts'
import { STEP_MS } from '#src/state/redis-guard.ts'
import { createRedisStore } from '#src/state/redis.ts'
import { systemClock } from '#src/system-clock.ts'
import { createFakeClock, type FakeClock } from '../support/fake-clock.ts'
import { freePort, redisAbsent, redisCli, startRedis, until, type TestRedis } from '../support/redis.ts'
import { selfSigned } from '../support/self-signed.ts'
import { START } from '../support/state-model.ts'
import { startProxy, type TcpProxy } from '../support/tcp-proxy.ts'

const shard = 'key/k'
const lines = linesAt([{ account: 'key/k', limit: 100n, per: 'total' }], START)
const bill = { id: 'a', shard, lines, bill: 7n, now: START, notAfter: START }

describe.skipIf(redisAbsent())('redis', () => {
  let redis: TestRedis
  let proxy: TcpProxy
  let prefixes = 0
  const opened: StateStore[] = []
  beforeAll(async () => {
    redis = await startRedis()
    proxy = await startProxy(redis.port)
  })
  afterEach(async () => {
    proxy.set('clear')
    for (const store of opened.splice(0)) await store.close()
  })
  afterAll(async () => {
    await proxy.end()
    await redis.end()
  })

  function open(clock: Clock, url = `redis://127.0.0.1:${proxy.port}`): StateStore {
    const store = createRedisStore({ urls: [url], prefix: `f${prefixes++}`, clock, time: 'given' })
    opened.push(store)
    return store
  }

  const spent = async (store: StateStore) => (await store.spend({ shard, lines }, START))[0]?.spent
  const rows = async (store: StateStore) => (await store.ledger({ most: 9 })).rows.length

  /** One that has been asked before, on a clock of its own. */
  async function running(): Promise<{ store: StateStore; clock: FakeClock }> {
    const clock = createFakeClock(START)
    const store = open(clock)
    expect(await spent(store)).toBe(0n)
    return { store, clock }
  }

  /** Lets the clock go on, slowly, until something is over. */
  async function passing(clock: FakeClock, work: Promise<void>): Promise<void> {
    const timer = setInterval(() => clock.advance(PROBE_MS / 10), 5)
    await work.finally(() => clearInterval(timer))
  }

  /** Steps on the way have reached the proxy. */
  const arrived = (before: number) => until(() => proxy.asked() > before)

  test.each(['no replies', 'black hole'] as const)(
    'the network has %s: a step ends with its second, the next ones at once, until one gets through',
    async (weather) => {
      const { store, clock } = await running()
      await store.settle({ ...bill, id: 'before' })
      proxy.set(weather)
      const before = proxy.asked()
      const state = { over: false }
      const settled = Promise.resolve(store.settle(bill)).finally(() => {
        state.over = true
      })
      const failed = expect(settled).rejects.toThrow('did not answer within a second')
      await arrived(before)
      clock.advance(STEP_MS - 1)
      await new Promise(setImmediate)
      expect(state.over).toBe(false)
      clock.advance(1)
      await failed
      await expect(settled).rejects.toBeInstanceOf(StateUnavailable)
      await expect(settled).rejects.toHaveProperty('unsent', false)
      // It is not repeated by the store, and others do not wait.
      const asked = proxy.asked()
      expect(asked).toBe(before + 1)
      for (let i = 0; i < 20; i++)
        await expect(store.hold({ ...bill, amount: 1n, expiresAt: START })).rejects.toHaveProperty('unsent', true)
      expect(proxy.asked()).toBe(asked)

      proxy.set('clear')
      proxy.release()
      const back = until(() =>
        Promise.resolve(spent(store)).then(
          () => true,
          () => false,
        ),
      )
      await passing(clock, back)
      // The bill is repeated under its id, whether it was booked or not.
      for (let i = 0; i < 2; i++) expect(await store.settle(bill)).toBe('booked')
      expect([await spent(store), await rows(store)]).toEqual([14n, 2])
      expect(await store.audit(false)).toEqual([])
    },
  )

  test('the one that sees whether it is back is let in and holds, as at any other time', async () => {
    const { store, clock } = await running()
    const [asked, weather] = [proxy.asked(), { answer: 'LOADING Redis is loading the dataset in memory' }]
    proxy.set(weather)
    for (let i = 0; i < FAILURES; i++) {
      const failed = expect(spent(store)).rejects.toThrow('loading')
      await arrived(asked + 2 * i)
      await passing(clock, failed)
    }
    await expect(spent(store)).rejects.toThrow('not asked again for a moment')
    proxy.set('clear')
    clock.advance(PROBE_MS)
    const expiresAt = START + 60_000
    const hold = { id: 'r-1', lines, amount: 60n, expiresAt }
    const admission = { id: 'r', shard, gates: [{ gate: 'g', limits: { concurrency: 1 } }], tokens: 1, now: START }
    expect(await store.admit({ ...admission, expiresAt, hold })).toMatchObject({ ok: true, held: { ok: true } })
    expect(await store.spend({ shard, lines }, START)).toEqual([{ spent: 0n, held: 60n }])
  })

  test('a connection on which nothing is answered is given up for another one', async () => {
    const { store, clock } = await running()
    const before = proxy.connections()
    proxy.set('no replies')
    const failed = expect(spent(store)).rejects.toThrow(StateUnavailable)
    clock.advance(STEP_MS)
    await failed
    await until(() => proxy.connections() > before)
  })

  test('the connection is reset when a bill was booked: the store repeats it, and it is booked once', async () => {
    const store = open(systemClock)
    expect(await spent(store)).toBe(0n)
    const before = proxy.asked()
    proxy.set('reset')
    // Its ledger is written down first: that is what the reset meets, the next one meets the script.
    expect(await store.settle(bill)).toBe('booked')
    proxy.set('reset')
    expect(await store.settle({ ...bill, id: 'b' })).toBe('booked')
    expect(proxy.asked()).toBe(before + 3)
    expect([await spent(store), await rows(store)]).toEqual([14n, 2])
  })

  test('what says something else when it is repeated is not', async () => {
    const store = open(systemClock)
    await store.write('denial', 'a', '1')
    proxy.set('reset')
    await expect(store.erase('denial', 'a')).rejects.toThrow(StateUnavailable)
    expect(await store.note('denial', 'a')).toBeUndefined()
  })

  test('a claim whose answer is lost is its own when it is repeated', async () => {
    const store = open(systemClock)
    expect(await spent(store)).toBe(0n)
    const one = { owner: 'k', kind: 'idempotency', id: 'i', value: 'mine', expiresAt: START + 1000 } as const
    // The server knows the script.
    await store.claim({ ...one, id: 'other' }, START)
    proxy.set('reset')
    expect(await store.claim(one, START)).toBeUndefined()
    expect(await store.claim(one, START)).toBe('mine')
  })

  test('it loads its data for a moment: repeated once, then refused, and the breaker opens after some of these', async () => {
    const store = open(systemClock)
    expect(await spent(store)).toBe(0n)
    proxy.set({ answer: 'LOADING Redis is loading the dataset in memory' })
    const before = proxy.asked()
    await expect(spent(store)).rejects.toThrow('still loading its data')
    expect(proxy.asked()).toBe(before + 2)
    for (let i = 1; i < FAILURES; i++) await expect(spent(store)).rejects.toThrow('loading')
    const asked = proxy.asked()
    await expect(spent(store)).rejects.toThrow('not asked again for a moment')
    expect(proxy.asked()).toBe(asked)
    proxy.set('clear')
    await until(() =>
      Promise.resolve(spent(store)).then(
        (found) => found === 0n,
        () => false,
      ),
    )
  })

  test('scripts that the server has forgotten are sent again', async () => {
    const store = open(systemClock)
    expect(await store.settle(bill)).toBe('booked')
    redisCli(redis, ['script', 'flush'])
    expect(await store.settle({ ...bill, id: 'b' })).toBe('booked')
    expect(await spent(store)).toBe(14n)
  })

  test('a replica takes no writes: the step says so, and works once it is a master', async () => {
    const replica = await startRedis(['--replicaof', '127.0.0.1', `${redis.port}`])
    const store = open(systemClock, replica.url)
    try {
      await expect(store.settle(bill)).rejects.toThrow('name its master in the url')
      redisCli(replica, ['replicaof', 'no', 'one'])
      await until(() =>
        Promise.resolve(store.settle(bill)).then(
          (answer) => answer === 'booked',
          () => false,
        ),
      )
      expect(await spent(store)).toBe(7n)
    } finally {
      await replica.end()
    }
  })

  test('a name that leads from a replica to its master: the step goes there with the next connection', async () => {
    const replica = await startRedis(['--replicaof', '127.0.0.1', `${redis.port}`])
    const failover = await startProxy(replica.port)
    const store = open(systemClock, `redis://127.0.0.1:${failover.port}`)
    try {
      await expect(store.settle(bill)).rejects.toThrow(StateUnavailable)
      failover.lead(redis.port)
      expect(await store.settle(bill)).toBe('booked')
      expect(await rows(store)).toBe(1)
    } finally {
      await failover.end()
      await replica.end()
    }
  })

  test('a mend whose answer is lost mends once when it is repeated', async () => {
    const store = open(systemClock)
    await store.settle(bill)
    const spentKey = `{f${prefixes - 1}:${shard}}spent`
    const wrong = ['hset', spentKey, `total ${shard}`, '9007199254740991 1000']
    redisCli(redis, wrong)
    // The server knows the script.
    await store.audit(true)
    redisCli(redis, wrong)
    proxy.set({ resetAfter: 'mend-' })
    expect(await store.audit(true)).toHaveLength(1)
    expect(await spent(store)).toBe(7n)
  })

  test('a step that waited for a connection longer than its second is not sent when there is one', async () => {
    const port = await freePort()
    const clock = createFakeClock(START)
    const store = open(clock, `redis://127.0.0.1:${port}`)
    const settle = Promise.resolve(store.settle(bill))
    const settled = expect(settle).rejects.toThrow('there is no connection')
    await new Promise(setImmediate)
    clock.advance(STEP_MS)
    await settled
    await expect(settle).rejects.toHaveProperty('unsent', true)
    const late = await startRedis([], { port, folder: redis.folder })
    try {
      clock.advance(PROBE_MS)
      expect([await spent(store), await rows(store)]).toEqual([0n, 0])
    } finally {
      await late.kill()
    }
  })

  test('what fails shortly before its second is over is not repeated after it', async () => {
    const { store, clock } = await running()
    const { store: other } = await running()
    const [asked, connections] = [proxy.asked(), proxy.connections()]
    proxy.set('no replies')
    const failed = expect(spent(store)).rejects.toThrow(StateUnavailable)
    await arrived(asked)
    clock.advance(STEP_MS - 50)
    proxy.set('clear')
    proxy.cut()
    await until(() => proxy.connections() >= connections + 2)
    await passing(clock, failed)
    // What it waits for before it repeats would be over by now.
    clock.advance(STEP_MS)
    expect(await spent(other)).toBe(0n)
    expect(proxy.asked()).toBe(asked + 2)
  })

  test('a server that lost everything learns again which shards have a ledger', async () => {
    const store = open(systemClock)
    await store.settle(bill)
    redisCli(redis, ['flushall'])
    redisCli(redis, ['client', 'kill', 'type', 'normal', 'skipme', 'yes'])
    await until(() =>
      Promise.resolve(store.settle(bill)).then(
        (answer) => answer === 'booked',
        () => false,
      ),
    )
    expect(await rows(store)).toBe(1)
  })

  test('out of memory: what takes more is refused whole, what gives back is not, and the breaker stays closed', async () => {
    const full = await startRedis(['--maxmemory-policy', 'noeviction'])
    const store = open(systemClock, full.url)
    const held = { shard, lines, amount: 10n, now: START, expiresAt: START + 60_000 }
    const slot = { shard, gates: [{ gate: 'g', limits: { rpm: 9 } }], tokens: 1, now: START, expiresAt: START + 60_000 }
    try {
      await store.hold({ ...held, id: 'held' })
      await store.admit({ ...slot, id: 'in' })
      await store.settle(bill)
      redisCli(full, ['config', 'set', 'maxmemory', '100kb'])
      const keys = redisCli(full, ['keys', '*']).trim().split('\n')
      const dump = () => keys.map((key) => redisCli(full, ['--no-raw', 'dump', key]))
      const before = dump()
      for (let i = 0; i <= FAILURES; i++) {
        await expect(store.hold({ ...held, id: `t${i}` })).rejects.toThrow('give it more with `maxmemory`')
        await expect(store.admit({ ...slot, id: `r${i}` })).rejects.toThrow('maxmemory')
        await expect(store.settle({ ...bill, id: `t${i}` })).rejects.toThrow('maxmemory')
      }
      expect(dump()).toEqual(before)
      await store.leave({ id: 'in', shard }, 1, START)
      await store.release({ id: 'held', shard }, START)
      await store.withdraw({ id: 'r0', shard }, START)
      await store.release({ id: 't1', shard }, START)
      expect(await store.spend({ shard, lines }, START)).toEqual([{ spent: 7n, held: 0n }])
      redisCli(full, ['config', 'set', 'maxmemory', '0'])
      expect(await store.settle({ ...bill, id: 't0' })).toBe('booked')
      expect([await spent(store), await rows(store)]).toEqual([14n, 2])
    } finally {
      await full.end()
    }
  })

  test('killed and started again from its file: what was booked is there, and known', async () => {
    const options = ['--appendonly', 'yes', '--appendfsync', 'always']
    const first = await startRedis(options)
    const store = open(systemClock, first.url)
    expect(await store.settle(bill)).toBe('booked')
    await first.kill()
    await expect(store.settle(bill)).rejects.toThrow(StateUnavailable)
    const second = await startRedis(options, first)
    await until(() =>
      Promise.resolve(store.settle(bill)).then(
        (answer) => answer === 'booked',
        () => false,
      ),
    )
    expect([await spent(store), await rows(store)]).toEqual([7n, 1])
    await second.end()
  })

  test('a wrong password is said, and is not in what is said', async () => {
    const locked = await startRedis(['--requirepass', 'right-horse'])
    try {
      const wrong = open(systemClock, `redis://:wrong-canary@127.0.0.1:${locked.port}`)
      const error = await Promise.resolve(spent(wrong)).then(() => undefined, String)
      expect(error).toContain('mend them in the url')
      expect(error).not.toContain('canary')
      const none = open(systemClock, locked.url)
      await expect(spent(none)).rejects.toThrow('put it into the url')
      expect(await spent(open(systemClock, `redis://:right-horse@127.0.0.1:${locked.port}`))).toBe(0n)
    } finally {
      await locked.end()
    }
  })

  test('a certificate that nobody trusts: no password is sent', async () => {
    const read: string[] = []
    const server = createServer(selfSigned(), (socket) => {
      socket.on('data', (bytes) => read.push(bytes.toString()))
      socket.on('error', () => {})
    })
    await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
    const address = server.address()
    assert(typeof address === 'object' && address)
    try {
      const store = open(systemClock, `rediss://:canary@127.0.0.1:${address.port}`)
      await expect(spent(store)).rejects.toThrow('there is no connection (DEPTH_ZERO_SELF_SIGNED_CERT)')
      expect(read).toEqual([])
    } finally {
      server.close()
    }
  })

  test('nothing listens there: the step says where, without credentials', async () => {
    const port = await freePort()
    const store = open(systemClock, `redis://user:canary@127.0.0.1:${port}`)
    const error = await Promise.resolve(spent(store)).then(() => undefined, String)
    expect(error).toContain(`the state at redis://127.0.0.1:${port}: there is no connection`)
    expect(error).not.toContain('canary')
  })

  test('a server that is no cluster is named as that', async () => {
    const store = createRedisStore({ urls: [redis.url], cluster: true, clock: systemClock })
    opened.push(store)
    await expect(spent(store)).rejects.toThrow('leave out `cluster: true`')
  })
})
