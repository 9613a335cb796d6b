// Law 4 where the store's answers get lost: whatever arrives of a bill's steps, and whoever books it, it is booked once on every shard.
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createBookkeeper, type Booking } from '#src/accounting/bookkeeper.ts'
import { linesAt } from '#src/accounting/payer.ts'
import { LAST_MESSAGE_MS, type StateStore } from '#src/core/state-store.ts'
import { createMemoryStore } from '#src/state/memory.ts'
import { createFakeClock, inTime, type FakeClock } from '../support/fake-clock.ts'
import { lawRuns } from '../support/state-driver.ts'
import { START } from '../support/state-model.ts'

/** What becomes of one step: it arrives or not, and so does its answer. */
type Fate = 'done' | 'lost' | 'silent'

/** A store whose steps meet their fates in turn, and then arrive. */
function unsure(store: StateStore, fates: readonly Fate[]): StateStore {
  let at = 0
  const meet = async <Answer>(step: () => Answer | Promise<Answer>): Promise<Answer> => {
    const fate = fates[at++] ?? 'done'
    if (fate === 'lost') throw new Error('reset')
    const answer = await step()
    if (fate === 'silent') throw new Error('reset')
    return answer
  }
  return {
    ...store,
    settle: (settlement) => meet(() => store.settle(settlement)),
    confirm: (step, other) => meet(() => store.confirm(step, other)),
  }
}

const SHARDS = ['tenant/a', 'budget/all', 'budget/up'] as const
const placeOf = (shard: string) => ({ shard, lines: linesAt([{ account: shard, limit: 1000n, per: 'total' }], START) })

function booking(id: string, bill: bigint): Booking {
  const [root, ...elsewhere] = SHARDS.map(placeOf)
  assert(root)
  const paid = { request: id, endpoint: '/v1/chat/completions', model: 'm', target: 'p/m', outcome: 'answered' }
  return { id, root, elsewhere, bill, paid }
}

async function spentOn(store: StateStore): Promise<readonly bigint[]> {
  const found: bigint[] = []
  for (const shard of SHARDS) for (const { spent } of await store.spend(placeOf(shard), START)) found.push(spent)
  return found
}

function open(store: StateStore, clock: FakeClock) {
  const lost: string[] = []
  const bookkeeper = createBookkeeper({
    store,
    clock,
    isolated: false,
    keepFor: () => 60_000,
    lost: (id, shard) => lost.push(`${id} ${shard}`),
  })
  const work: Promise<void>[] = []
  return {
    lost,
    giveUp: bookkeeper.giveUp,
    book: (id: string, bill: bigint, whole?: Booking['whole']) =>
      bookkeeper.book({ ...booking(id, bill), whole }, (rest) => work.push(rest)),
    /** All that goes on in the background; it may begin more. */
    async done() {
      for (let one = work.shift(); one; one = work.shift()) await inTime(clock, one)
    },
  }
}

const fates = fc.array(fc.constantFrom<Fate>('done', 'lost', 'silent'), { maxLength: 20 })

test('steps that get lost and answers that get lost', async () => {
  await fc.assert(
    fc.asyncProperty(fates, fc.array(fc.bigInt({ min: 0n, max: 90n }), { maxLength: 5 }), async (fate, bills) => {
      const store = createMemoryStore()
      const { book, done, lost } = open(unsure(store, fate), createFakeClock(START))
      for (const [at, bill] of bills.entries()) await book(`t${at}`, bill)
      await done()
      const sum = bills.reduce((total, bill) => total + bill, 0n)
      assert.deepEqual(lost, [])
      assert.deepEqual(await spentOn(store), [sum, sum, sum])
      const { rows } = await store.ledger({ most: 100 })
      assert.equal(rows.filter(({ paid }) => paid).length, bills.length)
    }),
    { numRuns: lawRuns(500) },
  )
})

test('who waits for a bill to be whole is asked when it is booked on all shards, and again while it has no answer', async () => {
  await fc.assert(
    fc.asyncProperty(fates, fc.integer({ min: 0, max: 3 }), async (fate, failures) => {
      const store = createMemoryStore()
      const { book, done } = open(unsure(store, fate), createFakeClock(START))
      const seen: (readonly bigint[])[] = []
      await book('t', 7n, async () => {
        seen.push(await spentOn(store))
        if (seen.length <= failures) throw new Error('reset')
      })
      await done()
      assert.deepEqual(
        seen,
        Array.from({ length: failures + 1 }, () => [7n, 7n, 7n]),
      )
    }),
    { numRuns: lawRuns(200) },
  )
})

test('an instance that dies between two shards: the next one books the rest, once', async () => {
  await fc.assert(
    fc.asyncProperty(fates, fc.integer({ min: 0, max: 3 }), async (fate, steps) => {
      const store = createMemoryStore()
      const clock = createFakeClock(START)
      // From then on nothing of it arrives.
      const dying = unsure(store, [
        ...Array.from({ length: steps }, (): Fate => 'done'),
        ...Array.from({ length: 2000 }, (): Fate => 'lost'),
      ])
      await open(dying, clock).book('t', 7n)
      for (let i = 0; i < 20; i++) await new Promise(setImmediate)
      clock.advance(15_000)
      const next = open(unsure(store, fate), clock)
      clock.advance(31_000)
      await next.book('u', 1n)
      await next.done()
      clock.advance(31_000)
      await next.book('v', 1n)
      await next.done()
      const expected = steps === 0 ? 2n : 9n
      assert.deepEqual(await spentOn(store), [expected, expected, expected])
    }),
    { numRuns: lawRuns(100) },
  )
})

