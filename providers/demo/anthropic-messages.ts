import type { JsonObject } from '#src/core/json.ts'
import { errorForm } from './error-form.ts'
import { messageOf } from './error-openai.ts'
import { SSE } from './framing.ts'
import { modelsAt, postAt } from './openai.ts'
import { renderMessage } from './render-messages.ts'
import { renderMessageStream } from './render-messages-stream.ts'
import { between } from './request-record.ts'
import type { ErrorReply } from './script.ts'
import { jsonBody, PLAIN_WISH, type Ask, type ErrorForm, type Surface } from './surface.ts'
import { countOf } from './usage.ts'
import { wishOfMessages } from './wish-messages.ts'

const TYPES: Readonly<Record<number, string>> = {
  401: 'authentication_error',
  402: 'billing_error',
  403: 'permission_error',
  404: 'not_found_error',
  413: 'request_too_large',
  429: 'rate_limit_error',
  504: 'timeout_error',
  529: 'overloaded_error',
}

/** `{ type: "error", error, request_id }`; in a stream an event of that name. */
const errors: ErrorForm = errorForm({
  requestIdHeader: 'request-id',
  whole: (error, id) => ({ body: { type: 'error', error: anthropicError(error), request_id: id } }),
  event: (error) => ({
    json: { type: 'error', error: { details: null, ...anthropicError(error) } },
    generated: false,
    name: 'error',
  }),
  unknownModel: (model) => ({ status: 404, message: `model: ${model}` }),
})

/** A script's code is the stable one of the details. */
function anthropicError(error: ErrorReply): JsonObject {
  const { code, status } = error
  const type = error.type ?? TYPES[status] ?? (status >= 500 ? 'api_error' : 'invalid_request_error')
  const details = code === undefined || code === null ? {} : { details: { error_code: String(code) } }
  return { ...details, type, message: messageOf(error) }
}

function required({ body, model }: Ask, names: readonly string[]): ErrorReply | undefined {
  const absent = model === undefined ? 'model' : names.find((name) => body[name] === undefined)
  return absent === undefined ? undefined : { status: 400, message: `${absent}: Field required` }
}

/** Where the model stands in the path, and whether a stream is wanted. */
const VERTEX = [
  [':rawPredict', false],
  [':streamRawPredict', true],
] as const

const messages: Surface = {
  endpoint: 'messages',
  asksModel: true,
  find(request, path) {
    if (request.method !== 'POST') return undefined
    for (const [action, stream] of VERTEX) {
      const model = between(path, '/models/', action)
      if (model !== undefined) return { model, stream }
    }
    return path.endsWith('/messages') ? {} : undefined
  },
  refuse: (ask) => required(ask, ['messages', 'max_tokens']),
  wish: ({ body }) => wishOfMessages(body),
  whole: (render) => jsonBody(renderMessage(render)),
  stream: { framing: () => SSE, events: renderMessageStream },
  errors,
}

const countTokens: Surface = {
  endpoint: 'countTokens',
  asksModel: false,
  find: postAt('/messages/count_tokens', '/models/count-tokens:rawPredict'),
  refuse: (ask) => required(ask, ['messages']),
  wish: ({ body }) => wishOfMessages(body),
  whole: (render) => jsonBody({ input_tokens: render.reply.usage?.input ?? countOf(render, []).input }),
  errors,
}

/** `GET …/models` of a client that says which version of Anthropic's API it speaks. */
const models: Surface = {
  endpoint: 'models',
  asksModel: false,
  find: (request, path) => (request.headers['anthropic-version'] === undefined ? undefined : modelsAt(request, path)),
  refuse: () => undefined,
  wish: () => PLAIN_WISH,
  whole({ ask, created, models: all }) {
    const entry = (id: string) => ({
      type: 'model',
      id,
      display_name: id,
      created_at: new Date(created * 1000).toISOString(),
    })
    if (ask.model !== undefined) return jsonBody(entry(ask.model))
    const ends = { first_id: all.at(0) ?? null, last_id: all.at(-1) ?? null }
    return jsonBody({ data: all.map(entry), has_more: false, ...ends })
  },
  errors,
}

/** What Anthropic speaks, and Vertex for its models. */
export const ANTHROPIC_SURFACES: readonly Surface[] = [countTokens, messages, models]
