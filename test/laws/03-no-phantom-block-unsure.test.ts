// Law 3 where the store's answers get lost: what was taken and is not wanted any more is given back, whatever arrives of that, and in what order.
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createGiveBack, MOST_WAITING, type Taken } from '#src/accounting/give-back.ts'
import type { StateStore } from '#src/core/state-store.ts'
import { createMemoryStore } from '#src/state/memory.ts'
import { createFakeClock, inTime } from '../support/fake-clock.ts'
import { reached } from '../support/law.ts'
import { lawRuns } from '../support/state-driver.ts'
import { START } from '../support/state-model.ts'

/** What becomes of one step: it arrives, and so does its answer; it is lost; its answer is lost; it arrives when it is let. */
type Fate = 'done' | 'lost' | 'silent' | 'late'

/** ms for which holds and slots live. */
const LIFE = 1_800_000
const SHARDS = ['tenant/a', 'limits/all'] as const
const lineOf = (shard: string) => ({ account: shard, limit: 100n, per: 'total', ends: Infinity }) as const
const gatesOf = (shard: string) => [{ gate: shard, limits: { concurrency: 1, rpm: 1, tpm: 10 } }]

/** A store on a clock, whose steps meet their fates in turn and then arrive. */
function openUnsure(fates: readonly Fate[]) {
  const clock = createFakeClock(START)
  const store = createMemoryStore()
  const late: (() => unknown)[] = []
  let steps = 0
  const meet = async <Answer>(step: () => Answer | Promise<Answer>): Promise<Answer> => {
    const fate = fates[steps++] ?? 'done'
    if (fate === 'done') return step()
    if (fate === 'silent') await step()
    if (fate === 'late') late.push(step)
    throw new Error('nobody knows')
  }
  const unsure: StateStore = {
    ...store,
    admit: (admission) => meet(() => store.admit(admission)),
    leave: (step, tokens, now) => meet(() => store.leave(step, tokens, now)),
    withdraw: (step, now) => meet(() => store.withdraw(step, now)),
    hold: (request) => meet(() => store.hold(request)),
    release: (step, now) => meet(() => store.release(step, now)),
  }
  return {
    clock,
    store,
    unsure,
    steps: () => steps,
    /** What was late arrives. */
    arrive() {
      for (const step of late.splice(0).toReversed()) step()
    },
  }
}

type Unsure = ReturnType<typeof openUnsure>

function openGiveBack({ clock, unsure }: Pick<Unsure, 'clock' | 'unsure'>, isolated = false) {
  const work: Promise<void>[] = []
  const state = { over: false }
  const give = createGiveBack({ store: unsure, clock, isolated, over: () => state.over })
  return {
    work,
    state,
    giveBack: (taken: readonly Taken[]) => give(taken, (rest) => work.push(rest)),
    async done() {
      for (let one = work.shift(); one; one = work.shift()) await inTime(clock, one)
    },
  }
}

const slots = (id: string, used?: number): readonly Taken[] =>
  SHARDS.map((shard) => ({ what: 'slots', id, shard, used, expiresAt: START + LIFE }))
const hold = (id: string): Taken => ({ what: 'hold', id, shard: SHARDS[0], expiresAt: START + LIFE })

/** Whoever comes next finds all of the room. */
function allFree({ store, clock }: Unsure): void {
  const now = clock.now()
  assert(now < START + LIFE, 'it would have expired by itself')
  const [shard] = SHARDS
  assert.deepEqual(store.spend({ lines: [lineOf(shard)], shard }, now), [{ spent: 0n, held: 0n }])
  for (const gate of SHARDS) {
    const next = { id: 'next', shard: gate, gates: gatesOf(gate), tokens: 10, now, expiresAt: now + 1 }
    assert.deepEqual({ ...store.admit(next), rooms: [] }, { ok: true, rooms: [] }, gate)
  }
}

const fates = fc.array(fc.constantFrom<Fate>('done', 'lost', 'silent', 'late'), { maxLength: 30 })

