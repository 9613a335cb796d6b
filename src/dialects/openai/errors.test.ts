import OpenAI from 'openai'
import { expect, test } from 'vitest'
import { failure, type Failure } from '#src/core/failure.ts'
import { DONE, renderFailure, renderStreamError } from './errors.ts'

/** What the official client raises for an answer. */
async function raised(answer: () => Response, stream = false): Promise<unknown> {
  const client = new OpenAI({
    apiKey: 'k',
    baseURL: 'http://tutti.test/v1',
    maxRetries: 0,
    fetch: async () => answer(),
  })
  try {
    const result = await client.chat.completions.create({ model: 'm', messages: [], stream })
    if (stream && Symbol.asyncIterator in result) for await (const _ of result);
  } catch (error) {
    return error
  }
  throw new Error('no error')
}

const respond = (what: Failure) => () => {
  const { status, headers, body } = renderFailure(what, 'req_1')
  return new Response(body, { status, headers })
}

test.each([
  ['invalid_request_error', OpenAI.BadRequestError],
  ['invalid_api_key', OpenAI.AuthenticationError],
  ['policy_denied', OpenAI.PermissionDeniedError],
  ['policy_error', OpenAI.PermissionDeniedError],
  ['model_not_found', OpenAI.NotFoundError],
  ['rate_limit_exceeded', OpenAI.RateLimitError],
  ['budget_exceeded', OpenAI.RateLimitError],
  ['upstream_error', OpenAI.InternalServerError],
  ['no_healthy_target', OpenAI.InternalServerError],
  ['upstream_timeout', OpenAI.InternalServerError],
] as const)('%s raises the class that OpenAI itself would cause', async (code, type) => {
  const error = await raised(respond(failure(code, 'because')))
  expect(error).toBeInstanceOf(type)
  expect(error).toMatchObject({ code, error: { message: 'because', code, param: null }, requestID: 'req_1' })
})

test('waiting, not waiting and the upstream status stand in headers', () => {
  const rendered = renderFailure(
    failure('budget_exceeded', 'spent', { retryAfterMs: 1001, shouldRetry: false, upstreamStatus: 402 }),
    'req_1',
  )
  expect(rendered.headers).toMatchObject({
    'retry-after': '2',
    'x-should-retry': 'false',
    'x-tutti-upstream-status': '402',
    'x-tutti-request-id': 'req_1',
  })
  expect(renderFailure(failure('not_found', 'no'), 'r').headers).not.toHaveProperty('retry-after')
})

test('details add to an error and never replace its members', () => {
  const details = { rule: 'no-deepseek', message: 'other', code: 'other' }
  const { body } = renderFailure(failure('policy_denied', 'DeepSeek is not permitted here', { details }), 'r')
  expect(JSON.parse(body)).toEqual({
    error: {
      message: 'DeepSeek is not permitted here',
      type: 'permission_error',
      param: null,
      code: 'policy_denied',
      rule: 'no-deepseek',
    },
  })
})

test('an error event in a stream is raised, also when [DONE] is where it should not be', async () => {
  const events = `data: {"choices":[]}\n\n${renderStreamError(failure('upstream_error', 'cut'))}${DONE}`
  const answer = () => new Response(events, { headers: { 'content-type': 'text/event-stream' } })
  const error = await raised(answer, true)
  expect(error).toBeInstanceOf(OpenAI.APIError)
  expect(error).toMatchObject({ code: 'upstream_error', error: { message: 'cut' } })
})
