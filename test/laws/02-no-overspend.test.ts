// Law 2. No overspend: spent plus held never exceeds a budget, on any number of instances, in any interleaving, for
// upstreams that stay within what they were asked; a bill over its hold is booked whole and stops admission.
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { describe, test } from 'vitest'
import { linesAt } from '#src/accounting/payer.ts'
import type { StateStore } from '#src/core/state-store.ts'
import { drive, driveMemory, driveSqlite, lawRuns, PAYERS, payerWith, type Driven } from '../support/state-driver.ts'
import { START, stepsOf, type Model } from '../support/state-model.ts'

const STORES: readonly [string, () => Driven, number][] = [
  ['memory', driveMemory, 2000],
  ['sqlite, two instances', driveSqlite, 100],
]

describe.each(STORES)('%s', (_, create, runs) => {
  test('bills within their holds: spent + held <= limit after every step', async () => {
    const within = stepsOf(fc.bigInt({ min: -60n, max: 0n }))
    await property(within, (driven, steps) =>
      drive(driven, { payers: PAYERS, steps, heldOnly: true, check: neverOver }),
    )
  }, 120_000)

  test('bills over their holds: booked whole, then nothing more is admitted until the period turns', async () => {
    const over = stepsOf(fc.bigInt({ min: -10n, max: 80n }))
    await property(over, (driven, steps) => drive(driven, { payers: PAYERS, steps, check: overMeansShut }))
  }, 120_000)

  async function property(
    steps: ReturnType<typeof stepsOf>,
    run: (driven: Driven, steps: Parameters<typeof drive>[1]['steps']) => Promise<Model>,
  ): Promise<void> {
    await fc.assert(
      fc.asyncProperty(steps, async (taken) => {
        const driven = create()
        try {
          await run(driven, taken)
        } finally {
          driven.end()
        }
      }),
      { numRuns: lawRuns(runs) },
    )
  }
})

test('four instances, holds of equal size: exactly as many are admitted as the budget pays for', async () => {
  const driven = driveSqlite(4)
  const { shard, budgets } = payerWith(1_379n)
  const lines = linesAt(budgets, START)
  let admitted = 0
  for (let i = 0; i < 400; i++) {
    const request = { id: `t${i}`, shard, lines, amount: 10n, now: START, expiresAt: START + 60_000 }
    if ((await driven.store().hold(request)).ok) admitted++
  }
  assert.equal(admitted, 137)
  driven.end()
})

async function neverOver({ now }: Model, store: StateStore): Promise<void> {
  for (const { budgets } of PAYERS)
    for (const [at, { spent, held }] of (await store.spend(linesAt(budgets, now), now)).entries()) {
      const { account, limit } = budgets[at] ?? {}
      assert(limit !== undefined && spent + held <= limit, `${account}: ${spent} + ${held}`)
    }
}

async function overMeansShut({ now }: Model, store: StateStore): Promise<void> {
  for (const { shard, budgets } of PAYERS) {
    const lines = linesAt(budgets, now)
    const spends = await store.spend(lines, now)
    if (!spends.some(({ spent }, at) => spent > (budgets[at]?.limit ?? 0n))) continue
    const held = await store.hold({ id: 'one more', shard, lines, amount: 0n, now, expiresAt: now + 1000 })
    assert.equal(held.ok, false)
  }
}
