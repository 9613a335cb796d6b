// The stores of this runtime behind the one suite of what all promise (test/support/state-suite.ts), and what memory alone does.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import type { BudgetPeriod, Key } from '#src/core/key.ts'
import type { NanoUsd } from '#src/core/money.ts'
import type { StateStore } from '#src/core/state-store.ts'
import { createMemoryStore, REMEMBERED_STEPS } from '#src/state/memory.ts'
import { createSqliteStore } from '#src/state/sqlite.ts'
import { paying } from '../support/paying.ts'
import { START } from '../support/state-crash.ts'
import { contractOf } from '../support/state-suite.ts'

const folder = mkdtempSync(join(tmpdir(), 'tutti-contract-'))
const opened: StateStore[] = []
afterAll(() => {
  for (const store of opened) void store.close()
  rmSync(folder, { recursive: true })
})

function sqlite(): StateStore {
  const store = createSqliteStore(join(folder, `${opened.length}.db`))
  opened.push(store)
  return store
}

const STORES: readonly [string, () => StateStore][] = [
  ['memory', createMemoryStore],
  ['sqlite', sqlite],
]

function budgeted(limit: NanoUsd, per: BudgetPeriod): Key {
  return { id: 'k', tags: [], budget: { limit, per } }
}

describe.each(STORES)('%s', (_, create) => contractOf(create))

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

test('memory: what is kept is bounded, the oldest goes first', async () => {
  const store = createMemoryStore()
  const value = 'x'.repeat(16 * 1024 * 1024)
  for (let index = 0; index < 6; index++)
    await store.keep([{ owner: '', kind: 'response', id: String(index), value, expiresAt: START + 1 }], START)
  const found = await store.recall({ owner: '', kind: 'response', ids: ['0', '1', '2', '3', '4', '5'], now: START })
  expect([...found.keys()]).toEqual(['2', '3', '4', '5'])
})
