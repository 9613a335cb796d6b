// Two gateways that share a Redis, or one sqlite file: what one has answered is given again by the other, to the same caller alone.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { StateStore } from '#src/core/state-store.ts'
import { createRedisStore } from '#src/state/redis.ts'
import { createSqliteStore } from '#src/state/sqlite.ts'
import { systemClock } from '#src/system-clock.ts'
import { openCached } from '../support/cached-world.ts'
import { redisAbsent, startRedis, type TestRedis } from '../support/redis.ts'
import { openRepeats, whole } from '../support/repeats-world.ts'

const folder = mkdtempSync(join(tmpdir(), 'tutti-repeats-'))
let redis: TestRedis
beforeAll(async () => {
  if (!redisAbsent()) redis = await startRedis()
})
afterAll(async () => {
  if (!redisAbsent()) await redis.end()
  rmSync(folder, { recursive: true })
})

/** A store of the next pair of gateways each time but the second. */
let opened = 0
const SHARED: readonly (readonly [string, boolean, () => StateStore])[] = [
  ['sqlite', false, () => createSqliteStore(join(folder, `${opened++ >> 1}.db`))],
  [
    'redis',
    redisAbsent(),
    () => createRedisStore({ urls: [redis.url], prefix: `p${opened++ >> 1}`, clock: systemClock }),
  ],
]

describe.each(SHARED)('%s', (_, absent, store) => {
  test.skipIf(absent)('an idempotency key', async () => {
    const [one, other] = [await openRepeats(whole, {}, store()), await openRepeats(whole, {}, store())]
    const first = await one.ask({ key: 'k' })
    const again = await other.ask({ key: 'k' })
    expect([again.status, again.headers.get('x-tutti-idempotent-replay')]).toEqual([200, 'true'])
    expect(again.headers.get('x-tutti-request-id')).toBe(first.headers.get('x-tutti-request-id'))
    expect(await again.text()).toBe(await first.text())
    expect((await other.ask({ key: 'k', body: { model: 'chat', max_tokens: 2, messages: [] } })).status).toBe(400)
    expect(other.sent).toEqual([])
    expect((await other.ask({ key: 'k', as: 'b' })).headers.get('x-tutti-idempotent-replay')).toBe(null)
    await one.gateway.close()
    await other.gateway.close()
  })

  test.skipIf(absent)('one that is being answered elsewhere', async () => {
    const [held, arrived] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
    const one = await openRepeats(
      async (...of) => {
        arrived.resolve()
        await held.promise
        return whole(...of)
      },
      {},
      store(),
    )
    const other = await openRepeats(whole, {}, store())
    const first = one.ask({ key: 'k' })
    await arrived.promise
    const busy = await other.ask({ key: 'k' })
    expect([busy.status, busy.headers.get('retry-after')]).toEqual([409, '1'])
    held.resolve()
    expect((await first).status).toBe(200)
    expect((await other.ask({ key: 'k' })).headers.get('x-tutti-idempotent-replay')).toBe('true')
    expect(other.sent).toEqual([])
    await one.gateway.close()
    await other.gateway.close()
  })

  test.skipIf(absent)('the cache', async () => {
    const [one, other] = [await openCached(undefined, {}, store()), await openCached(undefined, {}, store())]
    expect([await one.said({}), await other.said({}), await other.said({ as: 'b' })]).toEqual(['miss', 'hit', 'miss'])
    await one.gateway.close()
    await other.gateway.close()
  })
})
