// What every store promises (src/core/state-store.ts, docs/state.md), one example a promise; the properties are laws 2,
// 3 and 4.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterAll, describe, expect, test } from 'vitest'
import type { BudgetPeriod, Key } from '#src/core/key.ts'
import { usd, type NanoUsd } from '#src/core/money.ts'
import type { StateStore } from '#src/core/state-store.ts'
import { createMemoryStore, REMEMBERED_STEPS } from '#src/state/memory.ts'
import { createSqliteStore } from '#src/state/sqlite.ts'
import { CRASH_KEY, START } from '../support/state-crash.ts'

const folder = mkdtempSync(join(tmpdir(), 'tutti-contract-'))
const opened: StateStore[] = []
let files = 0
afterAll(() => {
  for (const store of opened) void store.close()
  rmSync(folder, { recursive: true })
})

function newFile(): string {
  return join(folder, `${files++}.db`)
}

function sqlite(path = newFile()): StateStore {
  const store = createSqliteStore(path)
  opened.push(store)
  return store
}

const STORES: readonly [string, () => StateStore][] = [
  ['memory', createMemoryStore],
  ['sqlite', sqlite],
]

function limited(limits: NonNullable<Key['limits']>): Key {
  return { id: 'k', tags: [], limits }
}

function budgeted(limit: NanoUsd, per: BudgetPeriod): Key {
  return { id: 'k', tags: [], budget: { limit, per } }
}

/** Requests and attempts of one key with short ids; a minute to live. */
function caller(store: StateStore, key: Key) {
  return {
    admit: (id: string, now: number, tokens = 0) => store.admit({ id, key, tokens, now, expiresAt: now + 60_000 }),
    leave: (id: string, now: number, tokens = 0) => store.leave(id, tokens, now),
    hold: (id: string, amount: bigint, now: number) => store.hold({ id, key, amount, now, expiresAt: now + 60_000 }),
    settle: (id: string, bill: bigint, now: number) => store.settle(id, key, bill, now),
    spend: (now: number) => store.spend(key, now),
  }
}

const OK = { ok: true }

describe.each(STORES)('%s: limits', (_, create) => {
  test('a key without limits is always admitted', async () => {
    const { admit } = caller(create(), { id: 'k', tags: [] })
    for (let i = 0; i < 100; i++) expect(await admit(`r${i}`, START, 1e9)).toEqual(OK)
  })

  test('rpm: no more than the limit in any 60 s, and retryAfterMs is the first moment it fits', async () => {
    const { admit } = caller(create(), limited({ rpm: 2 }))
    expect(await admit('a', START)).toEqual(OK)
    expect(await admit('b', START + 30_500)).toEqual(OK)
    expect(await admit('c', START + 31_000)).toEqual({ ok: false, limit: 'rpm', retryAfterMs: 30_000 })
    expect((await admit('c', START + 60_999)).ok).toBe(false)
    expect(await admit('c', START + 61_000)).toEqual(OK)
  })

  test('tpm: estimates count until `leave` corrects them, down and up', async () => {
    const { admit, leave } = caller(create(), limited({ tpm: 100 }))
    expect(await admit('a', START, 90)).toEqual(OK)
    expect(await admit('b', START, 20)).toEqual({ ok: false, limit: 'tpm', retryAfterMs: 61_000 })
    await leave('a', START + 10, 80)
    expect(await admit('b', START + 20, 20)).toEqual(OK)
    await leave('b', START + 30, 50)
    expect((await admit('c', START + 40, 0)).ok).toBe(false)
  })

  test('tokens that can never fit: the time until the window is empty, not zero', async () => {
    const { admit } = caller(create(), limited({ tpm: 100 }))
    expect(await admit('a', START, 101)).toEqual({ ok: false, limit: 'tpm', retryAfterMs: 60_000 })
  })

  test('concurrency: a slot comes back with `leave`, or to the ms when it expires', async () => {
    const { admit, leave } = caller(create(), limited({ concurrency: 2 }))
    expect(await admit('a', START)).toEqual(OK)
    expect(await admit('b', START + 1)).toEqual(OK)
    expect(await admit('c', START + 2)).toEqual({ ok: false, limit: 'concurrency', retryAfterMs: 1000 })
    await leave('b', START + 3)
    await leave('b', START + 3)
    expect(await admit('c', START + 4)).toEqual(OK)
    expect((await admit('d', START + 59_999)).ok).toBe(false)
    expect(await admit('d', START + 60_000)).toEqual(OK)
    // Its slot was freed already: a late `leave` frees no other.
    await leave('a', START + 60_001)
    expect((await admit('e', START + 60_001)).ok).toBe(false)
  })

  test('a refusal by one limit counts against none', async () => {
    const { admit, leave } = caller(create(), limited({ rpm: 2, tpm: 100, concurrency: 1 }))
    expect(await admit('a', START, 40)).toEqual(OK)
    for (let i = 0; i < 20; i++) expect((await admit(`x${i}`, START, 60)).ok).toBe(false)
    await leave('a', START, 40)
    for (let i = 0; i < 20; i++) expect((await admit(`y${i}`, START, 61)).ok).toBe(false)
    expect(await admit('b', START, 60)).toEqual(OK)
  })

  test('asking twice, also after `leave`, changes nothing', async () => {
    const { admit, leave } = caller(create(), limited({ rpm: 2, concurrency: 2 }))
    for (let i = 0; i < 5; i++) expect(await admit('a', START)).toEqual(OK)
    await leave('a', START)
    expect(await admit('a', START)).toEqual(OK)
    expect(await admit('b', START)).toEqual(OK)
    expect((await admit('c', START)).ok).toBe(false)
  })

  test('keys do not share', async () => {
    const store = create()
    const a = caller(store, { ...limited({ rpm: 1 }), id: 'a' })
    const b = caller(store, { ...limited({ rpm: 1 }), id: 'b' })
    expect(await a.admit('1', START)).toEqual(OK)
    expect(await b.admit('2', START)).toEqual(OK)
    expect((await a.admit('3', START)).ok).toBe(false)
  })
})