test.each([false, true])(
  'admitted, held and given back, each step with a fate of its own (isolated: %s)',
  async (isolated) => {
    await fc.assert(
      fc.asyncProperty(fates, fc.boolean(), async (given, leaves) => {
        const world = openUnsure(given)
        const { unsure, clock } = world
        const { giveBack, done } = openGiveBack(world, isolated)
        const [own] = SHARDS
        const now = clock.now()
        const held = { id: 'r-1', lines: [lineOf(own)], amount: 60n, expiresAt: START + LIFE }
        for (const shard of SHARDS) {
          const admission = { id: 'r', shard, gates: gatesOf(shard), tokens: 10, now, expiresAt: START + LIFE }
          try {
            await unsure.admit({ ...admission, ...(shard === own && { hold: held }) })
          } catch {
            // Nobody knows.
          }
        }
        await Promise.all([giveBack(slots('r', leaves ? 0 : undefined)), giveBack([hold('r-1')])])
        await done()
        world.arrive()
        // A request that has left is one of the last minute.
        clock.advance(leaves ? 61_000 : 0)
        allFree(world)
      }),
      { numRuns: lawRuns(500) },
    )
    reached(lawRuns(500))
  },
)

test('a shard that never answers keeps no other waiting, and is given up when it is free by itself', async () => {
  const world = openUnsure([])
  const { clock, store } = world
  let answers = false
  const down = new Set<string>(['dead'])
  const withdrawn: string[] = []
  const unsure: StateStore = {
    ...store,
    withdraw({ id, shard }) {
      if (!answers || down.has(shard)) throw new Error('down')
      withdrawn.push(id)
    },
  }
  const { giveBack, work } = openGiveBack({ clock, unsure })
  const of = (id: string, shard: string): Taken => ({ what: 'slots', id, shard, expiresAt: START + LIFE })
  await giveBack(Array.from({ length: 40 }, (_, at) => of(`dead-${at}`, 'dead')))
  for (let at = 0; at < 40; at++) await giveBack([of(`r${at}`, 'k')])
  // One task for all of them, which the first began.
  expect(work).toHaveLength(1)
  answers = true
  const pass = async (seconds: number) => {
    for (let second = 0; second < seconds; second++) {
      clock.advance(1000)
      for (let turn = 0; turn < 20; turn++) await new Promise(setImmediate)
    }
  }
  await pass(20)
  expect(new Set(withdrawn).size).toBe(40)
  expect(withdrawn).toHaveLength(40)
  clock.advance(LIFE)
  await pass(10)
  await work[0]
  expect(clock.waiting).toBe(0)
})

test('whoever is to end gives up', async () => {
  const world = openUnsure(Array.from({ length: 1000 }, () => 'lost'))
  const { giveBack, state, done, work } = openGiveBack(world)
  await giveBack([hold('a')])
  state.over = true
  await giveBack([hold('b')])
  await done()
  // Each was tried once.
  expect(world.steps()).toBe(2)
  await giveBack([hold('c')])
  await work[0]
  expect([world.steps(), world.clock.waiting]).toEqual([3, 0])
})

test('where requests share nothing each gives back for itself', async () => {
  const world = openUnsure(Array.from({ length: 4 }, () => 'lost'))
  const { giveBack, done, work } = openGiveBack(world, true)
  await giveBack([hold('a')])
  await giveBack([hold('b')])
  expect(work).toHaveLength(2)
  await done()
  expect(world.steps()).toBe(6)
})

test('no more than so many wait: those that came first', async () => {
  const world = openUnsure(Array.from({ length: MOST_WAITING + 10 }, () => 'lost'))
  const { giveBack, done } = openGiveBack(world)
  await giveBack(Array.from({ length: MOST_WAITING + 10 }, (_, at) => hold(`h${at}`)))
  const released: string[] = []
  const { release } = world.unsure
  world.unsure.release = (step, now) => {
    released.push(step.id)
    return release(step, now)
  }
  await done()
  expect([released.length, released[0], released.at(-1)]).toEqual([MOST_WAITING, 'h0', `h${MOST_WAITING - 1}`])
})
