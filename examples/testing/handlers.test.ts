// The same mock in an app that has an msw server already.
import { setupServer } from 'msw/node'
import OpenAI from 'openai'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { mockProviders, script, toolCall, when } from 'tutti/testing'

const mock = mockProviders(script(when({ textContains: '날씨' }, toolCall('weather', { city: '서울' }))))
const server = setupServer(...mock.handlers)
beforeAll(() => server.listen({ onUnhandledFrame: 'error' }))
afterAll(() => server.close())

test('calls the weather tool', async () => {
  const client = new OpenAI({ apiKey: 'sk-test', maxRetries: 0 })
  const answer = await client.chat.completions.create({
    model: 'gpt-6-luna',
    messages: [{ role: 'user', content: '서울 날씨 알려줘' }],
  })
  expect(answer.choices[0]?.message.tool_calls?.[0]).toMatchObject({
    function: { name: 'weather', arguments: '{"city":"서울"}' },
  })
  expect(mock.requests).toHaveLength(1)
})
