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

test('where a conversation is warm: by the longest beginning that is known, until then and no longer', () => {
  const estimates = createEstimates()
  const warm = { target: 'a/b', account: 'x', tokens: 5, life: 100, until: 100 }
  estimates.warmed('short', { ...warm, until: 500 })
  estimates.warmed('long', warm)
  expect(estimates.warm(['longer', 'long', 'short'], 99)).toEqual(warm)
  expect(estimates.warm(['longer', 'long', 'short'], 100)).toBeUndefined()
  expect(estimates.warm(['short'], 100)?.until).toBe(500)
  expect(estimates.warm(['longer', ''], 0)).toBeUndefined()
  estimates.warmed('long', { ...warm, target: 'c/d', until: 300 })
  expect(estimates.warm(['long'], 200)?.target).toBe('c/d')
})

test('it forgets the conversations that were answered longest ago, and by asking none', () => {
  const estimates = createEstimates()
  const warm = { target: 'a/b', account: 'x', tokens: 5, life: 100, until: 100 }
  for (let index = 0; index < 4096; index++) estimates.warmed(`thread-${index}`, warm)
  expect(estimates.warm(['thread-0'], 0)).toEqual(warm)
  estimates.warmed('one more', warm)
  expect(estimates.warm(['thread-0'], 0)).toBeUndefined()
  estimates.warmed('thread-1', warm)
  estimates.warmed('another', warm)
  expect([1, 2, 3].map((index) => estimates.warm([`thread-${index}`], 0) !== undefined)).toEqual([true, false, true])
})
