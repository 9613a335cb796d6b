// What every store promises (src/core/state-store.ts, docs/state.md), one example a promise; the properties are laws 2, 3 and 4. Runs in every runtime.
import { describe, expect, test } from 'vitest'
import { linesAt } from '#src/accounting/payer.ts'
import type { BudgetPeriod, Key } from '#src/core/key.ts'
import { usd, type NanoUsd } from '#src/core/money.ts'
import type { StateStore } from '#src/core/state-store.ts'
import { paying } from './paying.ts'
import { lateContractOf } from './state-late-suite.ts'
import { ledgerContractOf } from './state-ledger-suite.ts'
import { START } from './state-model.ts'

function limited(limits: NonNullable<Key['limits']>): Key {
  return { id: 'k', tags: [], limits }
}

function budgeted(limit: NanoUsd, per: BudgetPeriod): Key {
  return { id: 'k', tags: [], budget: { limit, per } }
}

const OK = { ok: true }

/** `create` makes a store with nothing in it. */
export function contractOf(create: () => StateStore | Promise<StateStore>): void {
  describe('limits', () => {
    test('a key without limits is always admitted', async () => {
      const { admit } = paying(await create(), { id: 'k', tags: [] })
      for (let i = 0; i < 100; i++) expect(await admit(`r${i}`, START, 1e9)).toMatchObject(OK)
    })

    test('rpm: no more than the limit in any 60 s, and retryAfterMs is the first moment it fits', async () => {
      const { admit } = paying(await create(), limited({ rpm: 2 }))
      expect(await admit('a', START)).toMatchObject(OK)
      expect(await admit('b', START + 30_500)).toMatchObject(OK)
      expect(await admit('c', START + 31_000)).toMatchObject({
        ok: false,
        gate: 'key/k',
        limit: 'rpm',
        retryAfterMs: 30_000,
      })
      expect((await admit('c', START + 60_999)).ok).toBe(false)
      expect(await admit('c', START + 61_000)).toMatchObject(OK)
    })

    test('tpm: estimates count until `leave` corrects them, down and up', async () => {
      const { admit, leave } = paying(await create(), limited({ tpm: 100 }))
      expect(await admit('a', START, 90)).toMatchObject(OK)
      expect(await admit('b', START, 20)).toMatchObject({
        ok: false,
        gate: 'key/k',
        limit: 'tpm',
        retryAfterMs: 61_000,
      })
      await leave('a', START + 10, 80)
      expect(await admit('b', START + 20, 20)).toMatchObject(OK)
      await leave('b', START + 30, 50)
      expect((await admit('c', START + 40, 0)).ok).toBe(false)
    })

    test('tokens that can never fit: the time until the window is empty, not zero', async () => {
      const { admit } = paying(await create(), limited({ tpm: 100 }))
      expect(await admit('a', START, 101)).toMatchObject({
        ok: false,
        gate: 'key/k',
        limit: 'tpm',
        retryAfterMs: 60_000,
      })
    })

    test('concurrency: a slot comes back with `leave`, or to the ms when it expires', async () => {
      const { admit, leave } = paying(await create(), limited({ concurrency: 2 }))
      expect(await admit('a', START)).toMatchObject(OK)
      expect(await admit('b', START + 1)).toMatchObject(OK)
      expect(await admit('c', START + 2)).toMatchObject({
        ok: false,
        gate: 'key/k',
        limit: 'concurrency',
        retryAfterMs: 1000,
      })
      await leave('b', START + 3)
      await leave('b', START + 3)
      expect(await admit('c', START + 4)).toMatchObject(OK)
      expect((await admit('d', START + 59_999)).ok).toBe(false)
      expect(await admit('d', START + 60_000)).toMatchObject(OK)
      // Its slot was freed already: a late `leave` frees no other.
      await leave('a', START + 60_001)
      expect((await admit('e', START + 60_001)).ok).toBe(false)
    })

    test('a refusal by one limit counts against none', async () => {
      const { admit, leave } = paying(await create(), limited({ rpm: 2, tpm: 100, concurrency: 1 }))
      expect(await admit('a', START, 40)).toMatchObject(OK)
      for (let i = 0; i < 20; i++) expect((await admit(`x${i}`, START, 60)).ok).toBe(false)
      await leave('a', START, 40)
      for (let i = 0; i < 20; i++) expect((await admit(`y${i}`, START, 61)).ok).toBe(false)
      expect(await admit('b', START, 60)).toMatchObject(OK)
    })

    test('asking twice, also after `leave`, changes nothing', async () => {
      const { admit, leave } = paying(await create(), limited({ rpm: 2, concurrency: 2 }))
      for (let i = 0; i < 5; i++) expect(await admit('a', START)).toMatchObject(OK)
      await leave('a', START)
      expect(await admit('a', START)).toMatchObject(OK)
      expect(await admit('b', START)).toMatchObject(OK)
      expect((await admit('c', START)).ok).toBe(false)
    })

    test('keys do not share', async () => {
      const store = await create()
      const a = paying(store, { ...limited({ rpm: 1 }), id: 'a' })
      const b = paying(store, { ...limited({ rpm: 1 }), id: 'b' })
      expect(await a.admit('1', START)).toMatchObject(OK)
      expect(await b.admit('2', START)).toMatchObject(OK)
      expect((await a.admit('3', START)).ok).toBe(false)
    })
  })

  describe('budgets', () => {
    test('a key without a budget holds and spends nothing', async () => {
      const { hold, settle, spend } = paying(await create(), { id: 'k', tags: [] })
      expect(await hold('t', usd(1e6), START)).toMatchObject(OK)
      await settle('t', usd(1e6), START)
      expect(await spend(START)).toEqual({ spent: 0n, held: 0n })
    })

    test('spent and held together fit the limit, to the nano', async () => {
      const { hold, settle, spend } = paying(await create(), budgeted(usd(100), 'day'))
      expect(await hold('a', usd(60), START)).toMatchObject(OK)
      await settle('a', usd(59), START + 1)
      expect(await hold('b', usd(41) + 1n, START + 2)).toEqual({ ok: false, account: 'key/k', left: usd(41) })
      expect(await hold('b', usd(41), START + 2)).toMatchObject(OK)
      expect(await spend(START + 3)).toEqual({ spent: usd(59), held: usd(41) })
    })

    test('holding or settling twice changes nothing', async () => {
      const { hold, settle, spend } = paying(await create(), budgeted(100n, 'total'))
      for (let i = 0; i < 3; i++) expect(await hold('a', 60n, START)).toMatchObject(OK)
      expect(await spend(START)).toEqual({ spent: 0n, held: 60n })
      for (let i = 0; i < 3; i++) await settle('a', 50n, START)
      expect(await hold('a', 60n, START)).toMatchObject(OK)
      expect(await spend(START)).toEqual({ spent: 50n, held: 0n })
    })

    test('a hold expires to the ms; its bill is booked all the same, once', async () => {
      const { hold, settle, spend } = paying(await create(), budgeted(100n, 'total'))
      await hold('a', 100n, START)
      expect((await hold('b', 1n, START + 59_999)).ok).toBe(false)
      expect(await hold('b', 100n, START + 60_000)).toMatchObject(OK)
      await settle('a', 70n, START + 60_001)
      await settle('a', 70n, START + 60_002)
      expect(await spend(START + 60_002)).toEqual({ spent: 70n, held: 100n })
    })

    test('holding again after the hold has expired is a new hold', async () => {
      const { hold, spend } = paying(await create(), budgeted(100n, 'total'))
      await hold('a', 60n, START)
      expect(await hold('a', 70n, START + 60_000)).toMatchObject(OK)
      expect(await spend(START + 60_000)).toEqual({ spent: 0n, held: 70n })
    })

    test('a bill over its hold is booked whole and shuts the budget until the period turns', async () => {
      const { hold, settle, spend } = paying(await create(), budgeted(100n, 'hour'))
      await hold('a', 10n, START)
      await settle('a', 170n, START)
      expect(await hold('b', 0n, START)).toEqual({ ok: false, account: 'key/k', left: 0n })
      expect(await spend(START + 3_599_999)).toEqual({ spent: 170n, held: 0n })
      expect(await hold('b', 100n, START + 3_600_000)).toMatchObject(OK)
    })

    test('what is held counts in the next period, and is booked in the one it is settled in', async () => {
      const { hold, settle, spend } = paying(await create(), budgeted(100n, 'hour'))
      const before = START + 3_599_000
      await hold('a', 80n, before)
      expect(await hold('b', 30n, before + 1000)).toEqual({ ok: false, account: 'key/k', left: 20n })
      await settle('a', 75n, before + 2000)
      expect(await spend(before + 2000)).toEqual({ spent: 75n, held: 0n })
    })

    test('a clock that goes back does not empty the account', async () => {
      const { settle, spend } = paying(await create(), budgeted(100n, 'hour'))
      await settle('a', 75n, START)
      expect(await spend(START - 1)).toEqual({ spent: 75n, held: 0n })
      await settle('b', 5n, START - 1)
      expect(await spend(START)).toEqual({ spent: 80n, held: 0n })
    })

    test('a total never resets, and amounts below zero count as nothing', async () => {
      const { hold, settle, spend } = paying(await create(), budgeted(100n, 'total'))
      await settle('a', 90n, START)
      await settle('b', -50n, START)
      expect(await hold('c', -50n, START)).toMatchObject(OK)
      const later = START + 1e12
      expect(await spend(later)).toEqual({ spent: 90n, held: 0n })
      expect(await hold('d', 11n, later)).toEqual({ ok: false, account: 'key/k', left: 10n })
    })

    test('more money than a file of 64-bit integers usually sees', async () => {
      const { hold, settle, spend } = paying(await create(), budgeted(usd(9e9), 'total'))
      expect(await hold('a', usd(8e9), START)).toMatchObject(OK)
      await settle('a', usd(8e9) + 1n, START)
      expect(await spend(START)).toEqual({ spent: usd(8e9) + 1n, held: 0n })
    })
  })

  describe('what is shared', () => {
    const tenant = { account: 'tenant/t', limit: 100n, per: 'day' } as const
    const lines = linesAt([{ account: 'key/k', limit: 80n, per: 'total' }, tenant], START)
    const gates = [
      { gate: 'key/k', limits: { rpm: 3 } },
      { gate: 'tenant/t', limits: { concurrency: 1, tpm: 10 } },
    ]
    const at = { shard: 'tenant/t', now: START, expiresAt: START + 60_000, notAfter: START + 90_000_000 }

    test('is held on every line or on none, and booked on every one', async () => {
      const store = await create()
      const hold = (id: string, amount: bigint) => store.hold({ ...at, id, lines, amount })
      expect(await store.hold({ ...at, id: 'other', lines: linesAt([tenant], START), amount: 50n })).toMatchObject(OK)
      expect(await hold('a', 51n)).toEqual({ ok: false, account: 'tenant/t', left: 50n })
      expect(await hold('b', 81n)).toEqual({ ok: false, account: 'key/k', left: 80n })
      expect(await hold('c', 50n)).toMatchObject(OK)
      expect(await store.spend({ ...at, lines }, START)).toEqual([
        { spent: 0n, held: 50n },
        { spent: 0n, held: 100n },
      ])
      await store.settle({ ...at, id: 'c', lines, bill: 30n })
      expect(await store.spend({ ...at, lines }, START)).toEqual([
        { spent: 30n, held: 0n },
        { spent: 30n, held: 50n },
      ])
      // Each line has its own period.
      const later = START + 24 * 3_600_000
      expect(await store.spend({ ...at, lines: linesAt(lines, later) }, later)).toEqual([
        { spent: 30n, held: 0n },
        { spent: 0n, held: 0n },
      ])
    })

    test('of two clocks the one that is ahead turns the period, and the other one does not turn it back', async () => {
      const store = await create()
      const day = 12 * 3_600_000
      const book = (id: string, now: number) =>
        store.settle({ ...at, id, now, lines: linesAt([tenant], now), bill: 40n })
      await book('a', START + day - 1)
      await book('b', START + day)
      await book('c', START + day - 1)
      const spent = async (now: number) => (await store.spend({ ...at, lines: linesAt([tenant], now) }, now))[0]?.spent
      expect([await spent(START + day), await spent(START + day - 1)]).toEqual([80n, 80n])
    })

    test('is let in at every gate or at none, and the gate that has no room is named', async () => {
      const store = await create()
      const admit = (id: string, tokens = 1) => store.admit({ ...at, id, gates, tokens })
      expect(await admit('a')).toMatchObject(OK)
      for (let i = 0; i < 9; i++)
        expect(await admit(`b${i}`)).toMatchObject({
          ok: false,
          gate: 'tenant/t',
          limit: 'concurrency',
          retryAfterMs: 1000,
        })
      expect(await admit('c', 10)).toMatchObject({ ok: false, gate: 'tenant/t', limit: 'tpm', retryAfterMs: 61_000 })
      await store.leave({ ...at, id: 'a' }, 0, START)
      expect(await admit('d')).toMatchObject(OK)
      await store.leave({ ...at, id: 'd' }, 0, START)
      expect(await admit('e')).toMatchObject(OK)
      await store.leave({ ...at, id: 'e' }, 0, START)
      expect(await admit('f')).toMatchObject({ ok: false, gate: 'key/k', limit: 'rpm', retryAfterMs: 61_000 })
    })

    test('what is withdrawn counts nowhere, and what comes late withdraws nothing', async () => {
      const store = await create()
      const admit = (id: string) =>
        store.admit({ ...at, id, gates: [{ gate: 'g', limits: { rpm: 1, tpm: 5 } }], tokens: 5 })
      expect(await admit('a')).toMatchObject(OK)
      expect((await admit('b')).ok).toBe(false)
      for (let i = 0; i < 2; i++) await store.withdraw({ ...at, id: 'a' }, START)
      expect(await admit('b')).toMatchObject(OK)
      await store.withdraw({ ...at, id: 'a' }, START)
      expect((await admit('c')).ok).toBe(false)
    })

    test('who comes in holds in the same step, who does not holds nothing, and neither twice', async () => {
      const store = await create()
      const admit = (id: string, amount: bigint) =>
        store.admit({ ...at, id, gates, tokens: 1, hold: { ...at, id: `${id}-1`, lines, amount } })
      const held = async () => (await store.spend({ ...at, lines }, START)).map((spend) => spend.held)
      for (let i = 0; i < 2; i++) expect(await admit('a', 50n)).toMatchObject({ ok: true, held: OK })
      expect(await held()).toEqual([50n, 50n])
      // No slot is left.
      expect((await admit('b', 1n)).ok).toBe(false)
      expect(await held()).toEqual([50n, 50n])
      await store.leave({ ...at, id: 'a' }, 1, START)
      expect(await admit('c', 31n)).toMatchObject({ ok: true, held: { ok: false, account: 'key/k', left: 30n } })
      expect(await held()).toEqual([50n, 50n])
      // It is in: the slot is taken, and its attempt may ask for less.
      expect((await admit('d', 0n)).ok).toBe(false)
      expect(await store.hold({ ...at, id: 'c-1', lines, amount: 30n })).toMatchObject(OK)
      await store.release({ ...at, id: 'd-1' }, START)
      await store.leave({ ...at, id: 'c' }, 1, START)
      // What was given back before holds nothing.
      expect(await admit('d', 1n)).toMatchObject({ ok: true, held: OK })
      expect(await held()).toEqual([80n, 80n])
    })

    test('of one id, steps on two shards are two steps', async () => {
      const store = await create()
      const hold = (shard: string) =>
        store.hold({ ...at, shard, id: 'a', lines: linesAt([{ ...tenant, account: shard }], START), amount: 100n })
      expect([await hold('x'), await hold('y')]).toMatchObject([OK, OK])
      await store.settle({ ...at, shard: 'x', id: 'a', lines: linesAt([{ ...tenant, account: 'x' }], START), bill: 7n })
      const spent = (shard: string) =>
        store.spend({ shard, lines: linesAt([{ ...tenant, account: shard }], START) }, START)
      expect([await spent('x'), await spent('y')]).toEqual([[{ spent: 7n, held: 0n }], [{ spent: 0n, held: 100n }]])
    })
  })

  describe('keepsakes', () => {
    const one = { owner: 'a', kind: 'response', id: 'r1', value: '{"한":1}', expiresAt: START + 1000 } as const
    const ids = ['r1', 'r2']

    test('are found by their owner, kind and id, and by nobody else', async () => {
      const store = await create()
      await store.keep([one, { ...one, id: 'r2', value: 'two' }], START)
      expect([...(await store.recall({ owner: 'a', kind: 'response', ids, now: START }))]).toEqual([
        ['r1', '{"한":1}'],
        ['r2', 'two'],
      ])
      expect([...(await store.recall({ owner: 'b', kind: 'response', ids, now: START }))]).toEqual([])
      expect([...(await store.recall({ owner: 'a', kind: 'signature', ids, now: START }))]).toEqual([])
    })

    test('are gone at their time, when they are forgotten, and replaced by newer ones', async () => {
      const store = await create()
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

    test('are claimed by whoever comes first, until their time', async () => {
      const store = await create()
      const claim = (value: string, now: number) => store.claim({ ...one, value, expiresAt: now + 1000 }, now)
      expect([await claim('first', START), await claim('second', START + 999)]).toEqual([undefined, 'first'])
      expect([await claim('third', START + 1000), await claim('fourth', START + 1001)]).toEqual([undefined, 'third'])
      await store.keep([{ ...one, value: 'done', expiresAt: START + 9000 }], START + 1002)
      expect(await claim('fifth', START + 1003)).toBe('done')
    })
  })

  describe('notes', () => {
    test('stay until they are erased, each under its kind and name', async () => {
      const store = await create()
      await store.write('denial', 'b', '1')
      await store.write('denial', 'a', '2')
      await store.write('denial', 'b', '3')
      await store.write('key', 'b', '4')
      expect(new Map(await store.notes('denial'))).toEqual(
        new Map([
          ['a', '2'],
          ['b', '3'],
        ]),
      )
      expect([await store.note('key', 'b'), await store.note('key', 'a')]).toEqual(['4', undefined])
      expect(await store.erase('denial', 'b')).toBe(true)
      expect(await store.erase('denial', 'b')).toBe(false)
      expect([...(await store.notes('denial')).keys()]).toEqual(['a'])
      expect(await store.note('key', 'b')).toBe('4')
    })
  })

  lateContractOf(create)
  ledgerContractOf(create)
}