describe.each(STORES)('%s: budgets', (_, create) => {
  test('a key without a budget holds and spends nothing', async () => {
    const { hold, settle, spend } = caller(create(), { id: 'k', tags: [] })
    expect(await hold('t', usd(1e6), START)).toEqual(OK)
    await settle('t', usd(1e6), START)
    expect(await spend(START)).toEqual({ spent: 0n, held: 0n })
  })

  test('spent and held together fit the limit, to the nano', async () => {
    const { hold, settle, spend } = caller(create(), budgeted(usd(100), 'day'))
    expect(await hold('a', usd(60), START)).toEqual(OK)
    await settle('a', usd(59), START + 1)
    expect(await hold('b', usd(41) + 1n, START + 2)).toEqual({
      ok: false,
      left: usd(41),
      resetsInMs: 12 * 3_600_000 - 2,
    })
    expect(await hold('b', usd(41), START + 2)).toEqual(OK)
    expect(await spend(START + 3)).toEqual({ spent: usd(59), held: usd(41) })
  })

  test('holding or settling twice changes nothing', async () => {
    const { hold, settle, spend } = caller(create(), budgeted(100n, 'total'))
    for (let i = 0; i < 3; i++) expect(await hold('a', 60n, START)).toEqual(OK)
    expect(await spend(START)).toEqual({ spent: 0n, held: 60n })
    for (let i = 0; i < 3; i++) await settle('a', 50n, START)
    expect(await hold('a', 60n, START)).toEqual(OK)
    expect(await spend(START)).toEqual({ spent: 50n, held: 0n })
  })

  test('a hold expires to the ms; its bill is booked all the same, once', async () => {
    const { hold, settle, spend } = caller(create(), budgeted(100n, 'total'))
    await hold('a', 100n, START)
    expect((await hold('b', 1n, START + 59_999)).ok).toBe(false)
    expect(await hold('b', 100n, START + 60_000)).toEqual(OK)
    await settle('a', 70n, START + 60_001)
    await settle('a', 70n, START + 60_002)
    expect(await spend(START + 60_002)).toEqual({ spent: 70n, held: 100n })
  })

  test('holding again after the hold has expired is a new hold', async () => {
    const { hold, spend } = caller(create(), budgeted(100n, 'total'))
    await hold('a', 60n, START)
    expect(await hold('a', 70n, START + 60_000)).toEqual(OK)
    expect(await spend(START + 60_000)).toEqual({ spent: 0n, held: 70n })
  })

  test('a bill over its hold is booked whole and shuts the budget until the period turns', async () => {
    const { hold, settle, spend } = caller(create(), budgeted(100n, 'hour'))
    await hold('a', 10n, START)
    await settle('a', 170n, START)
    expect(await hold('b', 0n, START)).toEqual({ ok: false, left: 0n, resetsInMs: 3_600_000 })
    expect(await spend(START + 3_599_999)).toEqual({ spent: 170n, held: 0n })
    expect(await hold('b', 100n, START + 3_600_000)).toEqual(OK)
  })

  test('what is held counts in the next period, and is booked in the one it is settled in', async () => {
    const { hold, settle, spend } = caller(create(), budgeted(100n, 'hour'))
    const before = START + 3_599_000
    await hold('a', 80n, before)
    expect(await hold('b', 30n, before + 1000)).toEqual({ ok: false, left: 20n, resetsInMs: 3_600_000 })
    await settle('a', 75n, before + 2000)
    expect(await spend(before + 2000)).toEqual({ spent: 75n, held: 0n })
  })

  test('a clock that goes back does not empty the account', async () => {
    const { settle, spend } = caller(create(), budgeted(100n, 'hour'))
    await settle('a', 75n, START)
    expect(await spend(START - 1)).toEqual({ spent: 75n, held: 0n })
    await settle('b', 5n, START - 1)
    expect(await spend(START)).toEqual({ spent: 80n, held: 0n })
  })

  test('a total never resets, and amounts below zero count as nothing', async () => {
    const { hold, settle, spend } = caller(create(), budgeted(100n, 'total'))
    await settle('a', 90n, START)
    await settle('b', -50n, START)
    expect(await hold('c', -50n, START)).toEqual(OK)
    const later = START + 1e12
    expect(await spend(later)).toEqual({ spent: 90n, held: 0n })
    expect(await hold('d', 11n, later)).toEqual({ ok: false, left: 10n })
  })

  test('more money than a file of 64-bit integers usually sees', async () => {
    const { hold, settle, spend } = caller(create(), budgeted(usd(9e9), 'total'))
    expect(await hold('a', usd(8e9), START)).toEqual(OK)
    await settle('a', usd(8e9) + 1n, START)
    expect(await spend(START)).toEqual({ spent: usd(8e9) + 1n, held: 0n })
  })
})

