import { describe, expect, test } from 'vitest'
import { costOf } from '#src/accounting/price.ts'
import { options } from '../../test/support/config-fakes.ts'
import { loadConfig } from './load.ts'
import { renderProblem } from './problem.ts'

const text = (price: object, more: object = {}): string =>
  JSON.stringify({ providers: { openai: { apiKey: 'x', models: { m: { price } } } }, ...more })

async function problems(price: object, more?: object): Promise<string> {
  const { problems: found } = await loadConfig(text(price, more), options({}))
  return found.map(renderProblem).join('\n')
}

async function priceOf(price: object, more?: object) {
  const loaded = await loadConfig(text(price, more), options({}))
  if (!loaded.ok) throw new Error(loaded.problems.map(renderProblem).join('\n'))
  const found = loaded.snapshot.targets.get('openai/m')?.facts.price
  if (!found) throw new Error('there is no price')
  return found
}

const BASE = { input: 2, output: 10 }
const AT = { at: Date.parse('2026-11-26T12:00:00Z') }

describe('a price of the file', () => {
  test('says where it is written', async () => {
    expect(await priceOf(BASE)).toEqual({
      input: 2_000_000_000n,
      output: 10_000_000_000n,
      source: expect.stringMatching(/^tutti.yaml:1:\d+$/),
    })
  })

  test('has its tiers in any order', async () => {
    const tiers = [
      { above: 200, input: 8, output: 10 },
      { above: 100, input: 4, output: 10 },
    ]
    const price = await priceOf({ ...BASE, tiers })
    expect([100, 101, 201].map((input) => costOf(price, { input }, AT))).toEqual([200_000n, 404_000n, 1_608_000n])
  })

  test('has names of tiers and regions in any case, and a batch as one of the tiers', async () => {
    const multipliers = { serviceTier: { Priority: 2 }, batch: 0.5, region: { EU: 1.1 } }
    const price = await priceOf({ ...BASE, multipliers })
    const cost = (serviceTier: string, region: string) => costOf(price, { input: 1000, serviceTier, region }, AT)
    expect([cost('priority', 'us'), cost('batch', 'us'), cost('flex', 'eu')]).toEqual([
      4_000_000n,
      1_000_000n,
      2_200_000n,
    ])
  })

  test('knows a factor and a currency by their digits', async () => {
    const multipliers = { serviceTier: { x: '0.123456789' } }
    const currencies = { KRW: { rate: '1450.5', asOf: '2026-11-26' } }
    const price = await priceOf({ ...BASE, multipliers, currency: 'KRW' }, { currencies })
    expect(price.currency).toEqual({ code: 'KRW', rate: 1_450_500_000_000n, asOf: '2026-11-26' })
    expect(price.multipliers?.serviceTier).toEqual({ x: 123_456_789n })
  })
})

describe('is refused', () => {
  test.each([
    [{ ...BASE, currency: 'KRW' }, 'nothing says what `KRW` is worth'],
    [{ ...BASE, windows: [{ schedule: { days: ['mon'], timeZone: 'UTC' } }] }, 'either `factor` or `rates`'],
    [
      { ...BASE, windows: [{ schedule: { days: ['mon'], timeZone: 'UTC' }, factor: 2, rates: BASE }] },
      'either `factor` or `rates`',
    ],
    [{ ...BASE, windows: [{ schedule: { days: ['mon'] }, factor: 2 }] }, 'a time zone by its name'],
    [{ ...BASE, multipliers: { batch: 0 } }, 'a factor like `1.5`, above 0'],
    [{ ...BASE, multipliers: { serviceTier: { flex: -1 } } }, 'a factor like `1.5`, above 0'],
    [{ ...BASE, cacheRead: 1 }, '`cacheRead`'],
    [{ ...BASE, perSearch: -1 }, 'an amount in USD'],
    [{ input: 1 }, 'output'],
  ])('%j', async (price, message) => {
    expect(await problems(price)).toContain(message)
  })

  test('a currency without a day', async () => {
    expect(await problems(BASE, { currencies: { KRW: { rate: 1450 } } })).toContain('asOf')
  })
})
