import { expect, test } from 'vitest'
import { send } from '#providers/openai-compatible/testing.ts'
import { ollama } from './index.ts'

test('what it ignores is told, what it misnames is renamed', () => {
  const { body, warnings } = send(ollama, '"tool_choice":"required","max_completion_tokens":5')
  expect(body).toEqual({ model: 'm', tool_choice: 'required', max_tokens: 5 })
  expect(warnings).toEqual([
    'the provider does not honour `tool_choice`',
    '`max_completion_tokens` was sent as `max_tokens`',
  ])
})
