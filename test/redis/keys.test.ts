// Keys on two gateways that share a Redis: what one makes, changes and revokes counts at the other before two seconds are over.
import { afterEach, expect, test } from 'vitest'
import { createRedisStore } from '#src/state/redis.ts'
import { systemClock } from '#src/system-clock.ts'
import { createFetchTransport } from '#src/transport/fetch.ts'
import { createFakeClock, type FakeClock } from '../support/fake-clock.ts'
import { startGateway } from '../support/gateway.ts'
import { ANSWER, KEY_CONFIG } from '../support/key-world.ts'
import { redisAbsent, startRedis } from '../support/redis.ts'

const ends: (() => unknown)[] = []
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end()
})

async function start(redis: string, clock: FakeClock) {
  const store = createRedisStore({ urls: [redis], cluster: false, prefix: 'tutti', clock: systemClock })
  const transport = createFetchTransport(async () => Response.json(ANSWER))
  const gateway = await startGateway(KEY_CONFIG, { store, clock, transport })
  ends.push(
    () => store.close(),
    () => gateway.close(),
  )
  const call = async (
    method: string,
    path: string,
    { key = 'sk-admin', body }: { key?: string; body?: object } = {},
  ) => {
    const answer = await fetch(`${gateway.url}${path}`, {
      method,
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      ...(body && { body: JSON.stringify(body) }),
    })
    const json: { readonly secret?: string } = await answer.json()
    return { status: answer.status, secret: json.secret ?? '' }
  }
  const chat = async (key: string) => {
    const body = { model: 'chat', messages: [{ role: 'user', content: '안녕' }] }
    return (await call('POST', '/v1/chat/completions', { key, body })).status
  }
  return { call, chat }
}

test.skipIf(redisAbsent())('a key that one gateway revokes is nobody at the other a second later', async () => {
  const redis = await startRedis()
  ends.push(() => redis.end())
  const clock = createFakeClock(Date.now())
  const [one, other] = [await start(redis.url, clock), await start(redis.url, clock)]
  const { secret: first } = await one.call('POST', '/-/keys', { body: { id: 'bot' } })
  expect([await one.chat(first), await other.chat(first), await other.chat('sk-app')]).toEqual([200, 200, 200])
  const { secret: second } = await other.call('POST', '/-/keys/bot/rotate', { body: { overlap: '1m' } })
  expect([await one.chat(first), await one.chat(second), await other.chat(second)]).toEqual([200, 200, 200])
  clock.advance(60_000)
  expect([await one.chat(first), await one.chat(second)]).toEqual([401, 200])
  expect((await other.call('PATCH', '/-/keys/bot', { body: { models: ['nothing'] } })).status).toBe(200)
  clock.advance(1000)
  expect([await other.chat(second), await one.chat(second)]).toEqual([404, 404])
  expect((await one.call('PATCH', '/-/keys/bot', { body: { models: null } })).status).toBe(200)
  clock.advance(1000)
  expect([await other.chat(second), await one.chat(second)]).toEqual([200, 200])
  expect((await other.call('DELETE', '/-/keys/bot')).status).toBe(200)
  expect(await other.chat(second)).toBe(401)
  clock.advance(1000)
  expect([await one.chat(second), await one.chat('sk-app')]).toEqual([401, 200])
})

test.skipIf(redisAbsent())(
  'of two that change a key at once one is told to come again, or both are carried out',
  async () => {
    const redis = await startRedis()
    ends.push(() => redis.end())
    const clock = createFakeClock(Date.now())
    const [one, other] = [await start(redis.url, clock), await start(redis.url, clock)]
    const made = await Promise.all(
      Array.from({ length: 10 }, (_, n) =>
        (n % 2 === 0 ? one : other).call('POST', '/-/keys', { body: { id: 'bot' } }),
      ),
    )
    const secrets = made.flatMap(({ status, secret }) => (status === 200 ? [secret] : []))
    expect(secrets).toHaveLength(1)
    expect(made.every(({ status }) => [200, 400, 503].includes(status))).toBe(true)
    expect(await one.chat(secrets[0] ?? '')).toBe(200)
  },
)
