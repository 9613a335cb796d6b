import { expect, test } from 'vitest'
import { createSeed } from './seed.ts'

test('the same seed gives the same draws, another one gives others', () => {
  const draws = (seed: string) => Array.from({ length: 5 }, createSeed(seed))
  expect(draws('req-1')).toEqual(draws('req-1'))
  expect(draws('req-1')).not.toEqual(draws('req-2'))
  expect(new Set(draws('req-1')).size).toBe(5)
})

test('first draws of consecutive seeds are spread evenly', () => {
  const buckets = Array.from({ length: 10 }, () => 0)
  for (let index = 0; index < 10_000; index++) {
    const draw = createSeed(`req-${index}`)()
    expect(draw >= 0 && draw < 1).toBe(true)
    buckets[Math.floor(draw * 10)] = (buckets[Math.floor(draw * 10)] ?? 0) + 1
  }
  for (const count of buckets) expect(Math.abs(count - 1000)).toBeLessThan(150)
})
