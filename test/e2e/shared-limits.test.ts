// Limits that some share: a request passes every gate or leaves no trace at any, and one of a provider lets the next target answer.
import { expect, test, vi } from 'vitest'
import { keyNamed as key, openSharing } from '../support/sharing-world.ts'

const KEYS = [key('a1', { tenant: 'a' }), key('a2', { tenant: 'a' }), key('b1', { tenant: 'b', limits: { rpm: 2 } })]
const open = (limits: readonly object[]) => openSharing({ limits, keys: KEYS })

const OVER = /^429 rate_limit_exceeded the limit `s` of requests a minute is reached (?:60|61)$/u

test.each([
  ['of everybody', { name: 's' }, ['a1', 'b1'], 'a2'],
  ['of a tenant', { name: 's', subjects: { tenants: ['a'] } }, ['a1', 'a2'], 'a1', 'b1'],
  ['of each key', { name: 's', each: 'key' }, ['a1', 'a1', 'a2'], 'a1', 'a2'],
] as const)('%s', async (_what, limit, pass, refused, free?: string) => {
  const { ask } = await open([{ ...limit, rpm: 2 }])
  for (const one of pass) expect(await ask(one)).toBe('one')
  expect(await ask(refused)).toMatch(OVER)
  if (free !== undefined) expect(await ask(free)).toBe('one')
})

test('of a model', async () => {
  const { ask } = await open([{ name: 's', models: ['oth*'], rpm: 1 }])
  expect([await ask('a1', 'other'), await ask('a1'), await ask('a1')]).toEqual(['one', 'one', 'one'])
  expect(await ask('b1', 'other')).toMatch(OVER)
})

test('of a provider: the next target is asked, and where there is none the caller is told', async () => {
  const { ask, log } = await open([{ name: 's', providers: ['one'], rpm: 1 }])
  expect([await ask('a1'), await ask('b1')]).toEqual(['one', 'two'])
  expect(log.at(-1)?.['attempts']).toMatchObject([
    { target: 'one/m', outcome: 'over_limit' },
    { target: 'two/m', outcome: 'answered' },
  ])
  expect(await ask('a1', 'other')).toMatch(OVER)
})

test('who is refused at one gate has come through none', async () => {
  const { ask } = await open([{ name: 's', rpm: 1 }])
  expect(await ask('a1')).toBe('one')
  // Its own two requests a minute are not used up by what another gate refuses.
  for (let i = 0; i < 3; i++) expect(await ask('b1')).toMatch(OVER)
})

test('slots come back when the answer has ended', async () => {
  const { ask } = await open([
    { name: 's', concurrency: 1 },
    { name: 'up', providers: ['one'], concurrency: 1 },
  ])
  for (let i = 0; i < 3; i++) expect(await ask('a1')).toBe('one')
})

test('what a request takes and holds is its own until it must have ended, and free soon after', async () => {
  vi.useFakeTimers({ toFake: ['Date'] })
  try {
    const gone = Promise.withResolvers<void>()
    const keys = [key('a', { limits: { concurrency: 1 } }), key('b', { budget: { usd: 1, per: 'total' } })]
    const { ask, sent, store } = await openSharing({ keys }, () => gone.promise)
    const began = Date.now()
    const running = [ask('a'), ask('b')]
    await vi.waitFor(() => expect(sent).toHaveLength(2))
    const half = 60_000 * 15
    for (const passed of [half, 2 * half - 1, 2 * half + 59_000]) {
      vi.setSystemTime(began + passed)
      expect(await ask('a')).toMatch(/^429 rate_limit_exceeded the key's limit of requests at once/)
      expect(await ask('b')).toMatch(/^429 budget_exceeded/)
    }
    vi.setSystemTime(began + 2 * half + 61_000)
    const later = [ask('a'), ask('b')]
    await vi.waitFor(() => expect(sent).toHaveLength(4))
    gone.resolve()
    expect(await Promise.all([...running, ...later])).toEqual(['one', 'one', 'one', 'one'])
    expect(store.size()).toMatchObject({ slots: 0, holds: 0 })
  } finally {
    vi.useRealTimers()
  }
})

test('a key that has had its part of a provider’s limit leaves what another one asks for, and goes to the next target meanwhile', async () => {
  vi.useFakeTimers({ toFake: ['Date'] })
  try {
    const limits = [{ name: 'up', providers: ['one'], rpm: 10 }]
    const { ask } = await openSharing({ keys: [key('a'), key('b')], limits })
    const askAll = async (as: string, times: number): Promise<number> => {
      const whom: string[] = []
      for (let i = 0; i < times; i++) whom.push(await ask(as))
      return whom.filter((one) => one === 'one').length
    }
    // Nobody knows of the other one yet; then there is no room for all that it asks for.
    expect([await askAll('a', 9), await askAll('b', 4)]).toEqual([9, 1])
    vi.setSystemTime(Date.now() + 62_000)
    expect([await askAll('a', 10), await askAll('b', 3)]).toEqual([7, 3])
  } finally {
    vi.useRealTimers()
  }
})
