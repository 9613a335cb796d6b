import { expect, test } from 'vitest'
import { send } from '#providers/openai-compatible/testing.ts'
import { openrouter } from './index.ts'

test('its own price is the true one', () => {
  const usage = { prompt_tokens: 1, completion_tokens: 1, cost: 0.00032 }
  expect(openrouter.observe({ choices: [], usage }, { endpoint: 'chat', stream: true }).usage?.reportedCost).toBe(
    320_000n,
  )
})

test('a client cannot route at it', () => {
  const { body, warnings } = send(
    openrouter,
    '"provider":{"order":["x"]},"models":["y"],"preset":"z","reasoning":{"effort":"low"}',
  )
  expect(body).toEqual({ model: 'm', reasoning: { effort: 'low' } })
  expect(warnings).toHaveLength(3)
  expect(openrouter.steeringMarks).toContain(':')
})
