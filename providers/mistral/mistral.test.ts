import { expect, test } from 'vitest'
import { send } from '#providers/openai-compatible/testing.ts'
import { mistral } from './index.ts'

test('it gets no member that it answers 422 to', () => {
  const { body, warnings } = send(
    mistral,
    '"seed":1,"max_completion_tokens":5,"user":"u","stream":true,"stream_options":{"include_usage":true}',
  )
  expect(body).toEqual({ model: 'm', random_seed: 1, max_tokens: 5, stream: true })
  expect(warnings).toHaveLength(4)
})

test('an unknown model is for another target to answer', () => {
  const error = { object: 'error', message: 'Invalid model: x', type: 'invalid_model', param: null, code: '1500' }
  expect(mistral.decodeError({ status: 400, headers: {} }, JSON.stringify(error)).retry).toBe('next')
})
