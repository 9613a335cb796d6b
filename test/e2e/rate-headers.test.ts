// OpenAI's headers of limits, as its SDKs' users read them: of what the caller itself passes, the least room.
import { expect, test } from 'vitest'
import { keyNamed, openSharing } from '../support/sharing-world.ts'

const KEYS = [keyNamed('a', { tenant: 't', limits: { rpm: 2, tpm: 1000 } }), keyNamed('b', { tenant: 't' })]

async function headersOf(more: object, callers: readonly string[], stream = false) {
  const { gateway } = await openSharing(more)
  const told: string[] = []
  for (const caller of callers) {
    const response = await gateway.fetch(
      new Request('http://tutti/v1/chat/completions', {
        method: 'POST',
        headers: { authorization: `Bearer ${caller}` },
        body: JSON.stringify({ model: 'chat', stream, max_tokens: 7, messages: [{ role: 'user', content: 'hi' }] }),
      }),
    )
    await response.text()
    const of = (what: string): string =>
      ['limit', 'remaining', 'reset']
        .map((name) => response.headers.get(`x-ratelimit-${name}-${what}`) ?? '-')
        .join(' ')
    told.push(`${response.status} ${of('requests')} | ${of('tokens')}`)
  }
  return told
}

test('say what is left of requests and of tokens, also where there was no room', async () => {
  const told = await headersOf({ keys: KEYS }, ['a', 'a', 'a'])
  const [first, second, third] = told.map((line) => line.replaceAll(/\d+m\d+s|\d+s/g, 'T'))
  // What is asked for counts: the input's estimate and the output's limit.
  expect(first).toMatch(/^200 2 1 T \| 1000 9\d\d T$/)
  expect(second).toMatch(/^200 2 0 T \| 1000 9\d\d T$/)
  expect(third).toMatch(/^429 2 0 T \| 1000 9\d\d T$/)
  expect(told[0]).toMatch(/ (1m0s|1m1s|60s|59s) \|/)
})

test('are of the gate with the least room, of those that callers share too', async () => {
  const limits = [
    { name: 'all', rpm: 100 },
    { name: 't', subjects: { tenants: ['t'] }, rpm: 4 },
  ]
  const told = await headersOf({ keys: KEYS, limits }, ['b', 'b', 'b', 'a'])
  expect(told.map((line) => line.split(' ').slice(0, 3).join(' '))).toEqual([
    '200 4 3',
    '200 4 2',
    '200 4 1',
    '200 4 0',
  ])
})

test('stand on streams', async () => {
  const [told] = await headersOf({ keys: KEYS }, ['a'], true)
  expect(told).toMatch(/^\d+ 2 1 /)
})

test('are not there where there is no limit, and say nothing of limits of providers', async () => {
  const limits = [{ name: 'up', providers: ['one'], rpm: 5 }]
  expect(await headersOf({ keys: [keyNamed('c')], limits }, ['c'])).toEqual(['200 - - - | - - -'])
})
