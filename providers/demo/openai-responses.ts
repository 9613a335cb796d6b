import { errorOf } from './error-form.ts'
import { messageOf, missing, openaiError, OPENAI_ERRORS } from './error-openai.ts'
import { SSE, type StreamEvent } from './framing.ts'
import { postAt } from './openai.ts'
import { renderResponse } from './render-responses.ts'
import { renderResponseStream } from './render-responses-stream.ts'
import { responseOf } from './render-responses.ts'
import { jsonBody, type ErrorForm, type ErrorPlace, type Surface } from './surface.ts'
import { wishOfResponses } from './wish-responses.ts'
import type { Json } from '#src/core/json.ts'

/** What goes on from something that is kept elsewhere needs no input of its own. */
const INSTEAD_OF_INPUT = ['previous_response_id', 'prompt', 'conversation']

/** In a stream an `error` comes first, then the response that failed. */
const errors: ErrorForm = {
  ...OPENAI_ERRORS,
  inside: (error) => ({ error: openaiError(errorOf(error)) }),
  events: failedEvents,
}

function failedEvents(error: Json, { render, after }: ErrorPlace): readonly StreamEvent[] {
  const own = openaiError(errorOf(error))
  const code = own['code'] ?? own['type']
  const failed = { ...responseOf(render, 'failed'), error: { code, message: messageOf(errorOf(error)) } }
  return [
    { type: 'error', error: { ...own, code } },
    { type: 'response.failed', response: failed },
  ].map((members, at) => ({
    json: { ...members, sequence_number: after + at },
    generated: false,
    name: members.type,
  }))
}

/** OpenAI's Responses API. */
export const responses: Surface = {
  endpoint: 'responses',
  asksModel: true,
  find: postAt('/responses'),
  refuse: ({ body }) =>
    missing(body, INSTEAD_OF_INPUT.some((name) => body[name] !== undefined) ? ['model'] : ['model', 'input']),
  wish: ({ body }) => wishOfResponses(body),
  whole: (render) => jsonBody(renderResponse(render)),
  stream: { framing: () => SSE, events: renderResponseStream },
  errors,
}
