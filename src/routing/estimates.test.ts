import { expect, test } from 'vitest'
import { createEstimates, HALF_LIFE_MS } from './estimates.ts'

test('nothing is known of what was never seen', () => {
  const estimates = createEstimates()
  expect(estimates.latency('a/b', 0)).toBeUndefined()
  expect(estimates.health('a/b', 0)).toEqual({ score: 1 })
  expect(estimates.expectedOutput('chat')).toBeUndefined()
})

test('first token and per token are means of what was seen', () => {
  const estimates = createEstimates()
  estimates.answered('a/b', { now: 0, firstTokenMs: 100, totalMs: 1100, outputTokens: 101 })
  estimates.answered('a/b', { now: 0, firstTokenMs: 300, totalMs: 2300, outputTokens: 101 })
  expect(estimates.latency('a/b', 0)).toEqual({ firstTokenMs: 200, perTokenMs: 15, weight: 2 })
})

test('an old observation counts half after a half-life', () => {
  const estimates = createEstimates()
  estimates.answered('a/b', { now: 0, firstTokenMs: 900, totalMs: 900 })
  expect(estimates.latency('a/b', HALF_LIFE_MS)?.weight).toBeCloseTo(0.5)
  estimates.answered('a/b', { now: HALF_LIFE_MS, firstTokenMs: 300, totalMs: 300 })
  expect(estimates.latency('a/b', HALF_LIFE_MS)?.firstTokenMs).toBeCloseTo(500)
})

test('health is the share answered, and recovers', () => {
  const estimates = createEstimates()
  for (let index = 0; index < 9; index++) estimates.failed('a/b', { now: 0 })
  expect(estimates.health('a/b', 0).score).toBeCloseTo(0.1)
  expect(estimates.health('a/b', 10 * HALF_LIFE_MS).score).toBeGreaterThan(0.98)
})

test('a long retry-after is unhealthy until then, a short one is not, and no patience is endless', () => {
  const estimates = createEstimates()
  estimates.failed('a/short', { now: 0, retryAfterMs: 2000 })
  expect(estimates.health('a/short', 0).unhealthyUntil).toBeUndefined()
  estimates.failed('a/long', { now: 0, retryAfterMs: 30_000 })
  expect(estimates.health('a/long', 29_999).unhealthyUntil).toBe(30_000)
  expect(estimates.health('a/long', 30_000).unhealthyUntil).toBeUndefined()
  estimates.failed('a/year', { now: 0, retryAfterMs: 1e11 })
  expect(estimates.health('a/year', 600_000).unhealthyUntil).toBeUndefined()
})

test('the running mean of a name', () => {
  const estimates = createEstimates()
  for (const tokens of [100, 200, 300]) estimates.wrote('chat', tokens)
  expect(estimates.expectedOutput('chat')).toBeCloseTo(200)
})

test('it forgets what was seen longest ago rather than grow', () => {
  const estimates = createEstimates()
  for (let index = 0; index < 5000; index++) estimates.wrote(`name-${index}`, 1)
  expect(estimates.expectedOutput('name-0')).toBeUndefined()
  expect(estimates.expectedOutput('name-4999')).toBe(1)
})
