// Many gateways at one Redis at the same time, and what becomes of a cluster that moves shards or loses a node.
import assert from 'node:assert/strict'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { linesAt } from '#src/accounting/payer.ts'
import { StateUnavailable } from '#src/core/state-unavailable.ts'
import type { Settlement, StateStore } from '#src/core/state-store.ts'
import { createRedisStore } from '#src/state/redis.ts'
import { systemClock } from '#src/system-clock.ts'
import {
  redisAbsent,
  redisCli,
  startRedis,
  startRedisCluster,
  until,
  type TestCluster,
  type TestRedis,
} from '../support/redis.ts'
import { START } from '../support/state-model.ts'

const shard = 'tenant/t'
const opened: StateStore[] = []
let prefixes = 0
afterEach(async () => {
  for (const store of opened.splice(0)) await store.close()
})

function open(urls: readonly [string, ...string[]], instances: number, cluster = false) {
  const prefix = `p${prefixes++}`
  const stores = Array.from({ length: instances }, () =>
    createRedisStore({ urls, cluster, prefix, clock: systemClock, time: 'given' }),
  )
  opened.push(...stores)
  const at = (index: number): StateStore => {
    const store = stores[index % instances]
    assert(store)
    return store
  }
  return { prefix, at }
}

const total = (limit: bigint) => linesAt([{ account: shard, limit, per: 'total' }], START)
const bill = { shard, lines: total(0n), bill: 3n, now: START, notAfter: START }

/** So many steps, a hundred at once: of more, the last might come after its second on a busy machine. */
async function inTurns(steps: number, step: (at: number) => Promise<unknown>): Promise<void> {
  for (let from = 0; from < steps; from += 100)
    await Promise.all(Array.from({ length: Math.min(100, steps - from) }, (_, at) => step(from + at)))
}

