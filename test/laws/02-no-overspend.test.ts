// Law 2. No overspend: spent plus held never exceeds a budget, on any number of instances, in any interleaving, for
// upstreams that stay within what they were asked; a bill over its hold is booked whole and stops admission.
import assert from 'node:assert/strict'
import { describe, test } from 'vitest'
import { linesAt } from '#src/accounting/payer.ts'
import { payerWith } from '../support/state-driver.ts'
import { driveSqlite, DRIVEN } from '../support/state-drivers-node.ts'
import { onEveryRedis } from '../support/state-drivers-redis.ts'
import { noOverspend } from '../support/state-laws.ts'
import { START } from '../support/state-model.ts'

describe.each(DRIVEN)('%s', (_, create, runs) => noOverspend(create, runs))

onEveryRedis(noOverspend)

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
  await driven.end()
})