test('memory: what is over is forgotten, without a timer', () => {
  const store = createMemoryStore()
  let now = START
  for (let i = 0; i < 50_000; i++) {
    const key: Key = {
      id: `k${i % 5000}`,
      tags: [],
      budget: { limit: 10n, per: 'hour' },
      limits: { rpm: 10, concurrency: 5 },
    }
    now += 20
    // One in three never comes back.
    void store.admit({ id: `r${i}`, key, tokens: 1, now, expiresAt: now + 5000 })
    void store.hold({ id: `t${i}`, key, amount: 1n, now, expiresAt: now + 5000 })
    if (i % 3 === 0) continue
    void store.settle(`t${i}`, key, 1n, now)
    void store.leave(`r${i}`, 1, now)
  }
  now += 2 * 3_600_000
  const other: Key = { id: 'other', tags: [], limits: { concurrency: 1 } }
  for (let i = 0; i < 100_000; i++)
    void store.admit({ id: `other${i}`, key: other, tokens: 0, now, expiresAt: now + 1 })
  expect(store.size()).toEqual({ limitedKeys: 1, slots: 1, budgetedKeys: 0, holds: 0 })
})

test('memory: the last settlements are remembered, a bounded number of them', async () => {
  const { settle, spend } = caller(createMemoryStore(), budgeted(10n ** 9n, 'total'))
  for (let i = 0; i < REMEMBERED_STEPS; i++) await settle(`t${i}`, 1n, START)
  for (let i = 0; i < REMEMBERED_STEPS; i++) await settle(`t${i}`, 1n, START)
  expect((await spend(START)).spent).toBe(BigInt(REMEMBERED_STEPS))
})

function leases(path: string): number {
  const db = new DatabaseSync(path)
  const row = db.prepare('select count(*) as n from lease').get()
  db.close()
  return Number(row?.['n'])
}

describe('sqlite: the file', () => {
  test('outlives kill -9 to the nano', async () => {
    const path = newFile()
    const child = join(import.meta.dirname, '../support/state-crash-child.ts')
    const { signal, stderr } = spawnSync(process.execPath, [child, path], { encoding: 'utf8' })
    expect(signal, stderr).toBe('SIGKILL')
    const { admit, hold, settle, spend } = caller(sqlite(path), CRASH_KEY)
    expect(await spend(START + 1)).toEqual({ spent: 33n, held: 80n })
    expect((await admit('r3', START + 1)).ok).toBe(false)
    expect(await hold('t3', 8n, START + 1)).toMatchObject({ ok: false, left: 7n })
    await settle('t0', 33n, START + 1)
    await settle('t1', 40n, START + 1)
    expect(await hold('t3', 47n, START + 60_000)).toEqual(OK)
    expect(await admit('r3', START + 60_000)).toEqual(OK)
  })

  test('several that are open at once are one store', async () => {
    const path = newFile()
    const [a, b] = [caller(sqlite(path), CRASH_KEY), caller(sqlite(path), CRASH_KEY)]
    expect(await a.hold('a', 120n, START)).toEqual(OK)
    expect((await b.hold('b', 1n, START)).ok).toBe(false)
    await b.settle('a', 20n, START)
    expect(await a.spend(START)).toEqual({ spent: 20n, held: 0n })
  })

  test('does not keep what is over', async () => {
    const path = newFile()
    const { hold, settle } = caller(sqlite(path), budgeted(10n ** 9n, 'total'))
    for (let i = 0; i < 300; i++) {
      await hold(`t${i}`, 1n, START + i * 60_000)
      if (i % 2 === 0) await settle(`t${i}`, 1n, START + i * 60_000)
    }
    expect(leases(path)).toBeLessThan(15)
    const { admit, leave } = caller(sqlite(path), limited({ concurrency: 1000 }))
    for (let i = 300; i < 600; i++) {
      await admit(`r${i}`, START + i * 60_000)
      if (i % 2 === 0) await leave(`r${i}`, START + i * 60_000)
    }
    expect(leases(path)).toBeLessThan(15)
  })

  test('of a newer version is refused with a mend, and one that cannot be opened too', () => {
    const path = newFile()
    void createSqliteStore(path).close()
    const db = new DatabaseSync(path)
    db.exec('update schema_version set version = 4')
    db.close()
    expect(() => createSqliteStore(path)).toThrow(/schema 4.*use the tutti that wrote it/)
    expect(() => createSqliteStore(join(folder, 'no/such/folder/x.db'))).toThrow(/cannot open the state file `.*x\.db`/)
  })

  test('is closed once, twice is fine', () => {
    const store = createSqliteStore(newFile())
    void store.close()
    void store.close()
  })
})

