// What every store promises (src/core/state-store.ts, docs/state.md), one example a promise; the properties are laws 2,
// 3 and 4.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { linesAt } from '#src/accounting/payer.ts'
import type { BudgetPeriod, Key } from '#src/core/key.ts'
import { usd, type NanoUsd } from '#src/core/money.ts'
import type { StateStore } from '#src/core/state-store.ts'
import { createMemoryStore, REMEMBERED_STEPS } from '#src/state/memory.ts'
import { createSqliteStore } from '#src/state/sqlite.ts'
import { paying } from '../support/paying.ts'
import { START } from '../support/state-crash.ts'

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

const OK = { ok: true }

describe.each(STORES)('%s: limits', (_, create) => {
  test('a key without limits is always admitted', async () => {
    const { admit } = paying(create(), { id: 'k', tags: [] })
    for (let i = 0; i < 100; i++) expect(await admit(`r${i}`, START, 1e9)).toEqual(OK)
  })

  test('rpm: no more than the limit in any 60 s, and retryAfterMs is the first moment it fits', async () => {
    const { admit } = paying(create(), limited({ rpm: 2 }))
    expect(await admit('a', START)).toEqual(OK)
    expect(await admit('b', START + 30_500)).toEqual(OK)
    expect(await admit('c', START + 31_000)).toEqual({ ok: false, gate: 'key/k', limit: 'rpm', retryAfterMs: 30_000 })
    expect((await admit('c', START + 60_999)).ok).toBe(false)
    expect(await admit('c', START + 61_000)).toEqual(OK)
  })

  test('tpm: estimates count until `leave` corrects them, down and up', async () => {
    const { admit, leave } = paying(create(), limited({ tpm: 100 }))
    expect(await admit('a', START, 90)).toEqual(OK)
    expect(await admit('b', START, 20)).toEqual({ ok: false, gate: 'key/k', limit: 'tpm', retryAfterMs: 61_000 })
    await leave('a', START + 10, 80)
    expect(await admit('b', START + 20, 20)).toEqual(OK)
    await leave('b', START + 30, 50)
    expect((await admit('c', START + 40, 0)).ok).toBe(false)
  })

  test('tokens that can never fit: the time until the window is empty, not zero', async () => {
    const { admit } = paying(create(), limited({ tpm: 100 }))
    expect(await admit('a', START, 101)).toEqual({ ok: false, gate: 'key/k', limit: 'tpm', retryAfterMs: 60_000 })
  })

  test('concurrency: a slot comes back with `leave`, or to the ms when it expires', async () => {
    const { admit, leave } = paying(create(), limited({ concurrency: 2 }))
    expect(await admit('a', START)).toEqual(OK)
    expect(await admit('b', START + 1)).toEqual(OK)
    expect(await admit('c', START + 2)).toEqual({ ok: false, gate: 'key/k', limit: 'concurrency', retryAfterMs: 1000 })
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
    const { admit, leave } = paying(create(), limited({ rpm: 2, tpm: 100, concurrency: 1 }))
    expect(await admit('a', START, 40)).toEqual(OK)
    for (let i = 0; i < 20; i++) expect((await admit(`x${i}`, START, 60)).ok).toBe(false)
    await leave('a', START, 40)
    for (let i = 0; i < 20; i++) expect((await admit(`y${i}`, START, 61)).ok).toBe(false)
    expect(await admit('b', START, 60)).toEqual(OK)
  })

  test('asking twice, also after `leave`, changes nothing', async () => {
    const { admit, leave } = paying(create(), limited({ rpm: 2, concurrency: 2 }))
    for (let i = 0; i < 5; i++) expect(await admit('a', START)).toEqual(OK)
    await leave('a', START)
    expect(await admit('a', START)).toEqual(OK)
    expect(await admit('b', START)).toEqual(OK)
    expect((await admit('c', START)).ok).toBe(false)
  })

  test('keys do not share', async () => {
    const store = create()
    const a = paying(store, { ...limited({ rpm: 1 }), id: 'a' })
    const b = paying(store, { ...limited({ rpm: 1 }), id: 'b' })
    expect(await a.admit('1', START)).toEqual(OK)
    expect(await b.admit('2', START)).toEqual(OK)
    expect((await a.admit('3', START)).ok).toBe(false)
  })
})

