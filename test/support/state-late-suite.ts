// What every store promises of steps that overtake each other: what gives back leaves a mark, and whoever comes after it takes nothing.
import { describe, expect, test } from 'vitest'
import { REMEMBERED_MS, type StateStore } from '#src/core/state-store.ts'
import { START } from './state-model.ts'

const OK = { ok: true }
const at = { shard: 'tenant/t', now: START, expiresAt: START + 60_000 }
const lines = [{ account: 'tenant/t', limit: 100n, per: 'total', ends: Infinity }] as const

/** `create` makes a store with nothing in it. */
export function lateContractOf(create: () => StateStore | Promise<StateStore>): void {
  describe('what comes late', () => {
    test('who was withdrawn, or left, before the admission arrives takes nothing', async () => {
      const store = await create()
      const narrow = [{ gate: 'g', limits: { rpm: 1, tpm: 5, concurrency: 1 } }]
      const admit = (id: string, now = START) => {
        const hold = { ...at, id: `${id}-1`, lines, amount: 80n }
        return store.admit({ ...at, id, gates: narrow, tokens: 5, now, hold })
      }
      for (let i = 0; i < 2; i++) await store.withdraw({ ...at, id: 'late' }, START)
      await store.release({ ...at, id: 'late-1' }, START)
      await store.leave({ ...at, id: 'gone' }, 5, START)
      await store.release({ ...at, id: 'gone-1' }, START)
      for (const id of ['late', 'gone']) expect(await admit(id)).toEqual({ ok: true, rooms: [], held: OK })
      expect(await store.spend({ ...at, lines }, START)).toMatchObject([{ held: 0n }])
      expect(await admit('in')).toMatchObject({ ok: true, held: OK })
      // As long as it can still arrive.
      const later = START + REMEMBERED_MS - 1
      await store.withdraw({ ...at, id: 'in' }, START)
      for (const id of ['late', 'gone']) expect(await admit(id, later)).toMatchObject(OK)
      expect(await admit('other', later)).toMatchObject(OK)
      expect((await admit('another', later)).ok).toBe(false)
    })

    test('who leaves when its slot has expired frees no other, and does not come in again', async () => {
      const store = await create()
      const narrow = [{ gate: 'g', limits: { concurrency: 1 } }]
      const admit = (id: string, now: number) =>
        store.admit({ ...at, id, gates: narrow, tokens: 1, now, expiresAt: now + 1000 })
      expect(await admit('a', START)).toMatchObject(OK)
      await store.leave({ ...at, id: 'a' }, 1, START + 1000)
      expect(await admit('b', START + 1000)).toMatchObject(OK)
      await store.withdraw({ ...at, id: 'b' }, START + 2000)
      for (const id of ['a', 'b', 'c']) expect(await admit(id, START + 2000)).toMatchObject(OK)
      for (const id of ['a', 'b']) await store.leave({ ...at, id }, 1, START + 2001)
      expect((await admit('d', START + 2001)).ok).toBe(false)
    })
  })
}