test('rows that are older than they are kept are forgotten, what they say of accounts is not', async () => {
  const store = createMemoryStore()
  const clock = createFakeClock(START)
  const { book, done } = open(store, clock)
  for (let at = 0; at < 4; at++) {
    await book(`t${at}`, 7n)
    await done()
    clock.advance(31_000)
  }
  const { rows } = await store.ledger({ most: 100 })
  expect(new Set(rows.map(({ id }) => id))).toEqual(new Set(['t2', 't3']))
  expect(await spentOn(store)).toEqual([28n, 28n, 28n])
})

/** Rows that an instance which died left open, or that were closed. */
async function leave(store: StateStore, rows: number, elsewhere: Booking['elsewhere'] = []): Promise<void> {
  const { root, paid } = booking('left', 7n)
  for (let i = 0; i < rows; i++)
    await store.settle({ id: `left-${i}`, ...root, elsewhere, bill: 7n, paid, now: START, notAfter: START })
}

test('a look forgets all that is older than it is kept, a little at a time, and whatever else waits has its turn between', async () => {
  const store = createMemoryStore()
  const clock = createFakeClock(START)
  await leave(store, 12_345)
  clock.advance(100_000)
  const happened: string[] = []
  const seen: StateStore = {
    ...store,
    trim(before, most) {
      expect(most).toBeLessThanOrEqual(500)
      happened.push('step')
      if (happened.length === 20) void book('meanwhile', 1n)
      return store.trim(before, most)
    },
    open(query) {
      happened.push('look')
      return store.open(query)
    },
  }
  const { book, done } = open(seen, {
    ...clock,
    after(ms, run) {
      happened.push('turn')
      return clock.after(ms, run)
    },
  })
  clock.advance(31_000)
  await book('new', 7n)
  await done()
  expect((await store.ledger({ most: 100 })).rows.filter(({ paid }) => paid).map(({ id }) => id)).toEqual([
    'new',
    'meanwhile',
  ])
  // It took minutes, in which it was one look.
  expect(clock.now() - START).toBeGreaterThan(300_000)
  expect(happened.filter((one) => one === 'look')).toHaveLength(1)
  const work = happened.filter((one) => one !== 'look')
  expect(work).toEqual([...Array.from({ length: 24 }, () => ['step', 'turn']).flat(), 'step'])
})

test('whoever is to end forgets no more', async () => {
  const store = createMemoryStore()
  const clock = createFakeClock(START)
  await leave(store, 5000)
  clock.advance(100_000)
  let steps = 0
  const { book, done, giveUp } = open(
    {
      ...store,
      trim(before, most) {
        if (++steps === 3) giveUp()
        return store.trim(before, most)
      },
    },
    clock,
  )
  clock.advance(31_000)
  await book('new', 7n)
  await done()
  expect(steps).toBe(3)
})

test('what nobody can follow any more does not stand in the way of what somebody can', async () => {
  const store = createMemoryStore()
  const clock = createFakeClock(START)
  const { id, root, elsewhere, bill, paid } = booking('newer', 7n)
  await leave(store, 300, elsewhere)
  clock.advance(LAST_MESSAGE_MS + 1)
  const now = clock.now()
  await store.settle({ id, ...root, elsewhere, bill, paid, now, notAfter: now })
  const { book, done, lost } = open(store, clock)
  clock.advance(31_000)
  await book('new', 1n)
  await done()
  expect(lost).toEqual([])
  expect(await spentOn(store)).toEqual([300n * 7n + 8n, 8n, 8n])
})

test('what is too old to be followed is left to a count from the ledgers, and is no news each time', async () => {
  const store = createMemoryStore()
  const clock = createFakeClock(START)
  const { id, root, elsewhere, bill, paid } = booking('old', 7n)
  await store.settle({ id, ...root, elsewhere, bill, paid, now: START, notAfter: START })
  clock.advance(LAST_MESSAGE_MS + 1)
  const { book, done, lost } = open(store, clock)
  clock.advance(31_000)
  await book('new', 1n)
  await done()
  expect(lost).toEqual([])
  expect(await spentOn(store)).toEqual([8n, 1n, 1n])
})

test('whoever is to end gives up: what is not booked by then is told, and nothing is tried any more', async () => {
  const store = createMemoryStore()
  const clock = createFakeClock(START)
  const { book, done, giveUp, lost } = open(
    unsure(
      store,
      Array.from({ length: 4 }, () => 'lost'),
    ),
    clock,
  )
  await book('t', 7n)
  giveUp()
  await done()
  await book('u', 7n)
  await done()
  expect(lost).toEqual(['t tenant/a', 'u tenant/a'])
  expect(clock.now() - START).toBeLessThan(60_000)
  expect(await spentOn(store)).toEqual([0n, 0n, 0n])
})

test('a bill that nobody could book for minutes is told, and booked by nobody later', async () => {
  const store = createMemoryStore()
  const clock = createFakeClock(START)
  const { book, done, lost } = open(
    unsure(
      store,
      Array.from({ length: 1000 }, () => 'lost'),
    ),
    clock,
  )
  await book('t', 7n)
  await done()
  expect(lost).toEqual(['t tenant/a'])
  expect(clock.now() - START).toBeGreaterThan(240_000)
  expect(await spentOn(store)).toEqual([0n, 0n, 0n])
})
