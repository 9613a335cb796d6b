import { describe, expect, test } from 'vitest'
import { linesAt } from '#src/accounting/payer.ts'
import type { BudgetPeriod } from '#src/core/key.ts'
import type { Paid } from '#src/core/ledger.ts'
import { LAST_MESSAGE_MS, REMEMBERED_MS, type StateStore } from '#src/core/state-store.ts'
import { bookLeftovers } from '#src/pipeline/book-leftovers.ts'
import { START } from './state-model.ts'

const DAY = 86_400_000

/** What every store promises of its ledger. */
export function ledgerContractOf(create: () => StateStore | Promise<StateStore>): void {
  describe('the ledger', () => {
    const lines = linesAt([{ account: 'key/k', limit: 100n, per: 'day' }], START)
    const shard = 'tenant/t'
    const notAfter = START + LAST_MESSAGE_MS
    const paid: Paid = {
      request: 'req_1',
      endpoint: '/v1/chat/completions',
      key: 'k',
      tenant: 't',
      tags: ['a', '한'],
      model: 'chat',
      target: 'one/m',
      outcome: 'answered',
      input: 12,
      output: 3,
      estimated: true,
    }
    const booking = { id: 'a', shard, lines, bill: 7n, now: START, notAfter, paid }
    const all = { most: 100 }
    const booked = [{ account: 'key/k', per: 'day', ends: lines[0]?.ends }]

    test('has a row for each bill, once, with what was paid for and where it was booked', async () => {
      const store = await create()
      await store.hold({ ...booking, amount: 50n, expiresAt: START + 60_000 })
      for (let i = 0; i < 2; i++) expect(await store.settle(booking)).toBe('booked')
      await store.settle({ ...booking, id: 'free', lines: [], bill: 0n, now: START + 1 })
      const { rows } = await store.ledger(all)
      expect(rows).toEqual([
        { id: 'a', shard, at: START, bill: 7n, lines: booked, paid, open: [] },
        { id: 'free', shard, at: START + 1, bill: 0n, lines: [], paid, open: [] },
      ])
    })

    test('says the period that a bill was booked in, by the clock that is ahead', async () => {
      const store = await create()
      const next = START + 24 * 3_600_000
      const [line] = linesAt(lines, next)
      await store.settle({ ...booking, id: 'ahead', lines: linesAt(lines, next), now: next, notAfter: next })
      await store.settle(booking)
      const { rows } = await store.ledger(all)
      expect(rows.map((row) => row.lines[0]?.ends)).toEqual([line?.ends, line?.ends])
    })

    test('a bill that comes after its time changes nothing, a repeated one is known', async () => {
      const store = await create()
      expect(await store.settle({ ...booking, now: notAfter + 1 })).toBe('late')
      expect((await store.ledger(all)).rows).toEqual([])
      expect(await store.settle({ ...booking, now: notAfter })).toBe('booked')
      expect(await store.settle({ ...booking, now: notAfter + 1 })).toBe('booked')
      expect(await store.spend({ shard, lines }, START)).toEqual([{ spent: 7n, held: 0n }])
    })

    test('what is released is held no more, nor by a hold that arrives later; it has no row', async () => {
      const store = await create()
      const hold = () => store.hold({ ...booking, amount: 50n, expiresAt: START + 60_000 })
      await hold()
      for (let i = 0; i < 2; i++) await store.release({ id: 'a', shard }, START)
      await store.release({ id: 'never', shard }, START)
      await hold()
      expect(await store.spend({ shard, lines }, START)).toEqual([{ spent: 0n, held: 0n }])
      expect((await store.ledger(all)).rows).toEqual([])
    })

    test('a bill that is to be booked on another shard is open until it is confirmed there', async () => {
      const store = await create()
      const other = linesAt([{ account: 'budget/up', limit: 100n, per: 'total' }], START)
      const elsewhere = [
        { shard: 'x', lines: other },
        { shard: 'y', lines: other },
      ]
      await store.settle({ ...booking, elsewhere })
      const openTo = async (before = START + 1) => (await store.open({ to: before, most: 9 })).map(({ open }) => open)
      const [first] = await openTo()
      expect(first?.map((one) => one.shard)).toEqual(['x', 'y'])
      expect(first?.[0]?.lines).toMatchObject([{ account: 'budget/up', per: 'total', ends: Infinity }])
      expect(await openTo(START)).toEqual([])
      await store.confirm({ id: 'a', shard }, 'x')
      await store.confirm({ id: 'other', shard }, 'y')
      expect((await openTo())[0]?.map((one) => one.shard)).toEqual(['y'])
      expect((await store.ledger(all)).rows[0]?.open.map((one) => one.shard)).toEqual(['y'])
      await store.confirm({ id: 'a', shard }, 'y')
      expect(await openTo()).toEqual([])
    })

    test('rows that are open are found from a time on: older ones do not stand in their way', async () => {
      const store = await create()
      const elsewhere = [{ shard: 'x', lines: [] }]
      for (let i = 0; i < 4; i++) await store.settle({ ...booking, id: `${i}`, now: START + i, elsewhere })
      const ids = async (from: number, to: number, most: number) =>
        (await store.open({ from, to, most })).map(({ id }) => id)
      expect(await ids(START + 2, START + 9, 1)).toEqual(['2'])
      expect(await ids(START + 2, START + 3, 9)).toEqual(['2'])
      expect((await store.open({ from: START + 1, most: 9 })).map(({ id }) => id)).toEqual(['1', '2', '3'])
    })

    test('is read in pages, from a time to a time', async () => {
      const store = await create()
      for (let i = 0; i < 7; i++)
        await store.settle({ ...booking, id: `${i}`, shard: i % 2 === 0 ? 'x' : 'y', now: START + i, lines: [] })
      const ids: string[] = []
      let cursor: string | undefined
      let pages = 0
      do {
        const page = await store.ledger({ from: START + 1, to: START + 6, most: 2, ...(cursor && { cursor }) })
        ids.push(...page.rows.map(({ id }) => id))
        expect(page.rows.length).toBeLessThanOrEqual(2)
        cursor = page.cursor
        pages++
      } while (cursor !== undefined && pages < 20)
      expect(ids.toSorted()).toEqual(['1', '2', '3', '4', '5'])
      // Of each shard in the order in which it was written.
      expect(ids.filter((id) => Number(id) % 2 === 1)).toEqual(['1', '3', '5'])
    })

    test('what is forgotten of it is carried: accounts agree with it before and after', async () => {
      const store = await create()
      const per = (account: string, kind: BudgetPeriod) => ({ account, limit: 100n, per: kind })
      const both = linesAt([per('key/k', 'day'), per('key/k', 'total')], START)
      for (let i = 0; i < 5; i++) await store.settle({ ...booking, id: `${i}`, lines: both, now: START + i })
      expect(await store.audit(false)).toEqual([])
      expect(await store.trim(START + 3, 2)).toBe(2)
      expect(await store.trim(START + 3, 100)).toBe(1)
      expect((await store.ledger(all)).rows.map(({ id }) => id)).toEqual(['3', '4'])
      expect(await store.audit(false)).toEqual([])
      expect(await store.spend({ shard, lines: both }, START)).toEqual([
        { spent: 35n, held: 0n },
        { spent: 35n, held: 0n },
      ])
    })

    test('keeps what is open, whatever its age', async () => {
      const store = await create()
      await store.settle({ ...booking, elsewhere: [{ shard: 'x', lines: [] }] })
      expect(await store.trim(START + 1, 9)).toBe(0)
      await store.confirm({ id: 'a', shard }, 'x')
      expect(await store.trim(START + 1, 9)).toBe(1)
    })

    test('what a period that is over had spent goes with its rows: accounts agree with the ledger at each step', async () => {
      const store = await create()
      const total = linesAt([{ account: 'key/k', limit: 100n, per: 'total' }], START)
      const daily = (now: number) => linesAt([{ account: 'key/k', limit: 100n, per: 'day' }], now)
      const book = (id: string, now: number, open = false) =>
        store.settle({
          ...booking,
          id,
          now,
          notAfter: now,
          lines: [...daily(now), ...total],
          ...(open && { elsewhere: [{ shard: 'x', lines: [] }] }),
        })
      await book('open', START, true)
      for (let i = 0; i < 5; i++) await book(`${i}`, START + i)
      const later = START + 2 * DAY
      for (const gone of [2, 2, 1, 0]) {
        expect(await store.trim(later, 2)).toBe(gone)
        expect(await store.audit(false)).toEqual([])
      }
      await store.confirm({ id: 'open', shard }, 'x')
      expect(await store.trim(later, 2)).toBe(1)
      expect(await store.trim(later, 2)).toBe(0)
      expect(await store.audit(false)).toEqual([])
      await book('new', later)
      expect(await store.audit(false)).toEqual([])
      const spent = [
        { spent: 7n, held: 0n },
        { spent: 49n, held: 0n },
      ]
      expect(await store.spend({ shard, lines: [...daily(later), ...total] }, later)).toEqual(spent)
    })

    test('says before which time rows of a shard may have been forgotten', async () => {
      const store = await create()
      await store.settle({ ...booking, elsewhere: [{ shard: 'x', lines: [] }] })
      for (let i = 0; i < 3; i++) await store.settle({ ...booking, id: `${i}`, now: START + 10 * i })
      expect(await store.trim(START, 9)).toBe(0)
      expect(await store.forgotten(shard)).toBe(0)
      expect(await store.trim(START + 15, 9)).toBe(2)
      const before = await store.forgotten(shard)
      expect(before).toBeGreaterThan(START + 10)
      expect(before).toBeLessThanOrEqual(START + 15)
      // What was open and older is forgotten after what is newer.
      await store.confirm({ id: 'a', shard }, 'x')
      expect(await store.trim(START + 1, 9)).toBe(1)
      expect(await store.forgotten(shard)).toBe(before)
    })

    test('what was left open is booked elsewhere where it lacks, and not where it may have been forgotten', async () => {
      const store = await create()
      const other = (name: string) => ({
        shard: name,
        lines: linesAt([{ account: name, limit: 99n, per: 'total' }], START),
      })
      const [x, y] = [other('budget/x'), other('budget/y')]
      const spent = async (now: number) =>
        Promise.all([x, y].map(async (one) => (await store.spend(one, now))[0]?.spent))
      // Booked there, and the word of it got lost; to y it never came.
      await store.settle({ ...booking, id: 'old', elsewhere: [x] })
      await store.settle({ id: 'old', ...x, bill: 7n, now: START, notAfter })
      await store.settle({ ...booking, id: 'new', now: START + DAY, notAfter: START + DAY, elsewhere: [x, y] })
      await store.settle({ id: 'new', ...x, bill: 7n, now: START + DAY, notAfter: START + DAY })
      expect(await store.trim(START + DAY / 2, 9)).toBe(1)
      // From here on ids are forgotten: nothing but the ledger knows.
      const now = START + 2 * DAY
      expect(await spent(now)).toEqual([14n, 0n])
      const left = await bookLeftovers(store, now)
      expect(left.unknown.map(({ id, shard: where, bill }) => [id, where, bill])).toEqual([['old', 'budget/x', 7n]])
      expect(left.booked).toBe(1)
      expect(await spent(now)).toEqual([14n, 7n])
      expect(await store.open({ most: 9 })).toEqual([])
      expect(await bookLeftovers(store, now)).toEqual({ booked: 0, unknown: [] })
      expect(await store.audit(false)).toEqual([])
    })

    test('ids are known for as long as anybody repeats them', async () => {
      const store = await create()
      await store.settle(booking)
      const last = START + REMEMBERED_MS - 1
      expect(await store.settle({ ...booking, now: last, notAfter: last })).toBe('booked')
      expect((await store.ledger(all)).rows).toHaveLength(1)
    })
  })
}
