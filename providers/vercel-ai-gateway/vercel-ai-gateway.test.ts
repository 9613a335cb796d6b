import { expect, test } from 'vitest'
import { send } from '#providers/openai-compatible/testing.ts'
import { vercelAiGateway } from './index.ts'

/** Of recorded answers, made smaller. */
const metadata = (answered: string) => ({
  gateway: {
    routing: {
      originalModelId: 'google/gemini-2.5-flash',
      fallbacksAvailable: ['google', 'deepinfra'],
      finalProvider: 'vertex',
      modelAttempts: [
        { canonicalSlug: 'google/gemini-2.5-flash', success: answered === 'google/gemini-2.5-flash' },
        { canonicalSlug: 'deepseek/deepseek-v3.2', success: answered === 'deepseek/deepseek-v3.2' },
      ],
    },
  },
})

test.each([
  ['message', false],
  ['delta', true],
])('who served stands in its %s', (member, stream) => {
  const seen = (answered: string) =>
    vercelAiGateway.observe(
      {
        model: 'google/gemini-2.5-flash',
        choices: [{ index: 0, [member]: { provider_metadata: metadata(answered) }, finish_reason: 'stop' }],
      },
      { endpoint: 'chat', stream },
    )
  expect(seen('google/gemini-2.5-flash')).toMatchObject({ model: 'google/gemini-2.5-flash', operator: 'vertex' })
  expect(seen('deepseek/deepseek-v3.2')).toMatchObject({ model: 'deepseek/deepseek-v3.2', operator: 'vertex' })
})

test('its own price is the true one', () => {
  const usage = { prompt_tokens: 9, completion_tokens: 2, cost: 0.0000702, is_byok: false }
  const seen = vercelAiGateway.observe({ choices: [], usage }, { endpoint: 'chat', stream: true })
  expect(seen.usage?.reportedCost).toBe(70_200n)
})

test('a client cannot route at it, nor bring a key', () => {
  const options = '"providerOptions":{"gateway":{"order":["x"],"models":["y"],"byok":{"deepseek":[{"apiKey":"z"}]}}}'
  const { body, warnings } = send(vercelAiGateway, `${options},"models":["y"],"reasoning":{"effort":"low"}`)
  expect(body).toEqual({ model: 'm', reasoning: { effort: 'low' } })
  expect(warnings).toHaveLength(2)
})
