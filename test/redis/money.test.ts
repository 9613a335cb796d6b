// Money in Redis is exact: numbers of Lua are not, beyond 2^53. The same steps on Redis and on the store in memory, whose integers have no end.
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, test } from 'vitest'
import { linesAt } from '#src/accounting/payer.ts'
import type { StateStore } from '#src/core/state-store.ts'
import { createMemoryStore } from '#src/state/memory.ts'
import { createRedisStore } from '#src/state/redis.ts'
import { systemClock } from '#src/system-clock.ts'
import { redisAbsent, startRedis, type TestRedis } from '../support/redis.ts'
import { START } from '../support/state-model.ts'

const SHARD = 'tenant/t'
/** Where doubles, signed 64-bit integers and the two halves of an amount end. */
const EDGES = [2n ** 53n, 2n ** 62n, 2n ** 63n, 10n ** 15n, 10n ** 16n, 10n ** 24n]

const amount = fc.oneof(
  fc.tuple(fc.constantFrom(...EDGES), fc.bigInt({ min: -3n, max: 3n })).map(([edge, near]) => edge + near),
  fc.tuple(fc.constantFrom(...EDGES), fc.bigInt({ min: 1n, max: 9n })).map(([edge, part]) => edge / part),
  fc.bigInt({ min: 0n, max: 2n ** 64n }),
  fc.bigInt({ min: 0n, max: 9n }),
)

const id = fc.integer({ min: 0, max: 5 })
const step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant('hold' as const), id, amount }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('settle' as const), id, amount }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('release' as const), id, amount }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('trim' as const), id, amount }) },
)

describe.skipIf(redisAbsent())('redis', () => {
  let redis: TestRedis
  let runs = 0
  beforeAll(async () => {
    redis = await startRedis()
  })
  afterAll(() => redis.end())

  test('holds, bills, what is left and what is carried are those of integers without an end', async () => {
    await fc.assert(
      fc.asyncProperty(
        amount,
        amount,
        fc.array(step, { minLength: 1, maxLength: 30, size: 'max' }),
        async (a, b, steps) => {
          const store = createRedisStore({ urls: [redis.url], prefix: `m${runs++}`, clock: systemClock, time: 'given' })
          const lines = linesAt(
            [
              { account: 'key/k', limit: a, per: 'day' },
              { account: SHARD, limit: a + b, per: 'total' },
            ],
            START,
          )
          const both = [store, createMemoryStore()]
          try {
            for (const [at, one] of steps.entries()) {
              const answers = await Promise.all(both.map((each) => take(each, one)))
              assert.deepEqual(answers[0], answers[1], `step ${at}`)
            }
            assert.deepEqual(await store.audit(false), [])
          } finally {
            await store.close()
          }

          async function take(
            each: StateStore,
            one: typeof step extends fc.Arbitrary<infer T> ? T : never,
          ): Promise<unknown> {
            const of = { id: `t${one.id}`, shard: SHARD, now: START }
            const took = await carryOut()
            return [took, await each.spend({ shard: SHARD, lines }, START), (await each.ledger({ most: 99 })).rows]

            async function carryOut(): Promise<unknown> {
              switch (one.do) {
                case 'hold':
                  return each.hold({ ...of, lines, amount: one.amount, expiresAt: START + 60_000 })
                case 'settle':
                  return each.settle({ ...of, lines, bill: one.amount, notAfter: START })
                case 'release':
                  return each.release(of, START)
                case 'trim':
                  return each.trim(START + 1, one.id)
              }
            }
          }
        },
      ),
      { numRuns: 150 },
    )
  }, 120_000)
})
