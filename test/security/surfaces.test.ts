// What is published and not there yet is refused as that; nothing is accepted and ignored.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { localProvider, startGateway, type TestGateway } from '../support/gateway.ts'

let tutti: TestGateway

beforeAll(async () => {
  tutti = await startGateway({ providers: { p: localProvider('http://127.0.0.1:9/v1') } })
})

afterAll(() => tutti.close())

test.each([
  ['GET', '/-/console/', 501],
  ['POST', '/v1/nothing', 404],
  ['POST', `/v1/${'x'.repeat(10_000)}`, 404],
])('%s %s', async (method, path, status) => {
  const response = await fetch(tutti.url + path, { method })
  const { error } = await response.json()
  expect([response.status, error.code]).toEqual([status, status === 501 ? 'not_in_this_version' : 'not_found'])
  expect(error.message.length).toBeLessThan(200)
  expect(response.headers.get('x-should-retry')).toBe(status === 501 ? 'false' : null)
  expect(response.headers.get('x-tutti-request-id')).toBeTruthy()
})

test.each([
  ['POST', '/chat/completions', '/v1` twice', false],
  ['POST', '/chat/completions', 'the base URL ends with `/v1`', true],
  ['GET', '/models', 'the base URL ends with `/v1`', true],
  ['POST', '/v1/v1/chat/completions', 'the base URL has `/v1` twice', true],
  ['POST', '/v1/nothing', 'base URL', false],
])('%s %s: a hint at the base URL', async (method, path, part, there) => {
  const response = await fetch(tutti.url + path, { method })
  const { error } = await response.json()
  expect([response.status, error.message.includes(part)]).toEqual([404, there])
})