describe.skipIf(redisAbsent())('one redis', () => {
  let redis: TestRedis
  beforeAll(async () => {
    redis = await startRedis()
  })
  afterAll(() => redis.end())

  test('eight instances at once: exactly as many holds are taken as the budget pays for, and as many slots as there are', async () => {
    const { at } = open([redis.url], 8)
    const lines = total(1_379n)
    const step = { shard, now: START, expiresAt: START + 60_000 }
    const held = await Promise.all(
      Array.from({ length: 400 }, async (_, i) => at(i).hold({ ...step, id: `t${i}`, lines, amount: 10n })),
    )
    expect(held.filter(({ ok }) => ok)).toHaveLength(137)
    const gates = [{ gate: 'g', limits: { concurrency: 20, rpm: 30 } }]
    const admit = (from: number) =>
      Promise.all(
        Array.from({ length: 100 }, async (_, i) => at(i).admit({ ...step, id: `r${from + i}`, gates, tokens: 1 })),
      )
    const admitted = await admit(0)
    expect(admitted.filter(({ ok }) => ok)).toHaveLength(20)
    for (const [i, { ok }] of admitted.entries()) if (ok) await at(i + 1).leave({ id: `r${i}`, shard }, 1, START)
    expect((await admit(100)).filter(({ ok }) => ok)).toHaveLength(10)
  })

  test('one bill that all of them book at once is booked once', async () => {
    const { at } = open([redis.url], 8)
    const answers = await Promise.all(Array.from({ length: 64 }, async (_, i) => at(i).settle({ ...bill, id: 'a' })))
    expect(new Set(answers)).toEqual(new Set(['booked']))
    expect((await at(0).ledger({ most: 99 })).rows).toHaveLength(1)
  })

  test('accounts that were lost or changed are mended from the ledger while bills are booked and rows forgotten', async () => {
    const { at, prefix } = open([redis.url], 4)
    // More than are read in one step: bills are booked between two of them.
    let booked = 1400
    await inTurns(booked, async (i) => at(i).settle({ ...bill, id: `before${i}` }))
    await at(0).trim(START + 1, 20)
    const spent = `{${prefix}:${shard}}spent`
    const damages: readonly (readonly string[])[] = [
      ['hset', spent, `total ${shard}`, '9007199254740991 1000000'],
      ['hset', spent, `total ${shard}`, '9007199254740991 1'],
      ['del', spent],
    ]
    for (const damage of damages) {
      redisCli(redis, damage)
      const [difference] = await at(0).audit(false)
      expect(difference).toMatchObject({ account: shard, ledger: BigInt(booked) * 3n })
      const state = { audited: false }
      const audit = Promise.resolve(at(1).audit(true)).finally(() => {
        state.audited = true
      })
      const trimmed = at(2).trim(START + 1, 3)
      while (!state.audited) await at(3).settle({ ...bill, id: `during${booked++}` })
      const found = await audit
      await trimmed
      expect(found).toHaveLength(1)
      expect(await at(3).audit(false)).toEqual([])
      expect(await at(3).spend({ shard, lines: total(0n) }, START)).toEqual([{ spent: BigInt(booked) * 3n, held: 0n }])
    }
  })

  test('of two that mend at once one does', async () => {
    const { at, prefix } = open([redis.url], 2)
    await inTurns(1400, async (i) => at(i).settle({ ...bill, id: `t${i}` }))
    redisCli(redis, ['hset', `{${prefix}:${shard}}spent`, `total ${shard}`, '9007199254740991 100'])
    const found = await Promise.all([at(0).audit(true), at(1).audit(true)])
    expect(found.map(({ length }) => length).toSorted()).toEqual([0, 1])
    expect(await at(0).spend({ shard, lines: total(0n) }, START)).toEqual([{ spent: 4200n, held: 0n }])
  })

  test('a step that forgets goes on where the last one had enough, and with another time, or when all was seen, from the first shard', async () => {
    const { at } = open([redis.url], 1)
    const store = at(0)
    const book = (id: string, name: string, now: number, elsewhere: Settlement['elsewhere'] = []) =>
      store.settle({ ...bill, id, shard: name, now, notAfter: now, elsewhere })
    for (const name of ['key/a', 'key/b', 'key/c']) for (let i = 0; i < 3; i++) await book(`t${i}`, name, START + i)
    expect(await store.trim(START + 1, 2)).toBe(2)
    expect(await store.trim(START + 2, 2)).toBe(2)
    redisCli(redis, ['config', 'resetstat'])
    expect(await store.trim(START + 2, 9)).toBe(2)
    // It has not asked the first shard again.
    expect(redisCli(redis, ['info', 'commandstats'])).toMatch(/cmdstat_evalsha:calls=2,/)
    await book('open', 'key/a', START + 4, [{ shard: 'x', lines: [] }])
    expect(await store.trim(START + 9, 9)).toBe(3)
    await store.confirm({ id: 'open', shard: 'key/a' }, 'x')
    expect(await store.trim(START + 9, 9)).toBe(1)
  })

  test('a ledger of several thousand rows on many shards is read whole, each row once, whatever the page', async () => {
    const { at } = open([redis.url], 2)
    const rows = 1300
    await inTurns(rows, async (i) =>
      at(i).settle({
        ...bill,
        id: `t${i}`,
        shard: i % 3 === 0 ? `key/${i}` : `key/한{${i % 2}}`,
        now: START + i,
        notAfter: START + i,
      }),
    )
    for (const most of [7, 500, 501, 5000]) {
      const ids: string[] = []
      for (let cursor: string | undefined; ;) {
        const page = await at(ids.length).ledger({ most, ...(cursor !== undefined && { cursor }) })
        ids.push(...page.rows.map(({ id }) => id))
        cursor = page.cursor
        if (cursor === undefined) break
      }
      expect(ids).toHaveLength(rows)
      expect(new Set(ids).size).toBe(rows)
    }
    const part = await at(0).ledger({ from: START + 100, to: START + 200, most: 5000 })
    expect(part.rows).toHaveLength(100)
    expect(await at(0).trim(START + rows, 5000)).toBe(rows)
    expect((await at(0).ledger({ most: 9 })).rows).toEqual([])
    expect(await at(0).audit(false)).toEqual([])
  })
})

