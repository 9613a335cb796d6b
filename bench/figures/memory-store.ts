import { randomUUID } from 'node:crypto'
import { createMemoryStore } from '#src/state/memory.ts'
import { MOST_ROWS } from '#src/state/memory-ledger.ts'
import type { Check } from '../report.ts'
import { median } from '../rounds.ts'

const BATCH = 5000
const MOST = 1.5

/** Whether a request costs the store in memory more when its ledger is full and each new row lets go of the oldest: its admission, hold, bill and leaving. */
export function measureMemoryStore(): Check {
  const pay = openPayer()
  const batches = (requests: number): readonly number[] =>
    Array.from({ length: requests / BATCH }, () => {
      const before = process.threadCpuUsage()
      for (let count = 0; count < BATCH; count++) pay()
      const { user, system } = process.threadCpuUsage(before)
      return user + system
    })
  const [, , ...growing] = batches(MOST_ROWS)
  const full = batches(3 * MOST_ROWS)
  const times = median(full) / median(growing)
  return {
    promise: 'the store in memory, its ledger full, against before',
    limit: `${MOST} times`,
    measured: `${times.toFixed(2)} times`,
    holds: times <= MOST,
  }
}

function openPayer(): () => void {
  const store = createMemoryStore()
  const line = { account: 'key/k', limit: 10n ** 18n, per: 'month', ends: Date.UTC(2027, 0) } as const
  const gates = [{ gate: 'key/k', limits: { rpm: 1e9, tpm: 1e12, concurrency: 10 } }]
  const paid = {
    endpoint: '/v1/chat/completions',
    key: 'k',
    model: 'm',
    target: 'p/m',
    outcome: 'ok',
    input: 100,
    output: 20,
  } as const
  let now = Date.UTC(2026, 11)
  return () => {
    now++
    const request = randomUUID()
    const step = { id: request, shard: 'tenant/t' }
    const hold = { id: `${request}-1`, lines: [line], amount: 1000n, expiresAt: now + 60_000 }
    void store.admit({ ...step, gates, tokens: 300, now, expiresAt: now + 60_000, hold })
    void store.settle({
      ...step,
      id: hold.id,
      lines: [line],
      bill: 100n,
      now,
      notAfter: now + 60_000,
      paid: { request, ...paid },
    })
    void store.leave(step, 120, now)
  }
}
