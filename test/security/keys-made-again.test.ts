// A key that is made under the id of one that was revoked is another one (law 13).
import { expect, test } from 'vitest'
import { ANSWER, KEY_CONFIG, startKeyWorld } from '../support/key-world.ts'

test('whoever gets the id of a key that was revoked gets nothing that was its', async () => {
  let count = 0
  const models = { ...KEY_CONFIG.models, kept: { targets: ['one/m'], cache: { ttl: '1h' } } }
  const answer = () => Response.json({ ...ANSWER, id: `c${++count}` })
  const { call, make, clock } = await startKeyWorld({ config: { ...KEY_CONFIG, models }, answer })
  const first = await make({ id: 'bot', tenant: 'a' })
  const messages = [{ role: 'user', content: 'hi' }]
  const once = (key: string) =>
    call('POST', '/v1/chat/completions', {
      key,
      body: { model: 'chat', messages },
      headers: { 'idempotency-key': 'order-17' },
    })
  const cached = (key: string) => call('POST', '/v1/chat/completions', { key, body: { model: 'kept', messages } })
  const stored = await call('POST', '/v1/responses', { key: first.secret, body: { model: 'chat', input: 'hi' } })
  const path = `/v1/responses/${String(stored.json['id'])}`
  expect([(await once(first.secret)).json['id'], (await once(first.secret)).json['id']]).toEqual(['c2', 'c2'])
  expect((await call('GET', path, { key: first.secret })).status).toBe(200)
  await call('PATCH', '/-/keys/bot', { body: { tenant: null } })
  expect([(await cached(first.secret)).json['id'], (await cached(first.secret)).json['id']]).toEqual(['c3', 'c3'])
  // A change or a rotation makes no other key of it.
  const { json } = await call('POST', '/-/keys/bot/rotate')
  const rotated = String(json['secret'])
  clock.advance(1000)
  expect([(await once(rotated)).json['id'], (await cached(rotated)).json['id']]).toEqual(['c2', 'c3'])
  await call('DELETE', '/-/keys/bot')
  const { secret } = await make({ id: 'bot' })
  expect((await call('GET', path, { key: secret })).status).toBe(404)
  expect([(await once(secret)).json['id'], (await cached(secret)).json['id']]).toEqual(['c4', 'c5'])
})
