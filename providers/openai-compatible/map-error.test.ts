import { expect, test } from 'vitest'
import { quirksOf } from './definition.ts'
import { decodeError } from './map-error.ts'
import { redactKeys } from './redact-keys.ts'
import { parseWait } from './retry-after.ts'

const PLAIN = quirksOf({ type: 't', title: 'T' })

function decode(status: number, body: unknown, headers: Record<string, string> = {}) {
  return decodeError({ status, headers }, typeof body === 'string' ? body : JSON.stringify(body), PLAIN)
}

test.each([
  [
    'OpenAI`s',
    { error: { message: 'no', type: 'invalid_request_error', param: 'n', code: 'bad_n' } },
    { message: 'no', type: 'invalid_request_error', param: 'n', code: 'bad_n' },
  ],
  [
    'numeric code',
    { error: { message: 'no', code: 400 } },
    { message: 'no', code: '400', type: 'invalid_request_error' },
  ],
  [
    'flat',
    { object: 'error', message: 'no', type: 'BadRequestError', param: null, code: 400 },
    { message: 'no', type: 'BadRequestError', code: '400' },
  ],
  ['string', { error: 'no such thing' }, { message: 'no such thing', code: null }],
  ['string beside a code', { code: 'Some problem', error: 'no' }, { message: 'no', code: 'Some problem' }],
  ['detail', { detail: 'no' }, { message: 'no' }],
  [
    'list of details',
    { detail: [{ loc: ['body', 'n'], msg: 'too small', type: 'x' }, { msg: 'and more' }] },
    { message: 'too small; and more', param: 'n' },
  ],
  ['details in a message', { message: { detail: [{ msg: 'extra fields' }] } }, { message: 'extra fields' }],
  [
    'array',
    [{ error: { code: 400, message: 'no', status: 'INVALID_ARGUMENT' } }],
    { message: 'no', code: '400', type: 'INVALID_ARGUMENT' },
  ],
  [
    'envelope',
    { success: false, errors: [{ code: 7003, message: 'no route' }] },
    { message: 'no route', code: '7003' },
  ],
  ['status object', { status: { code: '40001', message: 'no' } }, { message: 'no', code: '40001' }],
  ['plain text', 'Bad things', { message: 'Bad things' }],
  ['page', '<!DOCTYPE html><p>x', { message: 'the upstream answered 400 without saying why' }],
  ['nothing', '', { message: 'the upstream answered 400 without saying why', code: null }],
])('an error as %s is read', (_form, body, expected) => {
  const { failure, retry } = decode(400, body)
  expect(failure).toMatchObject({ status: 400, upstreamStatus: 400, ...expected })
  expect(retry).toBe('no')
})

test.each([
  [302, 502, 'next'],
  [400, 400, 'no'],
  [401, 502, 'next'],
  [402, 502, 'next'],
  [403, 502, 'next'],
  [404, 404, 'next'],
  [405, 404, 'next'],
  [408, 408, 'same'],
  [409, 409, 'no'],
  [410, 404, 'next'],
  [413, 413, 'next'],
  [415, 502, 'next'],
  [418, 400, 'next'],
  [422, 422, 'no'],
  [425, 503, 'same'],
  [429, 429, 'same'],
  [498, 503, 'next'],
  [500, 500, 'same'],
  [501, 501, 'next'],
  [529, 529, 'same'],
  [700, 502, 'same'],
])('%i becomes %i, and %s may be asked', (status, mapped, retry) => {
  expect(decode(status, { error: { message: 'x' } })).toMatchObject({
    failure: { status: mapped, upstreamStatus: status },
    retry,
  })
})

