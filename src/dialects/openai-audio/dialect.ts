import type { Dialect } from '#src/core/dialect.ts'
import type { Endpoint } from '#src/core/endpoint.ts'
import { stringAt, type JsonObject } from '#src/core/json.ts'
import type { ApiRequest } from '#src/core/request.ts'
import { addCost } from '../openai/cost.ts'
import { DONE, renderFailure, renderStreamError } from '../openai/errors.ts'
import { file, readFormRequest, switchText } from '../shared/read-form.ts'
import { invalid, readRequest, type Check, type Shape } from '../shared/read-request.ts'
import { senseSound } from './sense.ts'

/** Answers in these formats are no JSON. */
const TEXTS: ReadonlySet<string> = new Set(['text', 'srt', 'vtt'])

const text: Check = (value) => (typeof value === 'string' ? undefined : 'a text')

/** What clients of OpenAI speak where a sound becomes text. */
export function soundDialect(endpoint: Extract<Endpoint, 'transcriptions' | 'translations'>): Dialect {
  const shape: Shape = {
    endpoint,
    required: [],
    optional: [
      ['file', file],
      ['url', text],
      ['stream', switchText],
      ['response_format', text],
      ['language', text],
    ],
  }
  const json: Dialect = {
    endpoint,
    form: { required: true, read: (body, context) => checked(readFormRequest(body, context, shape)) },
    read: (body, context) => checked(readRequest(body, context, shape)),
    sense: senseSound,
    renderFailure: (failure) => renderFailure(failure),
    renderStreamError,
    done: DONE,
    requestIdHeader: 'x-request-id',
    addCost,
    unfold,
  }
  const collected: Dialect = { ...json, raw: 'collected' }
  return { ...json, variant: ({ body }) => (TEXTS.has(stringAt(body, 'response_format') ?? '') ? collected : json) }
}

/** Groq and others fetch a sound from where `url` says. */
function checked(request: ApiRequest): ApiRequest {
  const { body, stream } = request
  if (body['file'] === undefined && body['url'] === undefined)
    throw invalid('missing required parameter: `file`', 'file')
  if (stream && TEXTS.has(stringAt(body, 'response_format') ?? ''))
    throw invalid('`stream` gives events, which have no `response_format` of text', 'response_format')
  return request
}

/** An upstream that does not stream answers whole: its transcript as the events of a stream. */
function unfold(answer: JsonObject): readonly string[] {
  const { text = '', usage, logprobs } = answer
  const said = { text, ...(logprobs !== undefined && { logprobs }), ...(usage !== undefined && { usage }) }
  return [
    JSON.stringify({ type: 'transcript.text.delta', delta: text }),
    JSON.stringify({ type: 'transcript.text.done', ...said }),
  ]
}
