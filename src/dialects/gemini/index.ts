import type { Dialect } from '#src/core/dialect.ts'
import type { JsonObject } from '#src/core/json.ts'
import { addCost } from './cost.ts'
import { errorText, renderFailure, renderStreamError } from './errors.ts'
import { ARRAY } from './framing.ts'
import { read } from './read.ts'
import { renderAnswer } from './render-answer.ts'
import { geminiRenderer } from './render-stream.ts'
import { sense } from './sense.ts'
import { toConversation } from './to-conversation.ts'

const events: Dialect = {
  endpoint: 'geminiGenerate',
  read,
  sense,
  renderFailure,
  renderStreamError,
  done: '',
  requestIdHeader: 'x-request-id',
  addCost,
  // An event of a stream is an answer, so a whole one is a stream of one event.
  unfold: (answer: JsonObject) => [JSON.stringify(answer)],
  translation: { read: toConversation, render: renderAnswer, renderer: (context) => geminiRenderer(context) },
}

/** Streams without `alt=sse`: one JSON array, in which white space may stand where nothing is said. */
const array: Dialect = {
  ...events,
  renderStreamError: (failure, begun) => ARRAY.event(errorText(failure), !begun) + ARRAY.end,
  done: ARRAY.end,
  translation: { read: toConversation, render: renderAnswer, renderer: (context) => geminiRenderer(context, ARRAY) },
  streaming: {
    contentType: 'application/json',
    comment: '\n',
    frame: ARRAY.event,
  },
}

/** What clients of Gemini's `generateContent` and `streamGenerateContent` speak. */
export const geminiGenerate: Dialect = {
  ...events,
  variant: (request) => (request.array ? array : events),
}
