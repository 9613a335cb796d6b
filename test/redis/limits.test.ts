// Limits in Redis are those of memory, whose windows they keep as bytes: the same steps on both, on clocks that also go back.
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { StateStore } from '#src/core/state-store.ts'
import { createMemoryStore } from '#src/state/memory.ts'
import { createRedisStore } from '#src/state/redis.ts'
import { systemClock } from '#src/system-clock.ts'
import { redisAbsent, redisCli, startRedis, type TestRedis } from '../support/redis.ts'
import { START } from '../support/state-model.ts'

const shard = 'tenant/t'
const gates = [
  { gate: 'key/a', limits: { rpm: 5, tpm: 2 ** 40, concurrency: 4 } },
  { gate: shard, limits: { rpm: 7, tpm: Number.MAX_SAFE_INTEGER } },
]

const id = fc.integer({ min: 0, max: 30 })
const tokens = fc.oneof(
  fc.integer({ min: 0, max: 50 }),
  fc.integer({ min: 2 ** 39, max: 2 ** 41 }),
  fc.constantFrom(Number.MAX_SAFE_INTEGER, 0.5, -1),
)
const step = fc.oneof(
  { weight: 5, arbitrary: fc.record({ do: fc.constant('admit' as const), id, tokens }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('leave' as const), id, tokens }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('withdraw' as const), id, tokens }) },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constant('wait' as const), id: fc.integer({ min: -3000, max: 40_000 }), tokens }),
  },
)

/** Whether what was counted then ends between these two: a clock that goes back over that finds it in a store that was not asked meanwhile, and not in another. */
function dies(then: number, from: number, to: number): boolean {
  const end = (Math.floor(then / 1000) + 61) * 1000
  return from < end && end <= to
}

describe.skipIf(redisAbsent())('redis', () => {
  let redis: TestRedis
  let prefixes = 0
  beforeAll(async () => {
    redis = await startRedis()
  })
  afterAll(() => redis.end())

  const open = (): StateStore =>
    createRedisStore({ urls: [redis.url], prefix: `l${prefixes++}`, clock: systemClock, time: 'given' })

  test('who is let in, how long others wait and what is left are the same', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 40, size: 'max' }), async (steps) => {
        const both = [open(), createMemoryStore()]
        let now = START
        const counted: number[] = []
        try {
          for (const [at, one] of steps.entries()) {
            const of = { id: `r${one.id}`, shard }
            const expiresAt = now + 600_000
            const take = (store: StateStore) => {
              if (one.do === 'admit') return store.admit({ ...of, gates, tokens: one.tokens, now, expiresAt })
              if (one.do === 'leave') return store.leave(of, one.tokens, now)
              return one.do === 'withdraw' ? store.withdraw(of, now) : undefined
            }
            if (one.do === 'admit') counted.push(now)
            if (one.do === 'wait' && !counted.some((then) => dies(then, now + one.id, now))) now += one.id
            const answers = await Promise.all(both.map(async (store) => take(store)))
            assert.deepEqual(answers[0], answers[1], `step ${at}`)
          }
        } finally {
          await both[0]?.close()
        }
      }),
      { numRuns: 150 },
    )
  }, 120_000)

  test('what never ends and what ended before all time', async () => {
    const store = open()
    const never = { now: START, expiresAt: Infinity }
    const lines = [{ account: 'key/a', limit: 10n, per: 'total', ends: Infinity }] as const
    expect(await store.hold({ id: 'a', shard, lines, amount: 10n, ...never })).toEqual({ ok: true })
    expect(await store.spend({ shard, lines }, START + 1e15)).toEqual([{ spent: 0n, held: 10n }])
    expect((await store.admit({ id: 'a', shard, gates, tokens: 1, ...never })).ok).toBe(true)
    expect(await store.settle({ id: 'b', shard, lines, bill: 1n, now: START, notAfter: Infinity })).toBe('booked')
    const kept = { owner: 'k', kind: 'response', id: 'a', value: 'x', expiresAt: Infinity } as const
    await store.keep([kept], START)
    const found = await store.recall({ owner: 'k', kind: 'response', ids: ['a'], now: START + 1e15 })
    expect([...found.values()]).toEqual(['x'])
    expect([await store.trim(0, 9), await store.trim(-1, 9)]).toEqual([0, 0])
    expect(await store.open({ to: -1, most: 9 })).toEqual([])
    expect((await store.ledger({ from: -5, to: -1, most: 9 })).rows).toEqual([])
    expect((await store.ledger({ from: -5, most: 9 })).rows).toHaveLength(1)
    expect(await store.trim(Infinity, 9)).toBe(1)
    await store.close()
  })

  test('of gates that nobody asks for any longer nothing is kept, without a timer', async () => {
    const store = open()
    const windows = `{l${prefixes - 1}:${shard}}windows`
    const admit = (gate: string, number: number, now: number) =>
      store.admit({ id: `r${number}`, shard, gates: [{ gate, limits: {} }], tokens: 1, now, expiresAt: now + 1 })
    for (let i = 0; i < 40; i++) await admit(`key/${i}`, i, START)
    expect(redisCli(redis, ['hlen', windows]).trim()).toBe('40')
    for (let i = 0; i < 1000; i++) await admit('key/new', 100 + i, START + 120_000)
    expect(redisCli(redis, ['hlen', windows]).trim()).toBe('1')
    await store.close()
  })
})
