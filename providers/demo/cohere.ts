import { errorForm } from './error-form.ts'
import { messageOf, missing } from './error-openai.ts'
import { SSE } from './framing.ts'
import { postAt } from './openai.ts'
import { uuidOf } from './random.ts'
import { renderCohere } from './render-cohere.ts'
import { renderCohereStream } from './render-cohere-stream.ts'
import type { ErrorReply } from './script.ts'
import { jsonBody, type ErrorForm, type Surface } from './surface.ts'
import { wishOfCohere } from './wish-cohere.ts'

/** `{ id, message }`. In a stream it is the end that tells of an error. */
export const COHERE_ERRORS: ErrorForm = errorForm({
  requestIdHeader: 'x-debug-trace-id',
  whole: (error, id) => ({
    body: {
      id: uuidOf(id),
      message: messageOf(error),
      ...(error.type !== undefined && { error_type: error.type }),
    },
  }),
  event: (error) => ({
    json: { type: 'message-end', delta: { error: messageOf(error), finish_reason: brokenWord(error) } },
    generated: false,
    name: 'message-end',
  }),
  unknownModel: (model) => ({
    status: 404,
    message: `model '${model}' not found, make sure the correct model ID was used and that you have access to the model.`,
  }),
})

function brokenWord({ status }: ErrorReply): string {
  return status === 504 || status === 408 ? 'TIMEOUT' : 'ERROR'
}

const chat: Surface = {
  endpoint: 'cohereChat',
  asksModel: true,
  find: postAt('/v2/chat'),
  refuse: ({ body }) => missing(body, ['model', 'messages']),
  wish: ({ body }) => wishOfCohere(body),
  whole: (render) => jsonBody(renderCohere(render)),
  stream: { framing: () => SSE, events: renderCohereStream },
  errors: COHERE_ERRORS,
}

/** What Cohere speaks where somebody chats, in version 2. */
export const COHERE_SURFACES: readonly Surface[] = [chat]
