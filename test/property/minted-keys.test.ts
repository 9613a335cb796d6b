// No key makes one that may more than itself: whatever is asked for and made, every name, verdict, budget, limit and moment of it is its maker's too.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { payerOf } from '#src/accounting/payer.ts'
import { FailureError } from '#src/core/failure.ts'
import { isOver, unbounded, type Key, type Limits } from '#src/core/key.ts'
import { widerIn } from '#src/core/narrow.ts'
import { DEFAULT_ON_FAILURE, type Shared } from '#src/core/sharing.ts'
import { compileSubjects } from '#src/core/subjects.ts'
import { createKey } from '#src/pipeline/manage-keys.ts'
import { compileStored, mintedBy, readStored } from '#src/pipeline/stored-keys.ts'
import { permits } from '#src/routing/permit.ts'
import { createMemoryStore } from '#src/state/memory.ts'
import { decideCase, RUNS, situation } from '../support/decision-arbitraries.ts'
import { createFakeClock } from '../support/fake-clock.ts'
import { sha256 } from '../support/gateway.ts'
import { makeKey, makeSnapshot } from '../support/world.ts'

const pattern = fc.array(fc.constantFrom('a', 'b', '*'), { minLength: 1, maxLength: 4 }).map((parts) => parts.join(''))
const patterns = fc.array(pattern, { minLength: 1, maxLength: 3 })
const amount = fc.integer({ min: 1, max: 3 })
const tags = fc.subarray(['ministry', 'press', 'trusted'])
const who = fc.constantFrom('x', 'y')
const expires = fc.constantFrom('2026-12-30', '2026-12-31', '2027-01-01T00:00:00Z', '2027-01-02')
const written = fc.record(
  {
    tenant: who,
    team: who,
    user: who,
    tags,
    models: patterns,
    strict: fc.boolean(),
    limits: fc.record({ rpm: amount, tpm: amount, concurrency: amount }, { requiredKeys: [] }),
    budget: fc.record({ usd: amount, per: fc.constantFrom('hour', 'day', 'total') }),
    expires,
  },
  { requiredKeys: [] },
)

const FIELDS = ['tenant', 'team', 'user', 'tags', 'models', 'strict', 'limits', 'budget', 'expires']
/** Some fields as the maker has them, some in another way: what is wider in one of them may be narrower in others. */
const asking = fc.record({ other: written, fields: fc.subarray(FIELDS, { maxLength: 3 }), same: fc.subarray(FIELDS) })

/** Every name of up to four letters. */
const NAMES = ['a', 'b', 'c'].reduce(
  (names) => [
    ...names,
    ...names.flatMap((name) => (name.length < 4 ? ['a', 'b', 'c'].map((letter) => name + letter) : [])),
  ],
  [''],
)
const MOMENTS = ['2026-12-30', '2026-12-31', '2027-01-01', '2027-01-02', '2027-01-03'].map((day) => Date.parse(day))

const cover = (subjects: Parameters<typeof compileSubjects>[0]) => ({
  covers: compileSubjects(subjects),
  within: false,
})
const SHARED: Shared = {
  budgets: [
    { name: 'all', limit: 9n, per: 'day', ...cover(undefined) },
    { name: 'maker', limit: 9n, per: 'day', ...cover({ keys: ['m'] }) },
    { name: 'trusted', limit: 9n, per: 'day', ...cover({ tags: ['trusted'] }) },
    { name: 'users', limit: 9n, per: 'day', each: 'user', ...cover(undefined) },
    { name: 'keys', limit: 9n, per: 'day', each: 'key', ...cover(undefined), within: true },
  ],
  limits: [
    { name: 'keys', limits: { rpm: 9 }, each: 'key', ...cover(undefined), within: true },
    { name: 'one', limits: { rpm: 9 }, ...cover({ keys: ['m'] }), providers: new Set(['one']) },
    { name: 'each', limits: { rpm: 9 }, each: 'key', ...cover(undefined), within: true, providers: new Set(['one']) },
  ],
  onFailure: DEFAULT_ON_FAILURE,
}

const COUNTED = ['rpm', 'tpm', 'concurrency'] as const satisfies readonly (keyof Limits)[]

