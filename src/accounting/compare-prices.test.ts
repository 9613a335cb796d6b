import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Price } from '#src/core/price.ts'
import { comparePrices } from './compare-prices.ts'

const row = { input: 100n, output: 400n, cachedInput: 10n, source: 'test' }
const tiered = { ...row, tiers: [{ above: 1000, input: 150n, output: 500n }] }

function compared(old: Price, next: Price | undefined) {
  return comparePrices(new Map([['v/m', old]]), new Map(next ? [['v/m', next]] : []))
}

describe('is held back', () => {
  test.each<[string, Price, Price | undefined, object]>([
    ['a price that is gone', row, undefined, { reason: 'vanished' }],
    ['a rate that is twice what it was', row, { ...row, output: 800n }, { reason: 'doubled', rate: 'output' }],
    ['a rate that is 0', row, { ...row, input: 0n }, { reason: 'zero', rate: 'input' }],
    [
      'what a cache gave at ten times the rate',
      row,
      { ...row, cachedInput: 100n },
      { reason: 'doubled', rate: 'cachedInput' },
    ],
    [
      'a rate left out that is charged as its whole then',
      row,
      { input: 100n, output: 400n, source: 'test' },
      { reason: 'doubled', rate: 'cachedInput' },
    ],
    [
      'a tier of a doubled rate',
      tiered,
      { ...tiered, tiers: [{ above: 1000, input: 300n, output: 500n }] },
      { reason: 'doubled', rate: 'input' },
    ],
    [
      'a tier that is new and dearer by twice',
      row,
      { ...row, tiers: [{ above: 9, input: 200n, output: 400n }] },
      { reason: 'doubled', rate: 'input' },
    ],
    [
      'a tier that is free',
      tiered,
      { ...tiered, tiers: [{ above: 1000, input: 0n, output: 500n }] },
      { reason: 'zero', rate: 'input' },
    ],
    ['a fee that is gone', { ...row, perSearch: 5n }, row, { reason: 'zero', rate: 'perSearch' }],
  ])('%s', (_, old, next, held) => {
    const { accepted, heldBack } = compared(old, next)
    expect(heldBack).toEqual([{ id: 'v/m', ...held }])
    expect(accepted.get('v/m')).toBe(old)
  })
})

describe('is taken over', () => {
  test.each<[string, Price, Price]>([
    ['a rate that falls', row, { ...row, input: 1n }],
    ['a rate that rises by less than twice', row, { ...row, output: 799n }],
    ['a tier that goes', tiered, row],
    ['what was free and is no more', { ...row, input: 0n, cachedInput: 0n }, row],
    ['a fee that is new', row, { ...row, perRequest: 5n }],
  ])('%s', (_, old, next) => {
    const { accepted, heldBack } = compared(old, next)
    expect(heldBack).toEqual([])
    expect(accepted.get('v/m')).toBe(next)
  })

  test('a price that is new, and one that somebody agreed to', () => {
    const [old, next] = [new Map([['v/m', row]]), new Map([['v/n', row]])]
    expect(comparePrices(old, next, new Set(['v/m']))).toEqual({ accepted: next, heldBack: [] })
  })
})

test('each old price is either held back and kept, or not held back and the new one', () => {
  const rate = fc.bigInt({ min: 0n, max: 5n })
  const price = fc.record({ input: rate, output: rate, source: fc.constant('test') })
  const prices = fc.dictionary(fc.constantFrom('a', 'b', 'c'), price).map((rows) => new Map(Object.entries(rows)))
  fc.assert(
    fc.property(prices, prices, (old, next) => {
      const { accepted, heldBack } = comparePrices(old, next)
      const held = new Set(heldBack.map(({ id }) => id))
      for (const [id, was] of old) {
        const now = next.get(id)
        const suspect = [was.input, was.output].some((value, at) => {
          const other = now && [now.input, now.output][at]
          return value > 0n && (other === undefined || other === 0n || other >= value * 2n)
        })
        expect(held.has(id)).toBe(suspect || !now)
        expect(accepted.get(id)).toBe(held.has(id) ? was : now)
      }
      expect([...accepted.keys()].toSorted()).toEqual([...new Set([...old.keys(), ...next.keys()])].toSorted())
    }),
  )
})