describe.skipIf(redisAbsent())('a cluster', () => {
  let cluster: TestCluster
  beforeAll(async () => {
    cluster = await startRedisCluster()
  }, 60_000)
  afterAll(() => cluster.end())

  /** The node that serves a shard, and another one, by what the cluster itself says. */
  function nodesOf(prefix: string): { readonly slot: string; readonly own: TestRedis; readonly other: TestRedis } {
    const slot = redisCli(cluster.nodes[0], ['cluster', 'keyslot', `{${prefix}:${shard}}`]).trim()
    const own = cluster.nodes.find((node) => {
      const [line = ''] = redisCli(node, ['cluster', 'nodes'])
        .split('\n')
        .filter((one) => one.includes('myself'))
      return line
        .split(' ')
        .slice(8)
        .some((range) => {
          const [from = '', to = from] = range.split('-')
          return Number(from) <= Number(slot) && Number(slot) <= Number(to)
        })
    })
    const other = cluster.nodes.find((node) => node !== own)
    assert(own && other)
    return { slot, own, other }
  }

  test('a shard that moves to another node while bills are booked: each is booked once', async () => {
    const { prefix, at } = open(cluster.urls, 3, true)
    await at(0).settle({ ...bill, id: 'first' })
    const { slot, own, other } = nodesOf(prefix)
    const idOf = (node: TestRedis) => redisCli(node, ['cluster', 'myid']).trim()
    const state = { moved: false }
    const ids = new Set<string>()
    const book = async (worker: number): Promise<void> => {
      for (let i = 0; !state.moved || i < 20; i++) {
        const id = `t${worker}-${i}`
        ids.add(id)
        await until(() =>
          Promise.resolve(at(worker).settle({ ...bill, id })).then(
            (one) => one === 'booked',
            () => false,
          ),
        )
      }
    }
    const workers = [0, 1, 2].map(book)
    redisCli(other, ['cluster', 'setslot', slot, 'importing', idOf(own)])
    redisCli(own, ['cluster', 'setslot', slot, 'migrating', idOf(other)])
    await new Promise((resolve) => void setTimeout(resolve, 50))
    const keys = redisCli(own, ['cluster', 'getkeysinslot', slot, '100']).trim().split('\n')
    redisCli(own, ['migrate', '127.0.0.1', `${other.port}`, '', '0', '5000', 'keys', ...keys])
    for (const node of [other, own, ...cluster.nodes]) redisCli(node, ['cluster', 'setslot', slot, 'node', idOf(other)])
    state.moved = true
    await Promise.all(workers)
    const { rows } = await at(0).ledger({ most: 100_000 })
    expect(rows.map(({ id }) => id).toSorted()).toEqual(['first', ...ids].toSorted())
    expect(await at(1).audit(false)).toEqual([])
  })

  test('any prefix and any name of a shard', async () => {
    for (const [prefix, name] of [
      ['}{', 'key/}{'],
      ['한', '{}'],
    ] as const) {
      const store = createRedisStore({ urls: cluster.urls, cluster: true, prefix, clock: systemClock, time: 'given' })
      opened.push(store)
      expect(await store.settle({ ...bill, shard: name, id: 'a' })).toBe('booked')
      const [row] = (await store.ledger({ most: 9 })).rows
      expect(row?.shard).toBe(name)
    }
  })

  test('a node that is gone takes its own shards along, and no other', async () => {
    const { prefix, at } = open(cluster.urls, 1, true)
    const { own } = nodesOf(prefix)
    redisCli(cluster.nodes[0], ['config', 'set', 'cluster-require-full-coverage', 'no'])
    for (const node of cluster.nodes) redisCli(node, ['config', 'set', 'cluster-require-full-coverage', 'no'])
    const slots = Array.from({ length: 30 }, (_, i) => `key/${i}`)
    const works = (one: string): Promise<boolean> =>
      Promise.resolve(at(0).spend({ shard: one, lines: total(0n) }, START)).then(
        () => true,
        (error: unknown) => {
          assert(error instanceof StateUnavailable)
          return false
        },
      )
    for (const one of [shard, ...slots]) expect(await works(one)).toBe(true)
    await own.kill()
    const after = await Promise.all([shard, ...slots].map(works))
    expect(after[0]).toBe(false)
    const left = after.filter(Boolean).length
    expect(left).toBeGreaterThan(5)
    // Asked again, those of the other nodes are not held up.
    expect((await Promise.all([shard, ...slots].map(works))).filter(Boolean)).toHaveLength(left)
  })
})
