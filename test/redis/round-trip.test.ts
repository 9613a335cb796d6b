// How often a request waits for Redis, over real connections: what passes is counted and let through one answer at a time.
import { afterEach, expect, test, vi } from 'vitest'
import { createGateway } from '#src/index.ts'
import { createRedisStore } from '#src/state/redis.ts'
import { systemClock } from '#src/system-clock.ts'
import { redisAbsent, startRedis, until } from '../support/redis.ts'
import { ANSWER, FILE, keyNamed } from '../support/sharing-world.ts'
import { startProxy } from '../support/tcp-proxy.ts'

const ends: (() => Promise<unknown>)[] = []
afterEach(async () => {
  vi.useRealTimers()
  for (const end of ends.splice(0).toReversed()) await end()
})

test.skipIf(redisAbsent())('a request with a budget and limits is sent after one answer of Redis', async () => {
  // What is spent is asked for once a second: this is one.
  vi.useFakeTimers({ toFake: ['Date'] })
  const redis = await startRedis()
  ends.push(() => redis.end())
  const proxy = await startProxy(redis.port)
  ends.push(() => proxy.end())
  const state = createRedisStore({ urls: [`redis://127.0.0.1:${proxy.port}`], prefix: 'trips', clock: systemClock })
  ends.push(async () => state.close())
  let sent = 0
  const own = { budget: { usd: 100, per: 'day' }, limits: { rpm: 100, tpm: 1_000_000, concurrency: 50 } }
  const gateway = await createGateway(
    { ...FILE, keys: [keyNamed('k', own)] },
    {
      state,
      async fetch() {
        sent++
        return Response.json(ANSWER)
      },
    },
  )
  ends.push(() => gateway.close())
  const ask = async (): Promise<number> => {
    const body = JSON.stringify({ model: 'chat', max_tokens: 1, messages: [{ role: 'user', content: 'hi' }] })
    const headers = { authorization: 'Bearer k' }
    const answer = await gateway.fetch(
      new Request('http://tutti/v1/chat/completions', { method: 'POST', headers, body }),
    )
    await answer.text()
    return answer.status
  }
  expect(await ask()).toBe(200)
  const booked = async (): Promise<number> => (await state.ledger({ most: 9 })).rows.length
  await until(async () => (await booked()) === 1)
  const before = proxy.asked()

  proxy.set('no replies')
  const answer = ask()
  await until(() => proxy.asked() > before)
  expect(sent).toBe(1)
  proxy.release()
  // Nothing more is let through, and it is sent.
  await until(() => sent === 2)
  proxy.set('clear')
  proxy.release()
  expect(await answer).toBe(200)
  await until(async () => (await booked()) === 2)
})
