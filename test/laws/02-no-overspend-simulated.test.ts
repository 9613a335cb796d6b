// Law 2. No overspend, with laws 3 and 4, in whatever order instances, messages and clocks come: 1 to 8 instances, two trees of three levels and a
// limit that crosses them, before there is a store that is shared. A seed that is printed gives the same interleaving again.
import { expect, test } from 'vitest'
import { reached } from '../support/law.ts'
import { GOOD } from '../simulation/protocol.ts'
import { KEPT } from '../simulation/shards.ts'
import { simulate, type Found, type World } from '../simulation/simulate.ts'

/** In the long form fifty times what is asked of a store. */
const RUNS = 50 * Number(process.env['TUTTI_LAW_RUNS'] ?? '4000')
const SEED = process.env['TUTTI_LAW_SEED'] ?? 'short'

/** The first interleaving in which something does not hold. */
function search(world: World, runs: number): (Found & { readonly seed: string }) | undefined {
  for (let run = 0; run < runs; run++) {
    const seed = `${SEED} ${run}`
    const found = simulate(seed, world)
    if (found.broken !== undefined) return { ...found, seed }
  }
  return undefined
}

test('whatever is lost, late, repeated, paused or killed', () => {
  expect(search({}, RUNS)).toBeUndefined()
  reached(RUNS)
}, 1_800_000)

test('bills over their holds', () => {
  expect(search({ overHolds: true }, RUNS / 10)).toBeUndefined()
  reached(RUNS / 10)
}, 600_000)

test('the interleavings are not all of one kind', () => {
  const all = Array.from({ length: 1000 }, (_, run) => simulate(`kinds ${run}`))
  for (const kind of ['answered', 'refused', 'crashes'] as const)
    expect(all.filter((found) => found[kind] > 0).length, kind).toBeGreaterThan(100)
})

test.each<[string, World]>([
  ['a store that forgets what is over too early', { promises: { ...KEPT, remembered: 5 } }],
  ['a store that holds what fits and leaves out the rest', { promises: { ...KEPT, allOrNothing: false } }],
  ['a store whose holds never die', { promises: { ...KEPT, expires: false } }],
  ['a ledger that does not say what is still to be booked', { promises: { ...KEPT, keepsOpen: false } }],
  ['a store that carries out whatever arrives, however late', { promises: { ...KEPT, heedsNotAfter: false } }],
  ['an instance that sends without a look at the clock', { habits: { ...GOOD, looksAtTheClock: false } }],
  ['an instance that gives nothing back', { habits: { ...GOOD, givesBack: false } }],
  ['an instance that gives back once, whatever becomes of that', { habits: { ...GOOD, givesBackUntilKnown: false } }],
  ['a store that does not know who left before coming', { promises: { ...KEPT, marksUnknown: false } }],
  ['an instance that repeats a step under another id', { habits: { ...GOOD, repeatsUnderOneId: false } }],
])(
  '%s is found',
  (_name, world) => {
    expect(search(world, 50_000)?.broken).toMatch(/^law [234]/u)
  },
  120_000,
)
