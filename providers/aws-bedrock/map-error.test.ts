import { describe, expect, test } from 'vitest'
import { decodeError } from './map-error.ts'

const decode = (status: number, type: string, body: string) =>
  decodeError({ status, headers: type === '' ? {} : { 'x-amzn-errortype': type } }, body)

describe('a refusal', () => {
  test.each([
    [400, 'ValidationException:http://internal.amazon.com/coral/', '{"message":"bad"}', 400, null, 'no'],
    [400, '', '{"message":"bad"}', 400, null, 'no'],
    [
      429,
      'ThrottlingException',
      '{"message":"Too many tokens, please wait before trying again."}',
      429,
      'rate_limit_exceeded',
      'same',
    ],
    [
      400,
      'ThrottlingException:http://internal.amazon.com/coral/',
      '{"message":"Too many requests"}',
      429,
      'rate_limit_exceeded',
      'same',
    ],
    [400, 'ServiceQuotaExceededException', '{"message":"quota"}', 429, 'rate_limit_exceeded', 'same'],
    [
      400,
      'ValidationException',
      '{"message":"Input is too long for requested model."}',
      400,
      'context_length_exceeded',
      'next',
    ],
    [
      400,
      'ValidationException',
      '{"message":"The provided model identifier is invalid."}',
      400,
      'model_not_found',
      'next',
    ],
    [
      400,
      'ValidationException',
      '{"message":"Invocation of model ID x with on-demand throughput isn’t supported."}',
      400,
      'model_not_found',
      'next',
    ],
    [
      404,
      'ResourceNotFoundException',
      '{"message":"This model version has reached the end of its life."}',
      404,
      'model_not_found',
      'next',
    ],
    [424, 'ModelErrorException', '{"message":"x","originalStatusCode":400}', 502, 'upstream_error', 'same'],
    [424, '', '{"message":"x"}', 502, 'upstream_error', 'same'],
    [429, 'ModelNotReadyException', '{"message":"x"}', 503, 'upstream_error', 'same'],
    [408, 'ModelTimeoutException', '{"message":"x"}', 504, 'upstream_error', 'same'],
    [500, 'InternalServerException', '{"message":"x"}', 500, 'upstream_error', 'same'],
    [503, 'ServiceUnavailableException', '', 503, 'upstream_error', 'same'],
    [500, '', 'An unmodeled error occurred in a front end layer.', 500, 'upstream_error', 'same'],
    [429, '', '{"__type":"com.amazonaws.bedrockruntime#ModelNotReadyException"}', 503, 'upstream_error', 'same'],
  ])('%i %s %s is %i', (status, type, body, mapped, code, retry) => {
    const { failure, retry: again } = decode(status, type, body)
    expect({ status: failure.status, code: failure.code, retry: again }).toEqual({ status: mapped, code, retry })
    expect(failure.message).not.toBe('')
  })

  test.each([
    [403, 'AccessDeniedException', "You don't have access to the model canary"],
    [403, 'ExpiredTokenException', 'canary'],
    [400, 'ExpiredTokenException', 'canary'],
    [403, 'UnrecognizedClientException', 'canary'],
    [403, 'InvalidSignatureException', 'canary'],
    [401, '', 'canary'],
  ])('%i %s is ours: the caller gets none of its text', (status, type, message) => {
    const decoded = decode(status, type, JSON.stringify({ message }))
    expect(decoded).toMatchObject({ failure: { status: 502, code: 'upstream_error' }, retry: 'next' })
    expect(JSON.stringify(decoded)).not.toContain('canary')
  })

  test('`Message` is read as `message`', () => {
    expect(decode(400, '', '{"Message":"so it is"}').failure.message).toBe('so it is')
  })
})
