import { expect, test } from 'vitest'
import { decodeError, failureInside } from './map-error.ts'

const body = (type: string, message: string, details?: object) =>
  JSON.stringify({ type: 'error', error: { type, message, ...(details && { details }) }, request_id: 'req_1' })
const refused = (status: number, text: string, headers = {}) => decodeError({ status, headers }, text)

test.each([
  [400, body('invalid_request_error', 'max_tokens: required'), 400, 'no'],
  [400, body('invalid_request_error', 'prompt is too long: 3 tokens > 2 maximum'), 400, 'next'],
  [400, body('invalid_request_error', 'input length and `max_tokens` exceed context limit: 1 + 2 > 2'), 400, 'next'],
  [400, body('invalid_request_error', 'Your credit balance is too low to access the Anthropic API.'), 502, 'next'],
  [401, body('authentication_error', 'invalid x-api-key'), 502, 'next'],
  [402, body('billing_error', 'pay'), 502, 'next'],
  [403, body('permission_error', 'no'), 502, 'next'],
  [404, body('not_found_error', 'model: x'), 404, 'next'],
  [413, body('request_too_large', 'too large'), 413, 'next'],
  [429, body('rate_limit_error', 'slow down'), 429, 'same'],
  [500, body('api_error', 'oops'), 500, 'same'],
  [529, body('overloaded_error', 'Overloaded'), 529, 'same'],
  [529, '<html>', 529, 'same'],
])('%i %s', (status, text, mapped, retry) => {
  const { failure, retry: own } = refused(status, text)
  expect({ status: failure.status, retry: own }).toEqual({ status: mapped, retry })
})

test('a prompt that is too long says so in the common word', () => {
  expect(refused(400, body('invalid_request_error', 'prompt is too long')).failure.code).toBe('context_length_exceeded')
  expect(refused(400, body('invalid_request_error', 'a and `b` exceed context limit')).failure.code).toBe(
    'context_length_exceeded',
  )
})

test('the stable code is the code, and what belongs to it stays beside it', () => {
  const { failure } = refused(
    400,
    body('invalid_request_error', 'x', { error_code: 'image_dimensions_too_large', limit: 8000 }),
  )
  expect(failure).toMatchObject({ code: 'image_dimensions_too_large', details: { limit: 8000 } })
  const { failure: plain } = decodeError(
    { status: 400, headers: {} },
    '{"type":"error","error":{"type":"invalid_request_error","message":"m","details":null}}',
  )
  expect(plain).not.toHaveProperty('details')
})

test('a limit that waiting lifts is waited for, a limit of money is not', () => {
  const wait = refused(429, body('rate_limit_error', 'x', { error_code: 'ramp_limit_exceeded' }), {
    'retry-after': '3',
  })
  expect(wait).toMatchObject({ retry: 'same', failure: { code: 'ramp_limit_exceeded', retryAfterMs: 3000 } })
  const spent = refused(429, body('rate_limit_error', 'x', { error_code: 'enforced_spend_limit_reached' }))
  expect(spent).toMatchObject({ retry: 'next', failure: { code: 'enforced_spend_limit_reached', shouldRetry: false } })
})

test('an error inside a 200 has the status that its type stands for', () => {
  const inside = (type: string) => failureInside({ type: 'error', error: { type, message: 'm' } }).failure.status
  expect(inside('overloaded_error')).toBe(529)
  expect(inside('authentication_error')).toBe(502)
  expect(inside('timeout_error')).toBe(504)
  expect(inside('of_tomorrow')).toBe(502)
})
