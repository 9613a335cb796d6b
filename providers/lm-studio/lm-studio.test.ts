import { expect, test } from 'vitest'
import { send } from '#providers/openai-compatible/testing.ts'
import { lmStudio } from './index.ts'

test('a model that drafts for another reads the prompt too: a client cannot name one', () => {
  const { body, warnings } = send(lmStudio, '"draft_model":"deepseek-r1-distill-qwen-1.5b","top_p":1', {
    baseUrl: 'http://127.0.0.1:1234/v1',
  })
  expect(body).toEqual({ model: 'm', top_p: 1 })
  expect(warnings).toEqual(['`draft_model` was not sent: it would choose who answers'])
})
