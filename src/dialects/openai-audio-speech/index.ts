import type { Dialect } from '#src/core/dialect.ts'
import type { Json } from '#src/core/json.ts'
import { addCost } from '../openai/cost.ts'
import { DONE, renderFailure, renderStreamError } from '../openai/errors.ts'
import { oneOf, readRequest, type Check, type Shape } from '../shared/read-request.ts'
import { senseSpeech } from './sense.ts'

const text: Check = (value) => (typeof value === 'string' && value !== '' ? undefined : 'a text')
const voice: Check = (value: Json) =>
  typeof value === 'string' || (typeof value === 'object' && value !== null) ? undefined : 'a name or an object'

const SHAPE: Shape = {
  endpoint: 'speech',
  required: [['input', text]],
  optional: [
    ['voice', voice],
    ['instructions', text],
    ['stream_format', oneOf('audio', 'sse')],
  ],
}

/** Speech as events. */
const events: Dialect = {
  endpoint: 'speech',
  read: (body, context) => {
    const request = readRequest(body, context, SHAPE)
    return { ...request, stream: request.body['stream_format'] === 'sse', wantsUsage: true }
  },
  sense: senseSpeech,
  renderFailure: (failure) => renderFailure(failure),
  renderStreamError,
  done: DONE,
  requestIdHeader: 'x-request-id',
  addCost,
}

/** What clients of OpenAI's speech speak: sound as it comes, or events with sound in them. */
export const openaiSpeech: Dialect = {
  ...events,
  raw: 'passed',
  variant: ({ stream }) => (stream ? events : openaiSpeech),
}
