// Law 3. No phantom block: a request whose worst case fits what is left is admitted, once dead holds have expired,
// after any crash.
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { describe, test } from 'vitest'
import type { Key } from '#src/core/key.ts'
import type { StateStore } from '#src/core/state-store.ts'
import { drive, driveMemory, driveSqlite, KEYS, lawRuns, type Driven } from '../support/state-driver.ts'
import { stepsOf, type Model } from '../support/state-model.ts'

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
          const model = await drive(driven, { keys: KEYS, steps })
          if (dies) driven.crash()
          model.now += ALL_DEAD
          for (const key of KEYS) await nothingInTheWay(driven.store(), model, key)
        } finally {
          driven.end()
        }
      }),
      { numRuns: lawRuns(runs) },
    )
  }, 120_000)
})

async function nothingInTheWay(store: StateStore, { now }: Model, key: Key): Promise<void> {
  const expiresAt = now + 1000
  const { spent, held } = await store.spend(key, now)
  assert.equal(held, 0n)
  const left = (key.budget?.limit ?? 0n) - spent
  assert.equal(
    (await store.hold({ id: 'too much', key, amount: left > 0n ? left + 1n : 1n, now, expiresAt })).ok,
    false,
  )
  if (left >= 0n)
    assert.equal((await store.hold({ id: `all of ${key.id}`, key, amount: left, now, expiresAt })).ok, true)
  const { rpm = 0, concurrency = 99 } = key.limits ?? {}
  const most = Math.min(rpm === 0 ? 99 : rpm, concurrency)
  for (let i = 0; i < most; i++) {
    assert.deepEqual(await store.admit({ id: `new ${key.id} ${i}`, key, tokens: 1, now, expiresAt }), { ok: true })
  }
  assert.equal((await store.admit({ id: `one too many ${key.id}`, key, tokens: 1, now, expiresAt })).ok, most === 99)
}