describe.each(STORES)('%s: keepsakes', (_, create) => {
  const one = { owner: 'a', kind: 'response', id: 'r1', value: '{"한":1}', expiresAt: START + 1000 } as const
  const ids = ['r1', 'r2']

  test('are found by their owner, kind and id, and by nobody else', async () => {
    const store = create()
    await store.keep([one, { ...one, id: 'r2', value: 'two' }], START)
    expect([...(await store.recall({ owner: 'a', kind: 'response', ids, now: START }))]).toEqual([
      ['r1', '{"한":1}'],
      ['r2', 'two'],
    ])
    expect([...(await store.recall({ owner: 'b', kind: 'response', ids, now: START }))]).toEqual([])
    expect([...(await store.recall({ owner: 'a', kind: 'signature', ids, now: START }))]).toEqual([])
  })

  test('are gone at their time, when they are forgotten, and replaced by newer ones', async () => {
    const store = create()
    await store.keep([one], START)
    await store.keep([{ ...one, value: 'newer' }], START)
    const at = async (now: number) => [...(await store.recall({ owner: 'a', kind: 'response', ids, now })).values()]
    expect(await at(START + 999)).toEqual(['newer'])
    expect(await at(START + 1000)).toEqual([])
    expect(await store.forget({ owner: 'b', kind: 'response', id: 'r1' })).toBe(false)
    expect(await store.forget({ owner: 'a', kind: 'response', id: 'r1' })).toBe(true)
    expect(await store.forget({ owner: 'a', kind: 'response', id: 'r1' })).toBe(false)
    expect(await at(START)).toEqual([])
  })
})

test('memory: what is kept is bounded, the oldest goes first', async () => {
  const store = createMemoryStore()
  const value = 'x'.repeat(16 * 1024 * 1024)
  for (let index = 0; index < 6; index++)
    await store.keep([{ owner: '', kind: 'response', id: String(index), value, expiresAt: START + 1 }], START)
  const found = await store.recall({ owner: '', kind: 'response', ids: ['0', '1', '2', '3', '4', '5'], now: START })
  expect([...found.keys()]).toEqual(['2', '3', '4', '5'])
})

test.each([
  [1, 'drop table keepsake; drop table denial;'],
  [2, 'drop table denial;'],
])('sqlite: a file of version %i keeps what it has and gains what it lacks', async (version, lacks) => {
  const path = newFile()
  const older = sqlite(path)
  await older.close()
  const db = new DatabaseSync(path)
  db.exec(`${lacks} update schema_version set version = ${version}`)
  db.close()
  const store = sqlite(path)
  await store.deny('a', '{}')
  expect([...(await store.denied())]).toEqual([['a', '{}']])
  await store.keep([{ owner: '', kind: 'signature', id: 'c', value: 'v', expiresAt: START + 1 }], START)
  expect([...(await store.recall({ owner: '', kind: 'signature', ids: ['c'], now: START })).values()]).toEqual(['v'])
})

describe.each(STORES)('%s: denials', (_, create) => {
  test('stay until they are lifted, each under its name', async () => {
    const store = create()
    await store.deny('b', '1')
    await store.deny('a', '2')
    await store.deny('b', '3')
    expect(new Map(await store.denied())).toEqual(
      new Map([
        ['a', '2'],
        ['b', '3'],
      ]),
    )
    expect(await store.lift('b')).toBe(true)
    expect(await store.lift('b')).toBe(false)
    expect([...(await store.denied()).keys()]).toEqual(['a'])
  })
})
