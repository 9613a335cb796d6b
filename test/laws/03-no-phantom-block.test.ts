// Law 3. No phantom block: a request whose worst case fits what is left is admitted, once dead holds have expired,
// after any crash.
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { describe, test } from 'vitest'
import { linesAt } from '#src/accounting/payer.ts'
import type { StateStore } from '#src/core/state-store.ts'
import { drive, driveMemory, driveSqlite, lawRuns, PAYERS, type Driven } from '../support/state-driver.ts'
import { stepsOf, type Model, type Payer } from '../support/state-model.ts'

const STORES: readonly [string, () => Driven, number][] = [
  ['memory', driveMemory, 2000],
  ['sqlite, two instances', driveSqlite, 100],
]

/** Longer than any hold, slot or window of the properties lives, in ms. */
const ALL_DEAD = 120_000

describe.each(STORES)('%s', (_, create, runs) => {
  test('whatever happened, once holds and slots have expired exactly what is left is admitted', async () => {
    await fc.assert(
      fc.asyncProperty(stepsOf(fc.bigInt({ min: -60n, max: 30n })), fc.boolean(), async (steps, dies) => {
        const driven = create()
        try {
          const model = await drive(driven, { payers: PAYERS, steps })
          if (dies) driven.crash()
          for (const payer of PAYERS) {
            model.now += ALL_DEAD
            await nothingInTheWay(driven.store(), model, payer)
          }
        } finally {
          driven.end()
        }
      }),
      { numRuns: lawRuns(runs) },
    )
  }, 120_000)
})

async function nothingInTheWay(store: StateStore, { now }: Model, payer: Payer): Promise<void> {
  const { shard, budgets, gates } = payer
  const expiresAt = now + 1000
  const lines = linesAt(budgets, now)
  const spends = await store.spend(lines, now)
  assert(spends.every(({ held }) => held === 0n))
  const [left = 0n] = budgets
    .map(({ limit }, at) => limit - (spends[at]?.spent ?? 0n))
    .toSorted((a, b) => (a < b ? -1 : 1))
  const hold = (id: string, amount: bigint) =>
    store.hold({ id: `${id} of ${budgets[0]?.account}`.replaceAll(' ', '-'), shard, lines, amount, now, expiresAt })
  assert.equal((await hold('too much', left > 0n ? left + 1n : 1n)).ok, false)
  if (left >= 0n) assert.equal((await hold('all', left)).ok, true)
  const most = Math.min(...gates.flatMap(({ limits: { rpm = 99, concurrency = 99 } }) => [rpm, concurrency]))
  const admit = (id: number) =>
    store.admit({ id: `new-${gates[0]?.gate}-${id}`, shard, gates, tokens: 1, now, expiresAt })
  for (let i = 0; i < most; i++) assert.deepEqual(await admit(i), { ok: true })
  assert.equal((await admit(most)).ok, most === 99)
}