/** What is made of a request by a key of the file that was written so; undefined: it was refused as too wide. */
async function made(maker: object, asked: object): Promise<{ key: Key; minter: Key } | undefined> {
  const bare = makeSnapshot({ shared: SHARED })
  const minter: Key = { ...bare.readKey({ id: 'm', ...maker }), mints: 9 }
  const snapshot = {
    ...bare,
    access: { mode: 'keys', byDigest: new Map() },
    keysById: new Map([['m', minter]]),
  } as const
  const store = createMemoryStore()
  try {
    await createKey({ snapshot, store, clock: createFakeClock(), hash: sha256, minter }, { id: 'm:a', ...asked })
  } catch (error) {
    expect(error).toBeInstanceOf(FailureError)
    return undefined
  }
  const key = compileStored(snapshot, readStored((await store.note('key', 'm:a')) ?? ''))
  return key && { key, minter }
}

test('what is made may nothing that its maker may not', async () => {
  let count = 0
  await fc.assert(
    fc.asyncProperty(written, asking, async (maker, { other, fields, same }) => {
      const kept = Object.fromEntries(Object.entries(maker).filter(([field]) => same.includes(field)))
      const asked = Object.fromEntries(Object.entries(other).filter(([field]) => fields.includes(field)))
      const found = await made(maker, { ...kept, ...asked })
      if (!found) return
      count++
      const { key, minter } = found
      for (const name of NAMES) if (permits(key, name)) expect([name, permits(minter, name)]).toEqual([name, true])
      for (const moment of MOMENTS) if (isOver(minter, moment)) expect(isOver(key, moment)).toBe(true)
      const [own, above] = [payerOf(SHARED, key), payerOf(SHARED, minter)]
      expect(own.shard).toBe(above.shard)
      expect(own.budgets).toEqual(expect.arrayContaining([...above.budgets]))
      expect(own.gates).toEqual(expect.arrayContaining([...above.gates]))
      expect(own.upstreamGates).toEqual(above.upstreamGates)
      expect(new Set([...own.budgets, ...own.gates].map(({ shard }) => shard)).has(`key/${key.id}`)).toBe(false)
      for (const name of COUNTED) expect(key.limits?.[name] ?? 0).toBeLessThanOrEqual(minter.limits?.[name] ?? Infinity)
      expect([key.tenant, key.team, key.user, key.tags]).toEqual([minter.tenant, minter.team, minter.user, minter.tags])
      if (minter.strict) expect(key.strict).toBe(true)
    }),
    { numRuns: 1000 },
  )
  expect(count).toBeGreaterThan(100)
})

test('what a guard asks for it is paid for, and else the affair of neither', async () => {
  const found = await made({ models: ['a'], limits: { rpm: 1 }, budget: { usd: 1, per: 'day' } }, { models: ['a'] })
  if (!found) throw new Error('no key was made')
  const key = unbounded(found.key)
  expect(permits(key, 'b')).toBe(true)
  const { budgets, gates } = payerOf(SHARED, key)
  expect(budgets.map(({ account }) => account)).toContain('key/m')
  expect(gates.map(({ gate }) => gate)).toEqual(['limits/keys/m'])
})

test('patterns are refused where they name something that the maker may not, and nowhere else', () => {
  fc.assert(
    fc.property(patterns, patterns, (may, models) => {
      const wider = widerIn(makeKey('m:a', { models }), makeKey('m', { models: may }))
      const minter = makeKey('m', { models: may })
      // The witness: a name with a letter that no pattern has.
      const beyond = models.findIndex((one) => !permits(minter, one.replaceAll('*', 'c')))
      expect(wider).toBe(beyond < 0 ? undefined : `models.${beyond}`)
    }),
    { numRuns: 5000 },
  )
})

test('whatever is decided for it is decided for its maker', () => {
  fc.assert(
    fc.property(
      situation,
      fc.array(fc.boolean(), { minLength: 6, maxLength: 6 }),
      written,
      (one, named, { models }) => {
        const minter = one.key
        if (!minter) return
        const maker = compileSubjects({ keys: [minter.id] })
        const rules = one.snapshot.rules.map((rule, index) =>
          named[index] ? { ...rule, appliesTo: (key?: Key) => rule.appliesTo(key) && maker(key) } : rule,
        )
        const own = makeKey(`${minter.id}:a`, {
          tags: ['trusted'],
          ...(models && { models: [...models, 'c*', 'p0/*'] }),
        })
        const snapshot = { ...one.snapshot, rules }
        const [mine, makers] = [mintedBy(own, minter), minter].map((key) => decideCase({ ...one, snapshot, key }))
        // A name that it may not ask for is nothing to decide.
        if (mine?.failure?.code === 'model_not_found') return
        const { key: id, ...decision } = mine?.decision ?? {}
        const { key: makersId, ...makersDecision } = makers?.decision ?? {}
        expect([id, makersId]).toEqual([`${minter.id}:a`, minter.id])
        expect(decision).toEqual(makersDecision)
      },
    ),
    { numRuns: RUNS },
  )
})