test('an empty account is not waited for', () => {
  const read = decode(
    429,
    { error: { message: 'You exceeded your current quota', type: 'insufficient_quota', code: null } },
    { 'retry-after': '9' },
  )
  expect(read).toMatchObject({
    failure: { type: 'insufficient_quota', code: 'insufficient_quota', shouldRetry: false },
    retry: 'next',
  })
  expect(read.failure.retryAfterMs).toBeUndefined()
  const mistral = decode(429, {
    object: 'error',
    message: 'Service tier capacity exceeded',
    type: 'invalid_request_error',
    code: null,
  })
  expect(mistral).toMatchObject({ failure: { type: 'rate_limit_error', code: 'rate_limit_exceeded' }, retry: 'same' })
  const tokens = decode(429, { error: { message: 'x', type: 'tokens', code: 'rate_limit_exceeded' } })
  expect(tokens.failure.type).toBe('tokens')
  expect(decode(429, { error: { message: 'x' } }).failure.type).toBe('rate_limit_error')
})

test.each([
  [{ error: { code: 'context_length_exceeded', message: 'x' } }],
  [{ error: { code: 400, type: 'exceed_context_size_error', message: 'x' } }],
  [{ error: { message: "This model's maximum context length is 8192 tokens" } }],
  [{ error: { message: 'prompt too long; exceeded max context length by 5 tokens' } }],
  [{ object: 'error', message: 'max_tokens must be at least 1, got -186.' }],
  [{ error: { message: 'Range of input length should be [1, 30720]' } }],
])('a prompt that is too long may fit elsewhere: %j', (body) => {
  expect(decode(400, body).retry).toBe('next')
})

test('a 400 about the key is ours to mend, and shows nothing of it', () => {
  const read = decode(400, { code: 'invalid argument', error: 'Incorrect API key provided: xa***Qq. See console' })
  expect(read).toMatchObject({ failure: { status: 502, code: 'upstream_error', upstreamStatus: 400 }, retry: 'next' })
  expect(read.failure.message).not.toContain('Qq')
})

test.each([
  [{ 'retry-after': '2' }, '', 2000],
  [{ 'retry-after': '0.5', 'retry-after-ms': '120' }, '', 120],
  [{ 'retry-after': 'Mon, 23 Nov 2026 10:00:10 GMT', date: 'Mon, 23 Nov 2026 10:00:00 GMT' }, '', 10_000],
  [{ 'retry-after': 'Mon, 23 Nov 2026 10:00:10 GMT' }, '', undefined],
  [{ 'retry-after': '2m59.56s' }, '', 179_560],
  [{}, 'Rate limit reached. Please try again in 7.66s. Visit x', 7660],
  [{}, 'Please retry after 45 seconds.', 45_000],
  [{}, 'try again in 2 minutes', 120_000],
  [{}, 'try again later', undefined],
  [
    { 'x-ratelimit-remaining-tokens': '0', 'x-ratelimit-reset-tokens': '6m0s', 'x-ratelimit-reset-requests': '1s' },
    '',
    360_000,
  ],
])('a wait is read from %j and "%s"', (headers, message, wait) => {
  expect(decode(429, { error: { message } }, headers).failure.retryAfterMs).toBe(wait)
})

test('Google says it in its details', () => {
  const details = [{ '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: '13s' }]
  expect(decode(429, [{ error: { code: 429, message: 'quota', details } }]).failure.retryAfterMs).toBe(13_000)
})

test.each([
  ['1h', 3_600_000],
  ['120ms', 120],
  ['30', 30_000],
  ['', undefined],
  ['soon', undefined],
  ['1.2.3s', undefined],
  ['5x', undefined],
])('the wait `%s` is %s', (text, ms) => {
  expect(parseWait(text)).toBe(ms)
})

test('keys in messages are redacted, words are not', () => {
  expect(redactKeys('Key sk-proj-abcdef123456 or (gsk_0123456789ab), ab****cd')).toBe(
    'Key [redacted] or ([redacted] [redacted]',
  )
  expect(redactKeys('sk-8 is a skate-boarding up_date')).toBe('sk-8 is a skate-boarding up_date')
})

test('an empty 400 can be a prompt that is too long', () => {
  const quirks = { ...PLAIN, emptyBadRequestIsOverflow: true }
  expect(decodeError({ status: 400, headers: {} }, '', quirks)).toMatchObject({
    failure: { code: 'context_length_exceeded' },
    retry: 'next',
  })
  expect(decodeError({ status: 422, headers: {} }, '', quirks).retry).toBe('no')
})
