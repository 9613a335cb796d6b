// State far away: how often a request waits for it before it is sent, and that this opens no budget and shuts none.
import { expect, test } from 'vitest'
import type { StateStore } from '#src/core/state-store.ts'
import { sha256 } from '../support/gateway.ts'
import { deny, keyNamed as key, openSharing, type SharingWorld } from '../support/sharing-world.ts'

/** Makes a store answer later, and says which steps waited for how many trips. */
function moveAway({ store }: SharingWorld) {
  const near = { ...store }
  const trips: string[][] = []
  let under = 0
  const far =
    <Given extends unknown[], Answer>(name: string, step: (...given: Given) => Answer | Promise<Answer>) =>
    async (...given: Given): Promise<Answer> => {
      if (under++ === 0) trips.push([])
      trips.at(-1)?.push(name)
      try {
        return await step(...given)
      } finally {
        await new Promise(setImmediate)
        under--
      }
    }
  Object.assign(store, {
    admit: far('admit', near.admit),
    leave: far('leave', near.leave),
    withdraw: far('withdraw', near.withdraw),
    hold: far('hold', near.hold),
    release: far('release', near.release),
    settle: far('settle', near.settle),
    spend: far('spend', near.spend),
  } satisfies Partial<StateStore>)
  /** Trips since it was asked last. */
  return { near, since: () => trips.splice(0).map((steps) => steps.join(' and ')) }
}

const LIMITS = { rpm: 100, tpm: 1_000_000, concurrency: 50 }
const LINES = [{ account: 'key/k', per: 'total', ends: Infinity }] as const

/** A world far away in which one request was asked. */
async function opened(own: object, more: object = {}) {
  const world = await openSharing({ keys: [key('k', own)], ...more })
  const away = moveAway(world)
  expect(await world.ask('k')).toBe('one')
  return { ...world, ...away }
}

test('a request with a budget and limits waits for one trip, and what is spent is asked for once a second', async () => {
  const { ask, since } = await opened({ budget: { usd: 100, per: 'total' }, limits: LIMITS })
  expect(since().slice(0, 2)).toEqual(['spend', 'admit'])
  expect(await ask('k')).toBe('one')
  const [first, ...books] = since()
  expect(first).toBe('admit')
  expect(books.join(' and ')).toBe('settle and leave')
})

test('nothing left: nothing is sent or held, and whoever asks is told how little', async () => {
  const { ask, since, near, sent } = await opened({ budget: { usd: 2, per: 'total' }, limits: LIMITS })
  expect(await ask('k')).toBe('one')
  since()
  expect(await ask('k')).toMatch(
    /^429 budget_exceeded .*may cost up to 1 USD, and 0 USD is left of the budget of key `k`/,
  )
  expect(since().slice(0, 2)).toEqual(['admit', 'spend'])
  expect(sent).toHaveLength(2)
  expect(await near.spend({ shard: 'key/k', lines: LINES }, Date.now())).toEqual([{ spent: 2_000_000_000n, held: 0n }])
  // Now it is known that nothing is left, and asked whether that is still so.
  expect(await ask('k')).toMatch(/^429 budget_exceeded/)
  expect(since()).toEqual(['spend'])
})

test('nothing left for a key without limits: the budget is named, whatever was known a moment ago', async () => {
  const { ask, since, near, sent, log } = await opened({ budget: { usd: 2, per: 'total' } })
  expect(await ask('k')).toBe('one')
  since()
  expect(await ask('k')).toMatch(/^429 budget_exceeded .* 0 USD is left of the budget of key `k`/)
  expect(since()).toEqual(['hold', 'hold', 'spend'])
  expect(sent).toHaveLength(2)
  expect(log.at(-1)).toMatchObject({ attempts: [{ outcome: 'over_budget' }, { outcome: 'over_budget' }] })
  expect(await near.spend({ shard: 'key/k', lines: LINES }, Date.now())).toEqual([{ spent: 2_000_000_000n, held: 0n }])
})

const BUDGET = { budget: { usd: 5, per: 'total' } }

test('what is denied while room is made: the place at the provider is given back with the hold', async () => {
  const limits = [{ name: 'up', providers: ['one'], concurrency: 1 }]
  const world = await openSharing({ keys: [key('a', BUDGET)], limits, admin: { sha256: sha256('boss') } })
  const { hold, release, withdraw } = world.store
  Object.assign(world.store, {
    durable: true,
    release: later(release),
    withdraw: later(withdraw),
    hold: later(async (request: Parameters<typeof hold>[0]) => {
      world.store.hold = hold
      await deny(world, { provider: 'one' })
      return hold(request)
    }),
  })
  expect(await world.ask('a')).toBe('two')
  expect(world.store.size()).toMatchObject({ slots: 0, holds: 0 })
})

test('what was held when its request came in is given back before another target is asked', async () => {
  const world = await openSharing({
    keys: [key('a', { ...BUDGET, limits: { rpm: 3 } })],
    admin: { sha256: sha256('boss') },
  })
  const { admit, release } = world.store
  const asked: number[] = []
  Object.assign(world.store, {
    durable: true,
    admit: async (request: Parameters<typeof admit>[0]) => {
      world.store.admit = admit
      await deny(world, { provider: 'one' })
      return admit(request)
    },
    release: later(async (...given: Parameters<typeof release>) => {
      await later(release)(...given)
      asked.push(world.sent.length)
    }),
  })
  expect(await world.ask('a')).toBe('two')
  expect(asked).toEqual([0])
})

/** A step that answers later. */
function later<Given extends unknown[], Answer>(step: (...given: Given) => Answer | Promise<Answer>) {
  return async (...given: Given): Promise<Answer> => {
    await new Promise(setImmediate)
    return step(...given)
  }
}

test("a store whose promises are not the runtime's own is waited for like any other", async () => {
  const world = await openSharing({
    keys: [key('k', { budget: { usd: 100, per: 'total' }, limits: { rpm: 2, concurrency: 1 } })],
  })
  const near = { ...world.store }
  let lost = 1
  Object.assign(world.store, {
    admit: lazily(near.admit),
    leave: lazily(near.leave),
    settle: lazily((settlement: Parameters<typeof near.settle>[0]) => {
      const settled = near.settle(settlement)
      if (lost-- > 0) throw new Error('the answer got lost')
      return settled
    }),
    spend: lazily(near.spend),
  })
  expect([await world.ask('k'), await world.ask('k')]).toEqual(['one', 'one'])
  expect(await world.ask('k')).toMatch(/^429 rate_limit_exceeded .* requests a minute/)
  expect(world.store.size()).toMatchObject({ slots: 0, holds: 0 })
  const [spend] = await near.spend({ shard: 'key/k', lines: LINES }, Date.now())
  expect(spend).toEqual({ spent: 2_000_000_000n, held: 0n })
})

/** Begun by whoever waits for it, as query builders of databases do. */
function lazily<Given extends unknown[], Answer>(step: (...given: Given) => Answer | Promise<Answer>) {
  return (...given: Given): PromiseLike<Answer> => ({
    // oxlint-disable-next-line unicorn/no-thenable -- it is what this is about
    then: (fulfilled, rejected) =>
      new Promise((resolve) => setImmediate(resolve)).then(() => step(...given)).then(fulfilled, rejected),
  })
}
