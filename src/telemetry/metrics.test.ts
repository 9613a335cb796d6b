import { expect, test } from 'vitest'
import { createMetrics } from './metrics.ts'
import type { DecisionRecord } from './telemetry.ts'

const RECORD: DecisionRecord = {
  outcome: 'route',
  model: 'chat',
  endpoint: '/v1/chat/completions',
  epoch: '0123456789ab',
  request: { input_tokens_estimate: 1, needs: [] },
  candidates: [],
  plan: ['a/x', 'b/y'],
  inputs: { seed: 's' },
  time: '2026-11-23T00:00:00.000Z',
  request_id: 's',
  status: 200,
  attempts: [
    { target: 'a/x', outcome: 'failed', latency_ms: 5 },
    { target: 'b/y', outcome: 'answered', latency_ms: 300 },
  ],
  served_by: 'b/y',
  usage: { input_tokens: 10, output_tokens: 20 },
  cost_usd: 0.5,
  latency_ms: 310,
  first_token_ms: 90,
}

test('counts prices that are off by more than the bill may be, under the target that was asked', () => {
  const metrics = createMetrics()
  const attempts = [
    { target: 'a/x', outcome: 'answered' as const, latency_ms: 1, cost_usd: 2, cost_usd_by_price: 1 },
    { target: 'b/y', outcome: 'answered' as const, latency_ms: 1, cost_usd: 2 },
  ]
  metrics.decided({ ...RECORD, attempts })
  const lines = metrics.render().split('\n')
  expect(lines.filter((line) => line.startsWith('tutti_price_deviations_total{'))).toEqual([
    'tutti_price_deviations_total{target="a/x"} 1',
  ])
})

test('counts a decision under the target that served, and each attempt under its own', () => {
  const metrics = createMetrics()
  metrics.decided(RECORD)
  metrics.decided(RECORD)
  metrics.refused('/v1/embeddings', 401)
  const lines = metrics.render().split('\n')
  expect(lines).toContain('tutti_requests_total{endpoint="/v1/chat/completions",target="b/y",status="200"} 2')
  expect(lines).toContain('tutti_requests_total{endpoint="/v1/embeddings",target="none",status="401"} 1')
  expect(lines).toContain('tutti_attempts_total{target="a/x",outcome="failed"} 2')
  expect(lines).toContain('tutti_tokens_total{target="b/y",class="output"} 40')
  expect(lines).toContain('tutti_cost_usd_total{target="b/y"} 1')
  expect(lines).toContain('tutti_request_seconds_bucket{endpoint="/v1/chat/completions",le="0.25"} 0')
  expect(lines).toContain('tutti_request_seconds_bucket{endpoint="/v1/chat/completions",le="0.5"} 2')
  expect(lines).toContain('tutti_request_seconds_bucket{endpoint="/v1/chat/completions",le="+Inf"} 2')
  expect(lines).toContain('tutti_first_token_seconds_count{endpoint="/v1/chat/completions"} 2')
})

test('an unknown cost is not counted as 0 dollars: it is not counted', () => {
  const metrics = createMetrics()
  metrics.decided({ ...RECORD, cost_usd: 'unknown' })
  expect(metrics.render()).not.toContain('tutti_cost_usd_total{')
})

test('what a label holds cannot break a line or add one', () => {
  const metrics = createMetrics()
  metrics.decided({ ...RECORD, served_by: 'a/"\n\\evil' })
  expect(metrics.render()).toContain('target="a/\\"\\n\\\\evil"')
})

test('no caller can grow the page: after a thousand label sets the rest is counted together', () => {
  const metrics = createMetrics()
  for (let index = 0; index < 3000; index++) metrics.decided({ ...RECORD, served_by: `a/${index}` })
  const series = metrics
    .render()
    .split('\n')
    .filter((line) => line.startsWith('tutti_requests_total{'))
  expect(series.length).toBeLessThanOrEqual(1001)
  expect(series).toContain('tutti_requests_total{series="other"} 2000')
})

test('targets that a caller makes up are counted together, and leave the others their places', () => {
  const metrics = createMetrics()
  const written = (target: string): boolean => target === 'b/y'
  for (let index = 0; index < 3000; index++) {
    const target = `a/${index}`
    const attempts = [{ target, outcome: 'answered' as const, latency_ms: 1 }]
    metrics.decided({ ...RECORD, served_by: target, attempts }, written)
  }
  metrics.decided(RECORD, written)
  const lines = metrics.render().split('\n')
  expect(lines).toContain('tutti_requests_total{endpoint="/v1/chat/completions",target="a/*",status="200"} 3000')
  expect(lines).toContain('tutti_requests_total{endpoint="/v1/chat/completions",target="b/y",status="200"} 1')
  expect(lines).toContain('tutti_attempts_total{target="a/*",outcome="failed"} 1')
})
