import { expect, test } from 'vitest'
import { moonshot } from './index.ts'

test('its usage stands in a choice', () => {
  const value = {
    choices: [
      {
        index: 0,
        delta: {},
        finish_reason: 'stop',
        usage: { prompt_tokens: 8, completion_tokens: 2, cached_tokens: 3 },
      },
    ],
  }
  expect(moonshot.observe(value, { endpoint: 'chat', stream: true })).toMatchObject({
    usage: { input: 8, output: 2, cachedInput: 3 },
    usageOnly: false,
  })
})
