// Law 4 where operators rebuild and `retention` forgets: in whichever order bills are booked, confirmed, forgotten and rebuilt, none counts twice, and what nobody knows any more is told.
import assert from 'node:assert/strict'
import { DatabaseSync } from 'node:sqlite'
import fc from 'fast-check'
import { test } from 'vitest'
import { LAST_MESSAGE_MS } from '#src/core/state-store.ts'
import { bookLeftovers } from '#src/pipeline/book-leftovers.ts'
import { SCHEMA } from '#src/state/sql-schema.ts'
import { createSqlStore } from '#src/state/sql-store.ts'
import { sqlOf } from '#src/state/sqlite.ts'
import { lawRuns } from '../support/state-driver.ts'
import { START } from '../support/state-model.ts'

const HOUR = 3_600_000
const placeOf = (shard: string) => ({ shard, lines: [{ account: shard, per: 'total', ends: Infinity } as const] })
const [ROOT, OTHER] = [placeOf('tenant/a'), placeOf('budget/all')]
const PAID = { request: 'r', endpoint: '/', model: 'm', target: 'p/m', outcome: 'answered' }

/** How far the steps of one bill get before its instance dies. */
const bill = fc.record({ do: fc.constant('bill' as const), steps: fc.integer({ min: 1, max: 3 }) })
const step = fc.oneof(
  { weight: 4, arbitrary: bill },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('wait' as const), hours: fc.integer({ min: 1, max: 30 }) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('trim' as const),
      hours: fc.integer({ min: 0, max: 40 }),
      most: fc.integer({ min: 1, max: 9 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('rebuild' as const) }) },
)

/** Amounts of which each has a digit of its own: one that counts twice shows. */
const amountOf = (at: number): bigint => 10n ** BigInt(at)

test('bills are booked, forgotten and rebuilt in any order', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 30, size: 'max' }), async (steps) => {
      const db = new DatabaseSync(':memory:')
      db.exec(SCHEMA)
      const store = createSqlStore(sqlOf(db))
      const all = { ...store, durable: false, close() {} }
      const unknown = new Set<string>()
      let [now, bills, trims] = [START, 0, 0]
      const spentOn = (place: typeof ROOT): bigint => store.spend(place, now)[0]?.spent ?? 0n
      const rebuild = async (): Promise<void> => {
        for (const { id } of (await bookLeftovers(all, now)).unknown) unknown.add(id)
      }
      for (const one of steps) {
        if (one.do === 'wait') now += one.hours * HOUR
        else if (one.do === 'trim') trims += store.trim(now - one.hours * HOUR, one.most)
        else if (one.do === 'rebuild') await rebuild()
        else if (bills < 18) {
          const booked = { id: `t${bills}`, bill: amountOf(bills), now, notAfter: now }
          store.settle({ ...booked, ...ROOT, paid: PAID, elsewhere: [OTHER] })
          if (one.steps > 1) store.settle({ ...booked, ...OTHER })
          if (one.steps > 2) store.confirm({ id: booked.id, shard: ROOT.shard }, OTHER.shard)
          bills++
          now += 1000
        }
        // Ids that are over are forgotten by steps that follow.
        spentOn(OTHER)
      }
      now += LAST_MESSAGE_MS + 1
      await rebuild()
      const once = Array.from({ length: bills }, (_, at) => amountOf(at))
      assert.equal(
        spentOn(ROOT),
        once.reduce((sum, amount) => sum + amount, 0n),
      )
      const digits = String(spentOn(OTHER)).padStart(bills, '0')
      for (const [at] of once.entries()) {
        const times = Number(digits.at(-1 - at))
        assert(times === 1 || (times === 0 && unknown.has(`t${at}`)), `t${at} counts ${times} times`)
      }
      if (trims === 0) assert.deepEqual([...unknown], [])
      assert.deepEqual([store.open({ most: 9 }), store.audit(false)], [[], []])
      db.close()
    }),
    { numRuns: lawRuns(300) },
  )
})