describe.each(STORES)('%s: budgets', (_, create) => {
  test('a key without a budget holds and spends nothing', async () => {
    const { hold, settle, spend } = paying(create(), { id: 'k', tags: [] })
    expect(await hold('t', usd(1e6), START)).toEqual(OK)
    await settle('t', usd(1e6), START)
    expect(await spend(START)).toEqual({ spent: 0n, held: 0n })
  })

  test('spent and held together fit the limit, to the nano', async () => {
    const { hold, settle, spend } = paying(create(), budgeted(usd(100), 'day'))
    expect(await hold('a', usd(60), START)).toEqual(OK)
    await settle('a', usd(59), START + 1)
    expect(await hold('b', usd(41) + 1n, START + 2)).toEqual({ ok: false, account: 'key/k', left: usd(41) })
    expect(await hold('b', usd(41), START + 2)).toEqual(OK)
    expect(await spend(START + 3)).toEqual({ spent: usd(59), held: usd(41) })
  })

  test('holding or settling twice changes nothing', async () => {
    const { hold, settle, spend } = paying(create(), budgeted(100n, 'total'))
    for (let i = 0; i < 3; i++) expect(await hold('a', 60n, START)).toEqual(OK)
    expect(await spend(START)).toEqual({ spent: 0n, held: 60n })
    for (let i = 0; i < 3; i++) await settle('a', 50n, START)
    expect(await hold('a', 60n, START)).toEqual(OK)
    expect(await spend(START)).toEqual({ spent: 50n, held: 0n })
  })

  test('a hold expires to the ms; its bill is booked all the same, once', async () => {
    const { hold, settle, spend } = paying(create(), budgeted(100n, 'total'))
    await hold('a', 100n, START)
    expect((await hold('b', 1n, START + 59_999)).ok).toBe(false)
    expect(await hold('b', 100n, START + 60_000)).toEqual(OK)
    await settle('a', 70n, START + 60_001)
    await settle('a', 70n, START + 60_002)
    expect(await spend(START + 60_002)).toEqual({ spent: 70n, held: 100n })
  })

  test('holding again after the hold has expired is a new hold', async () => {
    const { hold, spend } = paying(create(), budgeted(100n, 'total'))
    await hold('a', 60n, START)
    expect(await hold('a', 70n, START + 60_000)).toEqual(OK)
    expect(await spend(START + 60_000)).toEqual({ spent: 0n, held: 70n })
  })

  test('a bill over its hold is booked whole and shuts the budget until the period turns', async () => {
    const { hold, settle, spend } = paying(create(), budgeted(100n, 'hour'))
    await hold('a', 10n, START)
    await settle('a', 170n, START)
    expect(await hold('b', 0n, START)).toEqual({ ok: false, account: 'key/k', left: 0n })
    expect(await spend(START + 3_599_999)).toEqual({ spent: 170n, held: 0n })
    expect(await hold('b', 100n, START + 3_600_000)).toEqual(OK)
  })

  test('what is held counts in the next period, and is booked in the one it is settled in', async () => {
    const { hold, settle, spend } = paying(create(), budgeted(100n, 'hour'))
    const before = START + 3_599_000
    await hold('a', 80n, before)
    expect(await hold('b', 30n, before + 1000)).toEqual({ ok: false, account: 'key/k', left: 20n })
    await settle('a', 75n, before + 2000)
    expect(await spend(before + 2000)).toEqual({ spent: 75n, held: 0n })
  })

  test('a clock that goes back does not empty the account', async () => {
    const { settle, spend } = paying(create(), budgeted(100n, 'hour'))
    await settle('a', 75n, START)
    expect(await spend(START - 1)).toEqual({ spent: 75n, held: 0n })
    await settle('b', 5n, START - 1)
    expect(await spend(START)).toEqual({ spent: 80n, held: 0n })
  })

  test('a total never resets, and amounts below zero count as nothing', async () => {
    const { hold, settle, spend } = paying(create(), budgeted(100n, 'total'))
    await settle('a', 90n, START)
    await settle('b', -50n, START)
    expect(await hold('c', -50n, START)).toEqual(OK)
    const later = START + 1e12
    expect(await spend(later)).toEqual({ spent: 90n, held: 0n })
    expect(await hold('d', 11n, later)).toEqual({ ok: false, account: 'key/k', left: 10n })
  })

  test('more money than a file of 64-bit integers usually sees', async () => {
    const { hold, settle, spend } = paying(create(), budgeted(usd(9e9), 'total'))
    expect(await hold('a', usd(8e9), START)).toEqual(OK)
    await settle('a', usd(8e9) + 1n, START)
    expect(await spend(START)).toEqual({ spent: usd(8e9) + 1n, held: 0n })
  })
})

