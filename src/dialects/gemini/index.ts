import type { Dialect } from '#src/core/dialect.ts'
import type { JsonObject } from '#src/core/json.ts'
import type { Place } from '#src/core/setting.ts'
import { addCost } from './cost.ts'
import { errorText, renderFailure, renderStreamError } from './errors.ts'
import { ARRAY } from './framing.ts'
import { read } from './read.ts'
import { renderAnswer } from './render-answer.ts'
import { geminiRenderer } from './render-stream.ts'
import { sense } from './sense.ts'
import { underscored } from './spelling.ts'
import { toConversation } from './to-conversation.ts'

/** A member of `generationConfig`, under every spelling that Google takes. */
function placesOf(name: string): readonly Place[] {
  const spelled = (text: string): readonly string[] => [text, underscored(text)]
  return spelled('generationConfig').flatMap((config) => spelled(name).map((own) => [config, own]))
}

const events: Dialect = {
  endpoint: 'geminiGenerate',
  read,
  sense,
  renderFailure,
  renderStreamError,
  done: '',
  requestIdHeader: 'x-request-id',
  addCost,
  settings: {
    outputTokens: placesOf('maxOutputTokens'),
    temperature: placesOf('temperature'),
    topP: placesOf('topP'),
    topK: placesOf('topK'),
    seed: placesOf('seed'),
    stop: placesOf('stopSequences'),
  },
  // An event of a stream is an answer, so a whole one is a stream of one event.
  unfold: (answer: JsonObject) => [JSON.stringify(answer)],
  turns: ['contents', 'tools', 'systemInstruction', 'system_instruction'],
  translation: {
    wire: 'gemini',
    read: toConversation,
    render: renderAnswer,
    renderer: (context) => geminiRenderer(context),
  },
}

/** Streams without `alt=sse`: one JSON array, in which white space may stand where nothing is said. */
const array: Dialect = {
  ...events,
  renderStreamError: (failure, begun) => ARRAY.event(errorText(failure), !begun) + ARRAY.end,
  done: ARRAY.end,
  translation: {
    wire: 'gemini',
    read: toConversation,
    render: renderAnswer,
    renderer: (context) => geminiRenderer(context, ARRAY),
  },
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
