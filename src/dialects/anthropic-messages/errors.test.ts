import { expect, test } from 'vitest'
import { failure } from '#src/core/failure.ts'
import { parseJson } from '#src/core/json.ts'
import { renderFailure, renderStreamError } from './errors.ts'

test.each([
  [failure('invalid_request_error', 'm', { param: 'messages' }), 400, 'invalid_request_error'],
  [failure('invalid_api_key', 'm'), 401, 'authentication_error'],
  [failure('policy_denied', 'm'), 403, 'permission_error'],
  [failure('model_not_found', 'm'), 404, 'not_found_error'],
  [failure('request_too_large', 'm'), 413, 'request_too_large'],
  [failure('budget_exceeded', 'm'), 429, 'rate_limit_error'],
  [failure('internal_error', 'm'), 500, 'api_error'],
  [failure('upstream_error', 'm'), 502, 'api_error'],
  [failure('overloaded', 'm'), 503, 'overloaded_error'],
  [failure('upstream_timeout', 'm'), 504, 'timeout_error'],
  [failure('upstream_error', 'm', { status: 529 }), 529, 'overloaded_error'],
  [failure('unsupported_encoding', 'm'), 415, 'invalid_request_error'],
])('%o is %i %s', (why, status, type) => {
  const rendered = renderFailure(why, 'req_1')
  expect(rendered.status).toBe(status)
  expect(parseJson(rendered.body)).toMatchObject({
    type: 'error',
    error: { type, message: 'm', details: { error_code: why.code } },
    request_id: 'req_1',
  })
  expect(rendered.headers['request-id']).toBe('req_1')
})

test('code, field and details stand together; what was not there is not', () => {
  const details = { rule: 'r', type: 'x', message: 'y', error_code: 'z' }
  const body = (why: Parameters<typeof renderFailure>[0]) => parseJson(renderFailure(why).body)
  expect(body(failure('policy_denied', 'm', { param: 'p', details }))).toEqual({
    type: 'error',
    error: { type: 'permission_error', message: 'm', details: { error_code: 'policy_denied', param: 'p', rule: 'r' } },
  })
  expect(body({ status: 400, code: null, type: 'x', message: 'm' })).toEqual({
    type: 'error',
    error: { type: 'invalid_request_error', message: 'm' },
  })
})

test('an error in a stream is an event of its name', () => {
  const text = renderStreamError(failure('upstream_error', '안녕'))
  expect(text).toBe(
    'event: error\ndata: {"type":"error","error":{"type":"api_error","message":"안녕","details":{"error_code":"upstream_error"}}}\n\n',
  )
})