describe.each(STORES)('%s: what is shared', (_, create) => {
  const tenant = { account: 'tenant/t', limit: 100n, per: 'day' } as const
  const lines = linesAt([{ account: 'key/k', limit: 80n, per: 'total' }, tenant], START)
  const gates = [
    { gate: 'key/k', limits: { rpm: 3 } },
    { gate: 'tenant/t', limits: { concurrency: 1, tpm: 10 } },
  ]
  const at = { shard: 'tenant/t', now: START, expiresAt: START + 60_000 }

  test('is held on every line or on none, and booked on every one', async () => {
    const store = create()
    const hold = (id: string, amount: bigint) => store.hold({ ...at, id, lines, amount })
    expect(await store.hold({ ...at, id: 'other', lines: linesAt([tenant], START), amount: 50n })).toEqual(OK)
    expect(await hold('a', 51n)).toEqual({ ok: false, account: 'tenant/t', left: 50n })
    expect(await hold('b', 81n)).toEqual({ ok: false, account: 'key/k', left: 80n })
    expect(await hold('c', 50n)).toEqual(OK)
    expect(await store.spend(lines, START)).toEqual([
      { spent: 0n, held: 50n },
      { spent: 0n, held: 100n },
    ])
    await store.settle({ ...at, id: 'c', lines, bill: 30n })
    expect(await store.spend(lines, START)).toEqual([
      { spent: 30n, held: 0n },
      { spent: 30n, held: 50n },
    ])
    // Each line has its own period.
    const later = START + 24 * 3_600_000
    expect(await store.spend(linesAt(lines, later), later)).toEqual([
      { spent: 30n, held: 0n },
      { spent: 0n, held: 0n },
    ])
  })

  test('of two clocks the one that is ahead turns the period, and the other one does not turn it back', async () => {
    const store = create()
    const day = 12 * 3_600_000
    const book = (id: string, now: number) => store.settle({ ...at, id, now, lines: linesAt([tenant], now), bill: 40n })
    await book('a', START + day - 1)
    await book('b', START + day)
    await book('c', START + day - 1)
    const spent = async (now: number) => (await store.spend(linesAt([tenant], now), now))[0]?.spent
    expect([await spent(START + day), await spent(START + day - 1)]).toEqual([80n, 80n])
  })

  test('is let in at every gate or at none, and the gate that has no room is named', async () => {
    const store = create()
    const admit = (id: string, tokens = 1) => store.admit({ ...at, id, gates, tokens })
    expect(await admit('a')).toEqual(OK)
    for (let i = 0; i < 9; i++)
      expect(await admit(`b${i}`)).toEqual({ ok: false, gate: 'tenant/t', limit: 'concurrency', retryAfterMs: 1000 })
    expect(await admit('c', 10)).toEqual({ ok: false, gate: 'tenant/t', limit: 'tpm', retryAfterMs: 61_000 })
    await store.leave({ ...at, id: 'a' }, 0, START)
    expect(await admit('d')).toEqual(OK)
    await store.leave({ ...at, id: 'd' }, 0, START)
    expect(await admit('e')).toEqual(OK)
    await store.leave({ ...at, id: 'e' }, 0, START)
    expect(await admit('f')).toEqual({ ok: false, gate: 'key/k', limit: 'rpm', retryAfterMs: 61_000 })
  })

  test('what is withdrawn counts nowhere, and what comes late withdraws nothing', async () => {
    const store = create()
    const admit = (id: string) =>
      store.admit({ ...at, id, gates: [{ gate: 'g', limits: { rpm: 1, tpm: 5 } }], tokens: 5 })
    expect(await admit('a')).toEqual(OK)
    expect((await admit('b')).ok).toBe(false)
    for (let i = 0; i < 2; i++) await store.withdraw({ ...at, id: 'a' }, START)
    expect(await admit('b')).toEqual(OK)
    await store.withdraw({ ...at, id: 'a' }, START)
    expect((await admit('c')).ok).toBe(false)
  })

  test('of one id, steps on two shards are two steps', async () => {
    const store = create()
    const hold = (shard: string) =>
      store.hold({ ...at, shard, id: 'a', lines: linesAt([{ ...tenant, account: shard }], START), amount: 100n })
    expect([await hold('x'), await hold('y')]).toEqual([OK, OK])
    await store.settle({ ...at, shard: 'x', id: 'a', lines: linesAt([{ ...tenant, account: 'x' }], START), bill: 7n })
    expect(
      await store.spend(
        linesAt(
          [
            { ...tenant, account: 'x' },
            { ...tenant, account: 'y' },
          ],
          START,
        ),
        START,
      ),
    ).toEqual([
      { spent: 7n, held: 0n },
      { spent: 0n, held: 100n },
    ])
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
    const { admit, hold, settle, leave } = paying(store, key)
    void admit(`r${i}`, now, 1, 5000)
    void hold(`t${i}`, 1n, now, 5000)
    if (i % 3 === 0) continue
    void settle(`t${i}`, 1n, now)
    void leave(`r${i}`, now, 1)
  }
  now += 2 * 3_600_000
  const other: Key = { id: 'other', tags: [], limits: { concurrency: 1 } }
  const { admit } = paying(store, other)
  for (let i = 0; i < 100_000; i++) void admit(`other${i}`, now, 0, 1)
  expect(store.size()).toEqual({ gates: 1, slots: 1, accounts: 0, holds: 0 })
})

test('memory: the last settlements are remembered, a bounded number of them', async () => {
  const { settle, spend } = paying(createMemoryStore(), budgeted(10n ** 9n, 'total'))
  for (let i = 0; i < REMEMBERED_STEPS; i++) await settle(`t${i}`, 1n, START)
  for (let i = 0; i < REMEMBERED_STEPS; i++) await settle(`t${i}`, 1n, START)
  expect((await spend(START)).spent).toBe(BigInt(REMEMBERED_STEPS))
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
