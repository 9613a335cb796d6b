import { expect, test } from 'vitest'
import { xai } from './index.ts'

test('reasoning comes beside the completion, and the price in ticks', () => {
  const usage = {
    prompt_tokens: 10,
    completion_tokens: 2,
    total_tokens: 42,
    completion_tokens_details: { reasoning_tokens: 30 },
    cost_in_usd_ticks: 20_000,
  }
  const seen = xai.observe({ choices: [], usage }, { endpoint: 'chat', stream: true })
  expect(seen.usage).toEqual({ input: 10, output: 32, reasoning: 30, reportedCost: 2000n })
})

test('cached tokens may exceed the prompt: they are cut to it', () => {
  const usage = { prompt_tokens: 10, prompt_tokens_details: { cached_tokens: 64 } }
  expect(xai.observe({ usage }, { endpoint: 'chat', stream: false }).usage).toMatchObject({
    input: 10,
    cachedInput: 10,
  })
})
