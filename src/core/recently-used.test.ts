import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createRecentlyUsed } from './recently-used.ts'

test('what was read last outlives what was written last', () => {
  const kept = createRecentlyUsed<{ n: number }>(2)
  kept.set('a', { n: 1 })
  kept.set('b', { n: 2 })
  expect(kept.get('a')).toEqual({ n: 1 })
  kept.set('c', { n: 3 })
  expect([kept.get('a'), kept.get('b'), kept.get('c')]).toEqual([{ n: 1 }, undefined, { n: 3 }])
})

test('writing a key again takes no room', () => {
  const kept = createRecentlyUsed<{ n: number }>(2)
  kept.set('a', { n: 1 })
  kept.set('b', { n: 2 })
  kept.set('b', { n: 3 })
  expect([kept.get('a'), kept.get('b')]).toEqual([{ n: 1 }, { n: 3 }])
})

test('whatever is read and written, the entries that it holds are the ones that were used last', () => {
  const step = fc.record({ key: fc.constantFrom('a', 'b', 'c', 'd', 'e'), write: fc.boolean() })
  fc.assert(
    fc.property(fc.array(step), fc.integer({ min: 1, max: 4 }), (steps, max) => {
      const kept = createRecentlyUsed<{ n: number }>(max)
      let model: { key: string; n: number }[] = []
      for (const [n, { key, write }] of steps.entries()) {
        const known = model.find((entry) => entry.key === key)
        if (write) kept.set(key, { n })
        else expect(kept.get(key)?.n).toBe(known?.n)
        if (!write && known === undefined) continue
        const rest = model.filter((entry) => entry.key !== key)
        model = [...rest, { key, n: write ? n : (known?.n ?? 0) }].slice(-max)
      }
    }),
  )
})
