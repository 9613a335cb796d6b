import { expect, test } from 'vitest'
import type { JsonObject } from '#src/core/json.ts'
import { decodeError } from './map-error.ts'

const TYPE = 'type.googleapis.com/google.rpc.'
const refusal = (code: number, message: string, status: string, details: readonly JsonObject[] = []) =>
  decodeError({ status: code, headers: {} }, JSON.stringify({ error: { code, message, status, details } }))

test('a limit that says how long', () => {
  const details = [{ '@type': `${TYPE}RetryInfo`, retryDelay: '13.5s' }]
  const { failure, retry } = refusal(
    429,
    'You exceeded your current quota, please check your plan.',
    'RESOURCE_EXHAUSTED',
    details,
  )
  expect(failure).toMatchObject({
    status: 429,
    code: 'RESOURCE_EXHAUSTED',
    type: 'rate_limit_error',
    message: 'You exceeded your current quota, please check your plan.',
    retryAfterMs: 13_500,
    details: { status: 'RESOURCE_EXHAUSTED', details },
  })
  expect(failure.shouldRetry).toBeUndefined()
  expect(retry).toBe('same')
})

test('a limit of a day is not waited for', () => {
  const details = [
    { '@type': `${TYPE}QuotaFailure`, violations: [{ quotaId: 'GenerateRequestsPerDayPerProjectPerModel' }] },
  ]
  expect(refusal(429, 'quota', 'RESOURCE_EXHAUSTED', details).retry).toBe('next')
})

test.each([
  [400, 'API key not valid. Please pass a valid API key.', 'INVALID_ARGUMENT', [{ reason: 'API_KEY_INVALID' }]],
  [400, 'API key expired.', 'INVALID_ARGUMENT', [{ reason: 'API_KEY_EXPIRED' }]],
  [400, 'API key not valid.', 'INVALID_ARGUMENT', []],
  [403, 'no', 'PERMISSION_DENIED', []],
  [401, 'no', 'UNAUTHENTICATED', [{ reason: 'ACCESS_TOKEN_EXPIRED' }]],
])('%s %s is ours to mend', (code, message, status, details) => {
  const { failure, retry } = refusal(code, message, status, details)
  expect({ ...failure, retry }).toMatchObject({
    status: 502,
    code: 'upstream_error',
    upstreamStatus: code,
    retry: 'next',
  })
  expect(JSON.stringify(failure)).not.toContain('API key')
})

test.each([
  [400, 'Invalid value at contents', 'INVALID_ARGUMENT', 'INVALID_ARGUMENT', 'no'],
  [400, 'User location is not supported for the API use.', 'FAILED_PRECONDITION', 'FAILED_PRECONDITION', 'next'],
  [
    400,
    'The input token count (1048577) exceeds the maximum number of tokens allowed (1048576).',
    'INVALID_ARGUMENT',
    'context_length_exceeded',
    'next',
  ],
  [404, 'models/x is not found for API version v1beta', 'NOT_FOUND', 'NOT_FOUND', 'next'],
  [503, 'The model is overloaded.', 'UNAVAILABLE', 'UNAVAILABLE', 'same'],
  [500, 'Internal error', 'INTERNAL', 'INTERNAL', 'same'],
])('%s %s', (status, message, word, code, retry) => {
  const known = refusal(status, message, word)
  const type = status >= 500 ? 'server_error' : 'invalid_request_error'
  expect(known).toMatchObject({ failure: { status, message, code, type, upstreamStatus: status }, retry })
})

test('a list, a page and nothing at all are read too; what is Google`s own stays behind', () => {
  const wrapped = decodeError(
    { status: 400, headers: {} },
    '[{"error":{"code":400,"message":"m","status":"INVALID_ARGUMENT"}}]',
  )
  expect(wrapped.failure).toMatchObject({ status: 400, message: 'm', code: 'INVALID_ARGUMENT' })
  expect(decodeError({ status: 404, headers: {} }, '<html>').failure.message).not.toContain('<')
  expect(decodeError({ status: 502, headers: {} }, '').failure.status).toBe(502)
  const debug = [{ '@type': `${TYPE}DebugInfo`, detail: 'AIzaSyB-secret' }]
  expect(JSON.stringify(refusal(400, 'm', 'INVALID_ARGUMENT', debug).failure)).not.toContain('AIza')
})
