import type { Dialect } from '#src/core/dialect.ts'
import { addCost } from './cost.ts'
import { errorText, renderFailure } from './errors.ts'
import { read } from './read.ts'
import { renderAnswer } from './render-answer.ts'
import { geminiRenderer } from './render-stream.ts'
import { sense } from './sense.ts'
import { toConversation } from './to-conversation.ts'

/** Google ends its lines with carriage return and line feed. */
const asEvent = (data: string): string => `data: ${data}\r\n\r\n`
const asElement = (data: string, first: boolean): string => `${first ? '[' : ',\r\n'}${data}`

/** What clients of Gemini's generateContent speak. */
export const geminiGenerate: Dialect = {
  endpoint: 'geminiGenerate',
  read,
  sense,
  renderFailure,
  renderStreamError: (failure) => asEvent(errorText(failure)),
  done: '',
  requestIdHeader: 'x-request-id',
  addCost,
  translation: {
    read: toConversation,
    render: renderAnswer,
    renderer: (context) => geminiRenderer(context, asEvent),
  },
  variant: (request) => (request.array ? geminiArray : geminiGenerate),
}

/** The stream of a client that did not ask for events: one JSON array. */
const geminiArray: Dialect = {
  ...geminiGenerate,
  renderStreamError: (failure, begun) => `${asElement(errorText(failure), !begun)}]`,
  done: ']',
  translation: {
    read: toConversation,
    render: renderAnswer,
    renderer(context) {
      const inner = geminiRenderer(context, asElement)
      return arrayEnd(inner)
    },
  },
  streaming: { contentType: 'application/json', comment: '\n', frame: asElement },
}

type Renderer = ReturnType<typeof geminiRenderer>

/** The bracket that closes the array belongs to the proper end. */
function arrayEnd(inner: Renderer): Renderer {
  return {
    part(part) {
      const next = inner.part(part)
      return { renderer: next.renderer === inner ? this : arrayEnd(next.renderer), out: next.out }
    },
    finish: (note) => `${inner.finish(note)}]`,
  }
}
