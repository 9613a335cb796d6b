// Holds, slots and bills go by the server's clock: gateways whose own clocks are an hour apart agree about each of them.
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { linesAt } from '#src/accounting/payer.ts'
import type { Clock } from '#src/core/clock.ts'
import { LAST_MESSAGE_MS, REMEMBERED_MS, type StateStore } from '#src/core/state-store.ts'
import { createBreaker, FAILURES, PROBE_MS } from '#src/state/redis-breaker.ts'
import { createServerTime } from '#src/state/redis-time.ts'
import { createRedisStore } from '#src/state/redis.ts'
import { systemClock } from '#src/system-clock.ts'
import { redisAbsent, redisCli, startRedis, startRedisCluster, type TestRedis } from '../support/redis.ts'

const HOUR = 3_600_000
const MINUTE = 60_000

function off(by: number): Clock {
  return { now: () => Date.now() + by, after: systemClock.after }
}

describe.skipIf(redisAbsent()).each([false, true])('redis (a cluster: %s)', (cluster) => {
  let urls: readonly [string, ...string[]] = ['']
  let node: TestRedis | undefined
  let end: () => Promise<void> = () => Promise.resolve()
  let prefixes = 0
  const opened: StateStore[] = []
  beforeAll(async () => {
    const started = cluster ? await startRedisCluster() : await startRedis()
    urls = 'urls' in started ? started.urls : [started.url]
    node = 'urls' in started ? undefined : started
    end = () => started.end()
  }, 60_000)
  afterAll(async () => {
    for (const store of opened) await store.close()
    await end()
  })

  const shard = 'key/k'
  const budget = { account: 'key/k', limit: 100n, per: 'total' } as const
  const lines = linesAt([budget], 0)

  /** Two gateways, whose clocks are an hour ahead and an hour behind. */
  function gateways() {
    const prefix = `c${prefixes++}`
    return [HOUR, -HOUR].map((by) => {
      const clock = off(by)
      const store = createRedisStore({ urls, cluster, prefix, clock })
      opened.push(store)
      const now = clock.now
      return {
        store,
        now,
        hold: async (id: string, amount: bigint, life: number) =>
          store.hold({ id, shard, lines, amount, now: now(), expiresAt: now() + life }),
        held: async () => (await store.spend({ shard, lines }, now()))[0]?.held,
      }
    })
  }

  test('a hold is alive for both until its time, and dead for both after it', async () => {
    const [ahead, behind] = gateways()
    assert(ahead && behind)
    expect(await ahead.hold('a', 60n, MINUTE)).toEqual({ ok: true })
    expect(await behind.hold('b', 60n, MINUTE)).toEqual({ ok: false, account: 'key/k', left: 40n })
    expect(await behind.hold('c', 40n, MINUTE)).toEqual({ ok: true })
    expect(await ahead.hold('d', 1n, MINUTE)).toEqual({ ok: false, account: 'key/k', left: 0n })
    // One that arrives after its time holds nothing.
    await ahead.store.release({ id: 'a', shard }, ahead.now())
    await ahead.hold('e', 60n, -1000)
    await behind.hold('f', 60n, -1000)
    expect([await ahead.held(), await behind.held()]).toEqual([40n, 40n])
  })

  test('a slot is taken for both, and comes back for both', async () => {
    const [ahead, behind] = gateways()
    assert(ahead && behind)
    const gates = [{ gate: 'key/k', limits: { concurrency: 1, rpm: 3 } }]
    const admit = ({ store, now }: typeof ahead, id: string, life = MINUTE) =>
      store.admit({ id, shard, gates, tokens: 0, now: now(), expiresAt: now() + life })
    expect((await admit(ahead, 'a')).ok).toBe(true)
    expect(await admit(behind, 'b')).toMatchObject({ ok: false, limit: 'concurrency' })
    await behind.store.leave({ id: 'a', shard }, 0, behind.now())
    const second = await admit(behind, 'b')
    expect(second).toMatchObject({ ok: true, rooms: [{ rpm: { limit: 3, remaining: 1 } }] })
    assert(second.ok)
    expect(second.rooms[0]?.rpm?.resetMs).toBeGreaterThan(50_000)
    expect(second.rooms[0]?.rpm?.resetMs).toBeLessThanOrEqual(61_000)
  })

  test('a bill is booked until its last moment and not after it, and its row says when it was there', async () => {
    const [ahead, behind] = gateways()
    assert(ahead && behind)
    for (const [at, { store, now }] of [ahead, behind].entries()) {
      const bill = { id: `a${at}`, shard, lines, bill: 1n, now: now() }
      expect(await store.settle({ ...bill, id: `late${at}`, notAfter: now() - 1000 })).toBe('late')
      expect(await store.settle({ ...bill, notAfter: now() + LAST_MESSAGE_MS })).toBe('booked')
      // Known, also when it comes too late.
      expect(await store.settle({ ...bill, notAfter: now() - 1000 })).toBe('booked')
    }
    const { rows } = await ahead.store.ledger({ most: 9 })
    expect(rows.map(({ id }) => id)).toEqual(['a0', 'a1'])
    for (const { at } of rows) expect(Math.abs(at - Date.now())).toBeLessThan(10 * MINUTE)
  })

  test('how old an open row is, is told by one’s own clock: neither follows it too early or too late', async () => {
    const [ahead, behind] = gateways()
    assert(ahead && behind)
    const notAfter = ahead.now() + MINUTE
    const elsewhere = [{ shard: 'x', lines }]
    await ahead.store.settle({ id: 'a', shard, lines, bill: 1n, now: ahead.now(), notAfter, elsewhere })
    for (const { store, now } of [ahead, behind]) {
      const [row] = await store.open({ to: now() + MINUTE, most: 9 })
      assert(row)
      expect(Math.abs(row.at - now())).toBeLessThan(10 * MINUTE)
      expect(await store.open({ to: now() - MINUTE, most: 9 })).toEqual([])
      expect(await store.trim(now() - MINUTE, 9)).toBe(0)
    }
    await behind.store.confirm({ id: 'a', shard }, 'x')
    expect(await ahead.store.trim(ahead.now() + MINUTE, 9)).toBe(1)
  })

  test('what is kept ends by the server’s clock too', async () => {
    const [ahead, behind] = gateways()
    assert(ahead && behind)
    const one = { owner: 'k', kind: 'response', value: 'x' } as const
    await ahead.store.keep([{ ...one, id: 'a', expiresAt: ahead.now() + MINUTE }], ahead.now())
    await behind.store.keep([{ ...one, id: 'b', expiresAt: behind.now() + MINUTE }], behind.now())
    await ahead.store.keep([{ ...one, id: 'c', expiresAt: ahead.now() - 1000 }], ahead.now())
    for (const { store, now } of [ahead, behind]) {
      const found = await store.recall({ owner: 'k', kind: 'response', ids: ['a', 'b', 'c'], now: now() })
      expect([...found.keys()]).toEqual(['a', 'b'])
    }
  })

  test.skipIf(cluster)('nothing of a shard is left for ever but its ledger and what is spent', async () => {
    const [ahead] = gateways()
    assert(node && ahead)
    redisCli(node, ['flushall'])
    const { store, now } = ahead
    await ahead.hold('a', 1n, MINUTE)
    await ahead.hold('b', 1n, MINUTE)
    await store.settle({ id: 'b', shard, lines, bill: 1n, now: now(), notAfter: now() + MINUTE })
    const gates = [{ gate: 'g', limits: { rpm: 3 } }]
    for (const id of ['a', 'b'])
      await store.admit({ id, shard, gates, tokens: 0, now: now(), expiresAt: now() + MINUTE })
    await store.leave({ id: 'b', shard }, 0, now())
    await store.keep([{ owner: 'k', kind: 'item', id: 'i', value: 'x', expiresAt: now() + MINUTE }], now())
    const keys = redisCli(node, ['keys', '*']).trim().split('\n')
    const forever = keys.filter((key) => redisCli(node, ['pttl', key]).trim() === '-1')
    expect(keys).toHaveLength(13)
    expect(forever.map((key) => key.slice(key.indexOf('}') + 1)).toSorted()).toEqual(
      ['ledger', 'spent', `c${prefixes - 1}:shards`].toSorted(),
    )
    const longest = Math.max(...keys.map((key) => Number(redisCli(node, ['pttl', key]))))
    expect(longest).toBeLessThanOrEqual(REMEMBERED_MS + HOUR)
  })
})

