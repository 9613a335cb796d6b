import { expect, test } from 'vitest'
import { send } from '#providers/openai-compatible/testing.ts'
import { perplexity } from './index.ts'

test('its price stands in every chunk, and its stream may end without a mark', () => {
  const usage = { prompt_tokens: 8, completion_tokens: 1, cost: { total_cost: 0.005 } }
  expect(perplexity.observe({ usage, choices: [] }, { endpoint: 'chat', stream: true }).usage?.reportedCost).toBe(
    5_000_000n,
  )
  expect(perplexity.streamEnd).toBe('done-optional')
  expect(send(perplexity, '"stream":true', { askUsage: true }).body).toEqual({ model: 'm', stream: true })
})
