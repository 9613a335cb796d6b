import { objectAt, stringAt, type JsonObject } from '#src/core/json.ts'
import { errorForm } from './error-form.ts'
import { messageOf, missing } from './error-openai.ts'
import { SSE } from './framing.ts'
import { renderClova, renderClovaStream } from './render-hyperclova.ts'
import { between } from './request-record.ts'
import type { ErrorReply } from './script.ts'
import { jsonBody, type ErrorForm, type Surface, type Wish } from './surface.ts'
import { wishOfChat } from './wish-chat.ts'

/** What it writes unless told otherwise, in tokens. */
const DEFAULT_LIMIT = 100

/** `{ status: { code, message } }`, in a stream as an event called `error`. */
const errors: ErrorForm = errorForm({
  requestIdHeader: 'x-ncp-clovastudio-request-id',
  whole: (error) => ({ body: refusal(error) }),
  event: (error) => ({ json: refusal(error), generated: false, name: 'error' }),
  unknownModel: () => ({ status: 404, message: 'Model not found', code: '40400' }),
})

/** Codes are five digits, of which the first three are the HTTP status: a script's word that is none gives way. */
function refusal(error: ErrorReply): JsonObject {
  const own = String(error.code ?? '')
  const code = own.length === 5 && Number.isInteger(Number(own)) ? own : `${error.status}00`
  return { status: { code, message: messageOf(error) } }
}

function wishOf(body: JsonObject): Wish {
  const wish = wishOfChat(body)
  const format = objectAt(body, 'responseFormat')
  const limits = [body['maxTokens'], body['maxCompletionTokens']]
  const limit = limits.find((each) => typeof each === 'number')
  return {
    ...wish,
    mayCall: wish.mayCall && body['toolChoice'] !== 'none',
    tool: stringAt(objectAt(objectAt(body, 'toolChoice'), 'function'), 'name'),
    format: stringAt(format, 'type') === 'json' ? { schema: format?.['schema'] } : undefined,
    limit: limit ?? DEFAULT_LIMIT,
    choices: 1,
  }
}

const chat: Surface = {
  endpoint: 'hyperclovaChat',
  asksModel: true,
  /** The model stands in the path, behind `/testapp` too; `accept` asks for a stream. */
  find({ method, headers }, path) {
    const model = method === 'POST' ? between(path, '/v3/chat-completions/', '') : undefined
    const stream = headers['accept']?.includes('text/event-stream') === true
    return model === undefined ? undefined : { model, stream }
  },
  refuse({ body }) {
    const error = missing(body, ['messages'])
    return error && { ...error, message: 'Invalid parameter: messages', code: '40001' }
  },
  wish: ({ body }) => wishOf(body),
  whole: (render) => jsonBody({ status: { code: '20000', message: 'OK' }, result: renderClova(render) }),
  stream: { framing: () => SSE, events: renderClovaStream },
  errors,
}

/** What CLOVA Studio speaks itself, in version 3. */
export const HYPERCLOVA_SURFACES: readonly Surface[] = [chat]
