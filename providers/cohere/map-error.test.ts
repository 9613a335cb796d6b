import { expect, test } from 'vitest'
import { cohere } from './index.ts'

const refusal = (status: number, body: object) => cohere.decodeError({ status, headers: {} }, JSON.stringify(body))

test('a prompt that is too long, an unknown model and a used-up trial are for another target to answer', () => {
  const long = refusal(400, { error_type: 'TOO_MANY_TOKENS', message: 'too many tokens: size limit exceeded by 5' })
  expect(long).toMatchObject({ retry: 'next', failure: { status: 400, code: 'context_length_exceeded' } })
  expect(refusal(400, { message: 'too many tokens: x' }).retry).toBe('next')
  const unknown = refusal(404, { message: "model 'x' not found, make sure the correct model ID was used" })
  expect(unknown).toMatchObject({ retry: 'next', failure: { status: 404, code: 'model_not_found' } })
  const trial = refusal(429, { message: 'You are using a Trial key, which is limited to 1000 API calls / month.' })
  expect(trial).toMatchObject({ retry: 'next', failure: { status: 429, type: 'insufficient_quota' } })
  const minute = refusal(429, { message: 'You are using a Trial key, which is limited to 10 API calls / minute.' })
  expect(minute).toMatchObject({ retry: 'same', failure: { code: 'rate_limit_exceeded' } })
})

test('an invalid token is the operator`s matter, also as 498', () => {
  for (const status of [401, 498]) {
    const { failure, retry } = refusal(status, { message: 'invalid api token: abc' })
    expect({ status: failure.status, retry }).toEqual({ status: 502, retry: 'next' })
    expect(failure.message).not.toContain('abc')
  }
})

test('a plain 400 is the caller`s', () => {
  expect(refusal(400, { message: 'invalid request: k must be at most 500' })).toMatchObject({
    retry: 'no',
    failure: { status: 400, message: 'invalid request: k must be at most 500' },
  })
})
