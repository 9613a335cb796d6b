import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createSeed } from '#src/core/seed.ts'
import { makeTarget } from '../../../test/support/world.ts'
import { EXPLORE } from './fastest.ts'
import { strategies } from './registry.ts'
import type { Contender, Strategy } from './strategy.ts'

function contender(name: string, more: Partial<Contender> = {}): Contender {
  return { target: makeTarget(`x/${name}`), weight: 1, seen: 0, health: 1, ...more }
}

function names(strategy: Strategy, contenders: readonly Contender[], draw = () => 0.5): string {
  return strategy(contenders, draw)
    .map((placed) => placed.contender.target.model)
    .join(' ')
}

describe.each(Object.entries(strategies))('%s', (_, strategy) => {
  test('gives every contender back once, the same for the same seed', () => {
    const one = fc.record(
      {
        weight: fc.nat(5),
        cost: fc.bigInt(0n, 5n),
        latencyMs: fc.nat(5),
        seen: fc.nat(3),
        health: fc.double({ min: 0, max: 1, noNaN: true }),
      },
      { requiredKeys: ['weight', 'seen', 'health'] },
    )
    fc.assert(
      fc.property(fc.array(one, { maxLength: 6 }), fc.string(), (list, seed) => {
        const contenders = list.map((more, index) => contender(String(index), more))
        const first = strategy(contenders, createSeed(seed))
        expect(new Set(first.map((placed) => placed.contender))).toEqual(new Set(contenders))
        expect(first).toHaveLength(contenders.length)
        expect(strategy(contenders, createSeed(seed))).toEqual(first)
      }),
      { numRuns: 300 },
    )
  })

  test('equal contenders that nothing parts stay as written', () => {
    const equal = ['a', 'b', 'c'].map((name) => contender(name, { cost: 5n, latencyMs: 5, weight: 0 }))
    expect(names(strategy, equal)).toBe('a b c')
  })
})

test('priority keeps the order', () => {
  expect(names(strategies.priority, [contender('b', { cost: 9n }), contender('a', { cost: 1n })])).toBe('b a')
})

test('cheapest: dear ones later, unknown ones last, ties as written', () => {
  const list = [
    contender('u'),
    contender('c', { cost: 3n }),
    contender('a', { cost: 1n }),
    contender('b', { cost: 1n }),
  ]
  expect(names(strategies.cheapest, list)).toBe('a b c u')
  expect(strategies.cheapest(list, () => 0).map(({ reason }) => reason)).toEqual([
    'cheapest',
    undefined,
    undefined,
    'price unknown',
  ])
})

test('weighted: first places in proportion, weight 0 last', () => {
  const list = [contender('zero', { weight: 0 }), contender('one', { weight: 1 }), contender('three', { weight: 3 })]
  let three = 0
  for (let index = 0; index < 4000; index++) {
    const order = names(strategies.weighted, list, createSeed(`r${index}`))
    expect(order.endsWith('zero')).toBe(true)
    if (order.startsWith('three')) three++
  }
  expect(Math.abs(three - 3000)).toBeLessThan(150)
})

test('fastest: explores about as often as it says, and only to what is least known', () => {
  const list = [
    contender('slow', { latencyMs: 900, seen: 9 }),
    contender('fast', { latencyMs: 100, seen: 50 }),
    contender('new'),
  ]
  expect(names(strategies.fastest, list)).toBe('fast slow new')
  expect(names(strategies.fastest, list, () => 0)).toBe('new fast slow')
  let explored = 0
  for (let index = 0; index < 4000; index++) {
    if (names(strategies.fastest, list, createSeed(`r${index}`)).startsWith('new')) explored++
  }
  expect(Math.abs(explored - 4000 * EXPLORE)).toBeLessThan(60)
})

test('balanced: a little dearer and much faster wins, an ill one loses', () => {
  const cheap = contender('cheap', { cost: 1_000_000n, latencyMs: 5000 })
  const quick = contender('quick', { cost: 1_200_000n, latencyMs: 500 })
  expect(names(strategies.balanced, [cheap, quick])).toBe('quick cheap')
  expect(names(strategies.balanced, [contender('ill', { health: 0.2 }), contender('well')])).toBe('well ill')
  expect(names(strategies.balanced, [contender('unpriced'), contender('free', { cost: 0n })])).toBe('free unpriced')
})
