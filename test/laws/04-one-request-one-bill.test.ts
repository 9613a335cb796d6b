// Law 4. One request, one bill: every outcome settles exactly once, repeated, late, or after a crash.
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { describe, test } from 'vitest'
import { linesAt } from '#src/accounting/payer.ts'
import { drive, driveMemory, driveSqlite, lawRuns, payerWith, type Driven } from '../support/state-driver.ts'
import { START, stepsOf } from '../support/state-model.ts'

const STORES: readonly [string, () => Driven, number][] = [
  ['memory', driveMemory, 2000],
  ['sqlite, two instances', driveSqlite, 100],
]

const PAYER = payerWith(10_000n)
const { shard } = PAYER
const LINES = linesAt(PAYER.budgets, START)

describe.each(STORES)('%s', (_, create, runs) => {
  test('each attempt is booked once, whatever comes twice, late or after a crash', async () => {
    await fc.assert(
      fc.asyncProperty(stepsOf(fc.bigInt({ min: -60n, max: 60n })), async (steps) => {
        const driven = create()
        try {
          const model = await drive(driven, { payers: [PAYER], steps })
          const ids = model.bills.map(({ id }) => id)
          assert.equal(new Set(ids).size, ids.length)
          const [{ spent } = { spent: -1n }] = await driven.store().spend(LINES, model.now)
          assert.equal(
            spent,
            model.bills.reduce((total, { bill }) => total + bill, 0n),
          )
        } finally {
          driven.end()
        }
      }),
      { numRuns: lawRuns(runs) },
    )
  }, 120_000)

  test('a settlement that nobody held for is booked, once', async () => {
    const driven = create()
    const before = { id: 'before', shard, lines: LINES, amount: 70n, now: START, expiresAt: START + 1000 }
    assert.equal((await driven.store().hold(before)).ok, true)
    driven.crash()
    const now = START + 2000
    for (const [id, bill] of [
      ['before', 70n],
      ['never-held', 5n],
    ] as const)
      for (let i = 0; i < 3; i++) await driven.store().settle({ id, shard, lines: LINES, bill, now })
    assert.deepEqual(await driven.store().spend(LINES, now), [{ spent: 75n, held: 0n }])
    driven.end()
  })
})
