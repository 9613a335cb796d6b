// Laws 2, 3 and 4 as they hold for every store, in every runtime: the files of test/laws run them.
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { test } from 'vitest'
import { linesAt } from '#src/accounting/payer.ts'
import type { StateStore } from '#src/core/state-store.ts'
import { drive, LAW_MS, PAYERS, payerWith, storeRuns, type After, type Driven, type Runs } from './state-driver.ts'
import { START, stepsOf, type Model, type Payer } from './state-model.ts'

type Create = () => Driven | Promise<Driven>

/** Law 2. */
export function noOverspend(create: Create, runs: Runs): void {
  test(
    'bills within their holds: spent + held <= limit after every step',
    async () => {
      const within = stepsOf(fc.bigInt({ min: -60n, max: 0n }))
      await property(within, (driven, steps) =>
        drive(driven, { payers: PAYERS, steps, heldOnly: true, check: neverOver }),
      )
    },
    LAW_MS,
  )

  test(
    'bills over their holds: booked whole, then nothing more is admitted until the period turns',
    async () => {
      const over = stepsOf(fc.bigInt({ min: -10n, max: 80n }))
      await property(over, (driven, steps) => drive(driven, { payers: PAYERS, steps, check: overMeansShut }))
    },
    LAW_MS,
  )

  async function property(
    steps: ReturnType<typeof stepsOf>,
    run: (driven: Driven, steps: Parameters<typeof drive>[1]['steps']) => Promise<Model>,
  ): Promise<void> {
    await fc.assert(
      fc.asyncProperty(steps, async (taken) => {
        const driven = await create()
        try {
          await run(driven, taken)
        } finally {
          await driven.end()
        }
      }),
      { numRuns: storeRuns(runs) },
    )
  }
}

function neverOver({ spends }: After): void {
  for (const [{ account, limit }, { spent, held }] of spends)
    assert(spent + held <= limit, `${account}: ${spent} + ${held}`)
}

async function overMeansShut({ model: { now }, store, spends }: After): Promise<void> {
  for (const { shard, budgets } of PAYERS) {
    if (!budgets.some((budget) => (spends.get(budget)?.spent ?? 0n) > budget.limit)) continue
    const lines = linesAt(budgets, now)
    const held = await store().hold({ id: 'one more', shard, lines, amount: 0n, now, expiresAt: now + 1000 })
    assert.equal(held.ok, false)
  }
}

/** Longer than any hold, slot or window of the properties lives, in ms. */
const ALL_DEAD = 120_000

/** Law 3. */
export function noPhantomBlock(create: Create, runs: Runs): void {
  test(
    'whatever happened, once holds and slots have expired exactly what is left is admitted',
    async () => {
      await fc.assert(
        fc.asyncProperty(stepsOf(fc.bigInt({ min: -60n, max: 30n })), fc.boolean(), async (steps, dies) => {
          const driven = await create()
          try {
            const model = await drive(driven, { payers: PAYERS, steps })
            if (dies) await driven.crash()
            for (const payer of PAYERS) {
              model.now += ALL_DEAD
              await nothingInTheWay(driven.store(), model, payer)
            }
          } finally {
            await driven.end()
          }
        }),
        { numRuns: storeRuns(runs) },
      )
    },
    LAW_MS,
  )
}

async function nothingInTheWay(store: StateStore, { now }: Model, payer: Payer): Promise<void> {
  const { shard, budgets, gates } = payer
  const expiresAt = now + 1000
  const lines = linesAt(budgets, now)
  const spends = await store.spend({ shard, lines }, now)
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
  for (let i = 0; i < most; i++) assert.equal((await admit(i)).ok, true)
  assert.equal((await admit(most)).ok, most === 99)
}

const PAYER = payerWith(10_000n)
const { shard } = PAYER
const LINES = linesAt(PAYER.budgets, START)

/** Law 4. */
export function oneBill(create: Create, runs: Runs): void {
  test(
    'each attempt is booked once, whatever comes twice, late or after a crash',
    async () => {
      await fc.assert(
        fc.asyncProperty(stepsOf(fc.bigInt({ min: -60n, max: 60n })), async (steps) => {
          const driven = await create()
          try {
            const model = await drive(driven, { payers: [PAYER], steps })
            const ids = model.bills.map(({ id }) => id)
            assert.equal(new Set(ids).size, ids.length)
            const [{ spent } = { spent: -1n }] = await driven.store().spend({ shard, lines: LINES }, model.now)
            assert.equal(
              spent,
              model.bills.reduce((total, { bill }) => total + bill, 0n),
            )
          } finally {
            await driven.end()
          }
        }),
        { numRuns: storeRuns(runs) },
      )
    },
    LAW_MS,
  )

  test('a settlement that nobody held for is booked, once', async () => {
    const driven = await create()
    const before = { id: 'before', shard, lines: LINES, amount: 70n, now: START, expiresAt: START + 1000 }
    assert.equal((await driven.store().hold(before)).ok, true)
    await driven.crash()
    const now = START + 2000
    for (const [id, bill] of [
      ['before', 70n],
      ['never-held', 5n],
    ] as const)
      for (let i = 0; i < 3; i++) await driven.store().settle({ id, shard, lines: LINES, bill, now, notAfter: now })
    assert.deepEqual(await driven.store().spend({ shard, lines: LINES }, now), [{ spent: 75n, held: 0n }])
    await driven.end()
  })
}
