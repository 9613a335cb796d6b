// What is the Durable Objects' own among what every store promises: exact money, what outlives them, who knows of which, and how they wake.
import { afterAll, beforeAll, beforeEach, describe, expect, inject, test } from 'vitest'
import type { Booked, LedgerRow } from '#src/core/ledger.ts'
import { LAST_MESSAGE_MS, REMEMBERED_MS } from '#src/core/state-store.ts'
import { startRemote, type Remote, type World } from './state-client.ts'

const START = Date.UTC(2026, 10, 18, 12)
const MONTH = Date.UTC(2026, 11, 1)

const line = (account: string): Booked => ({ account, per: 'month', ends: MONTH })
const LATER = { now: START, notAfter: START + LAST_MESSAGE_MS }

describe.skipIf(inject('bundles') === null)('state in Durable Objects', () => {
  let server: Remote
  let remote: World
  beforeAll(async () => {
    server = await startRemote()
  })
  beforeEach(() => {
    remote = server.fresh()
  })
  afterAll(() => server?.close())

  const settle = (shard: string, id: string, bill: bigint, elsewhere: readonly string[] = []) =>
    remote.store.settle({
      ...LATER,
      id,
      shard,
      lines: [line(shard)],
      bill,
      elsewhere: elsewhere.map((other) => ({ shard: other, lines: [line(other)] })),
    })
  const spent = async (shard: string) => (await remote.store.spend({ shard, lines: [line(shard)] }, START))[0]
  const openShards = async () =>
    (await remote.object('index', 'shards', { of: 'open', from: '', most: 100 })) as readonly [string, number][]
  const rowsOf = async (name: string) => (await remote.object(name, 'rows')) as ReadonlyMap<string, number>

  test('money is exact to the last nano-USD, near the largest that there is', async () => {
    const limit = 2n ** 62n + 3n
    const shard = 'key/rich'
    const hold = (id: string, amount: bigint) =>
      remote.store.hold({ ...LATER, id, shard, lines: [{ ...line(shard), limit }], amount, expiresAt: START + 1000 })
    expect(await settle(shard, 'a', 2n ** 62n - 1n)).toBe('booked')
    expect(await hold('b', 5n)).toEqual({ ok: false, account: shard, left: 4n })
    expect(await hold('b', 3n)).toEqual({ ok: true })
    expect(await spent(shard)).toEqual({ spent: 2n ** 62n - 1n, held: 3n })
    expect(await settle(shard, 'c', 1n)).toBe('booked')
    const { rows } = await remote.store.ledger({ most: 100 })
    expect(rows.filter((row) => row.shard === shard).map(({ bill }) => bill)).toEqual([2n ** 62n - 1n, 1n])
    expect(await hold('d', 1n)).toEqual({ ok: false, account: shard, left: 0n })
  })

  test('what a step wrote outlives the object, and the process', async () => {
    await settle('key/kept', 'a', 7n)
    await remote.crash()
    expect(await spent('key/kept')).toEqual({ spent: 7n, held: 0n })
    await server.restart()
    await settle('key/kept', 'a', 7n)
    expect(await spent('key/kept')).toEqual({ spent: 7n, held: 0n })
  })

  test('what an older worker wrote counts on: what is held, and which steps are over', async () => {
    const shard = 'key/older'
    const hold = (id: string, amount: bigint) =>
      remote.store.hold({
        ...LATER,
        id,
        shard,
        lines: [{ ...line(shard), limit: 100n }],
        amount,
        expiresAt: START + 1000,
      })
    await settle(shard, 'a', 7n)
    await hold('b', 30n)
    await remote.object(`shard/${shard}`, 'predate')
    await remote.crash()
    await settle(shard, 'a', 7n)
    expect(await spent(shard)).toEqual({ spent: 7n, held: 30n })
    await settle(shard, 'b', 11n)
    await remote.crash()
    expect(await hold('b', 30n)).toEqual({ ok: true })
    expect(await spent(shard)).toEqual({ spent: 18n, held: 0n })
    expect(await hold('c', 83n)).toEqual({ ok: false, account: shard, left: 82n })
  })

  test('a bill whose object dies before it answers is booked once: it is sent again under its id', async () => {
    await settle('key/late', 'a', 7n)
    await remote.object('shard/key/late', 'stumble')
    expect(await settle('key/late', 'b', 5n)).toBe('booked')
    expect(await spent('key/late')).toEqual({ spent: 12n, held: 0n })
    expect((await remote.store.ledger({ most: 9 })).rows.map(({ id }) => id)).toEqual(['a', 'b'])
  })

  test('a step that fails in its middle has changed nothing', async () => {
    const kept = { owner: 'o', kind: 'response', id: 'good', value: 'text', expiresAt: START + 1000 } as const
    const bad = { ...kept, id: 'bad', value: null as unknown as string }
    await expect(remote.store.keep([kept, bad], START)).rejects.toThrow('could not be asked')
    expect(await remote.store.recall({ owner: 'o', kind: 'response', ids: ['good', 'bad'], now: START })).toEqual(
      new Map(),
    )
  })

  test('each shard, and each owner, is an object of its own', async () => {
    await settle('key/one', 'a', 1n)
    const kept = { kind: 'response', id: 'r', value: 'text', expiresAt: START + 1000 } as const
    await remote.store.keep(
      [
        { ...kept, owner: 'one' },
        { ...kept, owner: 'two' },
      ],
      START,
    )
    expect((await rowsOf('shard/key/one')).get('account')).toBe(1)
    expect((await rowsOf('shard/key/other')).get('account')).toBe(0)
    for (const owner of ['one', 'two']) expect((await rowsOf(`owner/${owner}`)).get('keepsake')).toBe(1)
    expect((await rowsOf('owner/three')).get('keepsake')).toBe(0)
  })

  test('the ledger of all shards comes in pages, each row once', async () => {
    const shards = Array.from({ length: 40 }, (_, at) => `ledger/${at}%`)
    const wanted: string[] = []
    for (const shard of shards)
      for (const id of ['a', 'b', 'c']) {
        wanted.push(`${shard} ${id}`)
        await settle(shard, id, 1n)
      }
    for (const most of [1, 2, 50, 1000]) {
      const found: LedgerRow[] = []
      let cursor: string | undefined
      do {
        const page = await remote.store.ledger({ most, ...(cursor !== undefined && { cursor }) })
        expect(page.rows.length).toBeLessThanOrEqual(most)
        found.push(...page.rows)
        ;({ cursor } = page)
      } while (cursor !== undefined)
      const own = found.filter(({ shard }) => shard.startsWith('ledger/')).map(({ id, shard }) => `${shard} ${id}`)
      expect(own.toSorted()).toEqual(wanted.toSorted())
    }
    expect(await remote.store.trim(START + 1, 10)).toBe(10)
    expect(await remote.store.trim(START + 1, 1000)).toBe(110)
    expect((await remote.store.ledger({ most: 1000 })).rows).toEqual([])
  })

  test('a shard with more old rows than a step forgets is gone on with before others, until none is left anywhere', async () => {
    const shards = Array.from({ length: 24 }, (_, at) => `old/${String(at).padStart(2, '0')}`)
    for (const shard of shards) await settle(shard, 'first', 1n)
    for (let i = 0; i < 12; i++) await settle('old/00', `more-${i}`, 1n)
    // Nothing lies in those that come after the first eight.
    for (const shard of shards.slice(8)) await remote.object(`shard/${shard}`, 'trim', START + 1, 9)
    const steps: number[] = []
    do steps.push(await remote.store.trim(START + 1, 5))
    while (steps.at(-1) !== 0)
    expect(steps.reduce((sum, gone) => sum + gone, 0)).toBe(8 + 12)
    expect((await remote.store.ledger({ most: 100 })).rows).toEqual([])
  })

  test('an account that is not what its object’s ledger says is found and mended', async () => {
    for (const id of ['a', 'b']) await settle('key/wrong', id, 7n)
    await settle('key/right', 'c', 7n)
    await remote.object('shard/key/wrong', 'damage', 'update account set spent = 9')
    const found = [{ account: 'key/wrong', counted: 9n, ledger: 14n }]
    expect(await remote.store.audit(false)).toMatchObject(found)
    expect(await remote.store.audit(true)).toMatchObject(found)
    expect(await remote.store.audit(false)).toEqual([])
    expect([await spent('key/wrong'), await spent('key/right')]).toEqual([
      { spent: 14n, held: 0n },
      { spent: 7n, held: 0n },
    ])
  })

  test('open rows are found on whichever shard they are, until they are confirmed', async () => {
    await settle('key/root', 'x', 5n, ['team/a', 'team/b'])
    await settle('key/closed', 'y', 5n)
    const open = async () =>
      (await remote.store.open({ to: START + 1, most: 100 })).map(({ id, open }) => [id, open.map((one) => one.shard)])
    expect(await open()).toEqual([['x', ['team/a', 'team/b']]])
    expect(await remote.store.open({ to: START, most: 100 })).toEqual([])
    await remote.store.confirm({ shard: 'key/root', id: 'x' }, 'team/a')
    expect(await open()).toEqual([['x', ['team/b']]])
    await remote.store.confirm({ shard: 'key/root', id: 'x' }, 'team/b')
    const asked = async () => (await openShards()).map(([name]) => name)
    expect(await asked()).toEqual(['key/root'])
    expect(await open()).toEqual([])
    expect(await asked()).toEqual([])
    await settle('key/root', 'z', 5n, ['team/a'])
    expect(await open()).toEqual([['z', ['team/a']]])
  })

  test('shards whose rows stay open do not hide those of others', async () => {
    const shards = Array.from({ length: 40 }, (_, at) => `key/${at}`)
    for (const shard of shards) await settle(shard, 'x', 1n, ['team/a'])
    const found = new Set<string>()
    for (let round = 0; round < 3; round++)
      for (const { shard } of await remote.store.open({ to: START + 1, most: 1000 })) found.add(shard)
    expect([...found].toSorted()).toEqual(shards.toSorted())
  })

  test('a shard that was seen without open rows is not closed over one that came meanwhile', async () => {
    await settle('key/race', 'a', 1n, ['team/a'])
    await remote.store.confirm({ shard: 'key/race', id: 'a' }, 'team/a')
    const [found] = await openShards()
    const [name, mark] = found ?? ['', 0]
    expect(await remote.object(`shard/${name}`, 'openRows', { to: START + 1, most: 10 })).toEqual({
      rows: [],
      more: false,
    })
    await settle('key/race', 'b', 1n, ['team/a'])
    await remote.object('index', 'closed', name, mark)
    expect(
      (await remote.store.open({ to: START + 1, most: 100 })).filter(({ shard }) => shard === 'key/race'),
    ).toHaveLength(1)
  })

  test('what whoever booked it left open is booked elsewhere by the object itself, once', async () => {
    await settle('key/left', 'a', 5n, ['team/a', 'team/b'])
    const elsewhere = async () => [(await spent('team/a'))?.spent, (await spent('team/b'))?.spent]
    expect(await remote.object('shard/key/left', 'wake', START + 1000)).toBe(true)
    expect(await elsewhere()).toEqual([0n, 0n])
    await settle('team/b', 'a', 5n)
    for (const after of [20_000, 40_000]) await remote.object('shard/key/left', 'wake', START + after)
    expect(await elsewhere()).toEqual([5n, 5n])
    expect(await remote.store.open({ to: START + 60_000, most: 100 })).toEqual([])
  })

  test('what is too old to be known elsewhere is left to a count', async () => {
    await settle('key/old', 'a', 5n, ['team/a'])
    await remote.object('shard/key/old', 'wake', START + LAST_MESSAGE_MS + 1)
    expect((await spent('team/a'))?.spent).toBe(0n)
    expect(await remote.store.open({ to: START + LAST_MESSAGE_MS + 1, most: 100 })).toHaveLength(1)
  })

  test('what is too old does not stand in the way of what can still be booked elsewhere', async () => {
    const [shard, now] = ['key/stale', START + LAST_MESSAGE_MS + 1]
    await settle(shard, 'first', 5n)
    const stale = `with recursive n(i) as (select 1 union all select i + 1 from n where i < 1500)`
    await remote.object(
      `shard/${shard}`,
      'damage',
      `insert into ledger (id, shard, at, bill, lines) ${stale} select 'stale-' || i, '${shard}', ${START}, 5, '[]' from n;
       insert into unbooked select id, shard, 'team/stale', '[]', at, seq from ledger where id like 'stale-%';`,
    )
    const elsewhere = [{ shard: 'team/a', lines: [line('team/a')] }]
    await remote.store.settle({ id: 'newer', shard, lines: [], bill: 5n, elsewhere, now, notAfter: now })
    await remote.object(`shard/${shard}`, 'wake', now + 20_000)
    expect((await spent('team/a'))?.spent).toBe(5n)
    expect(await remote.store.open({ from: now, most: 9 })).toEqual([])
    expect(await remote.store.open({ most: 9 })).toHaveLength(9)
  })

  test('an object that nobody asks forgets what is over, and then sleeps', async () => {
    const [shard, object] = ['key/idle', 'shard/key/idle']
    const life = { now: START, expiresAt: START + 60_000 }
    const gates = [{ gate: shard, limits: { concurrency: 9 } }]
    await remote.store.admit({ ...life, id: 'slot', shard, gates, tokens: 1 })
    await remote.store.hold({ ...life, id: 'hold', shard, lines: [{ ...line(shard), limit: 9n }], amount: 1n })
    await settle(shard, 'settled', 1n)
    await remote.store.keep(
      [{ owner: 'idle', kind: 'response', id: 'r', value: 'text', expiresAt: START + 60_000 }],
      START,
    )
    expect((await rowsOf(object)).get('lease')).toBe(3)
    expect(await remote.object(object, 'wakes')).toBe(true)
    expect(await remote.object('owner/idle', 'wakes')).toBe(true)
    expect(await remote.object(object, 'wake', START + 60_000)).toBe(true)
    expect((await rowsOf(object)).get('lease')).toBe(1)
    expect(await remote.object(object, 'wake', START + REMEMBERED_MS)).toBe(false)
    expect((await rowsOf(object)).get('lease')).toBe(0)
    expect(await spent(shard)).toEqual({ spent: 1n, held: 0n })
    expect(await remote.object('owner/idle', 'wake', START + 60_000)).toBe(false)
    expect((await rowsOf('owner/idle')).get('keepsake')).toBe(0)
  })
})
