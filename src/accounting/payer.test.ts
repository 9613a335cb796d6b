import fc from 'fast-check'
import { expect, test } from 'vitest'
import { sharesOf, type Own } from './payer.ts'

const PAYER = { shard: 'own', budgets: [], gates: [], upstreamGates: [] }
const own = fc.record<Own>({ shard: fc.constantFrom('own', 'all', 'team'), name: fc.string() })

test('shares: one a shard, with all that lies there in its order, the own shard first', () => {
  fc.assert(
    fc.property(fc.array(own, { maxLength: 6 }), (all) => {
      const shares = sharesOf(PAYER, all)
      const shards = shares.map(({ shard }) => shard)
      expect(shards).toEqual(
        [...new Set(all.map(({ shard }) => shard))].toSorted((a, b) => Number(b === 'own') - Number(a === 'own')),
      )
      for (const { shard, of } of shares) expect(of).toEqual(all.filter((one) => one.shard === shard))
    }),
  )
})
