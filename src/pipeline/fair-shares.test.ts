import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createMemoryStore } from '#src/state/memory.ts'
import { createFairShares } from './fair-shares.ts'

const LIMIT = 60

/** Callers that ask so often a second of one gate, for ten minutes: how often each was let in, in the last five of them. */
function share(askEach: readonly number[]): readonly number[] {
  let now = 1_000_000_000
  const store = createMemoryStore()
  const fair = createFairShares({ now: () => now })
  const had = askEach.map(() => 0)
  let id = 0
  for (let second = 0; second < 600; second++) {
    now += 1000
    // Whoever asks most asks first: the worst order for the others.
    for (const [caller, times] of [...askEach.entries()].toSorted(([, a], [, b]) => b - a))
      for (let i = 0; i < times; i++) {
        const step = { id: `r${id++}`, shard: 's' }
        fair.asks('g', { caller: `k${caller}`, tokens: 1 })
        const gates = [{ gate: 'g', limits: { rpm: LIMIT } }]
        const entry = store.admit({ ...step, gates, tokens: 1, now, expiresAt: now + 1 })
        if (entry instanceof Promise || !entry.ok) continue
        if (fair.yields('g', { caller: `k${caller}`, tokens: 1, rooms: entry.rooms[0] ?? {} }))
          void store.withdraw(step, now)
        else {
          void store.leave(step, 1, now)
          if (second >= 300) had[caller] = (had[caller] ?? 0) + 1
        }
      }
  }
  return had
}

test('one that asks without end and one that asks now and then: the latter is let in whenever it asks', () => {
  // A request every second, of sixty a minute, beside fifty a second.
  const [greedy = 0, modest = 0] = share([50, 1])
  expect(modest).toBeGreaterThan(0.4 * 300)
  expect(greedy + modest).toBeGreaterThan(0.85 * 300)
})

test('callers that all ask without end have about the same', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 3, max: 20 }), { minLength: 2, maxLength: 4 }), (asks) => {
      const had = share(asks)
      const equal = had.reduce((sum, one) => sum + one, 0) / had.length
      for (const one of had) expect(one).toBeGreaterThan(0.5 * equal)
    }),
    { numRuns: 10 },
  )
})

test('one alone has all of it', () => {
  expect(share([50])).toEqual([300])
})