test('what is known of a clock is never further off than half of the quickest answer', () => {
  const delay = fc.integer({ min: 0, max: 5000 })
  const reply = fc.record({ wait: delay, there: delay, back: delay })
  fc.assert(
    fc.property(fc.integer({ min: -1e10, max: 1e10 }), fc.array(reply, { minLength: 1 }), (offset, replies) => {
      const time = createServerTime()
      let now = 1e12
      for (const { wait, there, back } of replies) {
        now += wait
        time.observe({ sent: now, received: now + there + back, server: now + there + offset })
        now += there + back
      }
      const quickest = Math.min(...replies.map(({ there, back }) => there + back))
      assert(Math.abs((time.offset() ?? Infinity) - offset) <= quickest / 2 + 1)
    }),
  )
})

test('a clock that was set is known anew with the next answer', () => {
  const time = createServerTime()
  expect(time.offset()).toBeUndefined()
  time.observe({ sent: 1000, received: 1002, server: 1001 })
  time.observe({ sent: 2000, received: 2010, server: 92_005 })
  expect(Math.abs((time.offset() ?? 0) - 90_000)).toBeLessThanOrEqual(6)
})

test('the breaker opens for silence at once, for other failures after some in a row, and lets one through now and then', () => {
  const breaker = createBreaker()
  for (let i = 1; i < FAILURES; i++) breaker.failed(0, false)
  breaker.succeeded()
  for (let i = 1; i < FAILURES; i++) breaker.failed(0, false)
  expect(breaker.admits(0)).toBe(true)
  breaker.failed(0, false)
  expect([breaker.admits(0), breaker.admits(PROBE_MS - 1)]).toEqual([false, false])
  expect([breaker.admits(PROBE_MS), breaker.admits(PROBE_MS)]).toEqual([true, false])
  breaker.failed(PROBE_MS, true)
  // A clock that goes back keeps nobody out.
  expect(breaker.admits(0)).toBe(true)
  breaker.succeeded()
  expect([breaker.admits(0), breaker.admits(0)]).toEqual([true, true])
  breaker.failed(0, true)
  expect(breaker.admits(1)).toBe(false)
})
