import { numberAt, objectAt, type JsonObject } from '#src/core/json.ts'
import { errorForm } from './error-form.ts'
import { messageOf } from './error-openai.ts'
import { NDJSON } from './framing.ts'
import { hash } from './random.ts'
import { renderOllama, renderOllamaStream, timeOf } from './render-ollama.ts'
import { bodyOf } from './request-record.ts'
import type { ErrorReply } from './script.ts'
import { jsonBody, PLAIN_WISH, type ErrorForm, type Surface, type Wish } from './surface.ts'
import { wishOfChat } from './wish-chat.ts'

/** `{ error: text }`, also as a line of a stream. */
const errors: ErrorForm = errorForm({
  whole: (error) => ({ body: { error: messageOf(error) } }),
  unknownModel: (model) => ({ status: 404, message: `model '${model}' not found` }),
})

function wishOf(body: JsonObject): Wish {
  const limit = numberAt(objectAt(body, 'options'), 'num_predict')
  const { format } = body
  return {
    ...wishOfChat(body),
    tool: undefined,
    format: format === 'json' ? 'json' : objectAt(body, 'format') && { schema: format },
    // -1 is without end.
    limit: limit === undefined || limit < 0 ? undefined : limit,
    choices: 1,
  }
}

function refuse({ body }: { readonly body: JsonObject }): ErrorReply | undefined {
  return body['model'] === undefined ? { status: 400, message: 'model is required' } : undefined
}

const chat: Surface = {
  endpoint: 'ollamaChat',
  asksModel: true,
  /** A stream unless told otherwise. */
  find(request, path) {
    if (request.method !== 'POST' || !path.endsWith('/api/chat')) return undefined
    return { stream: bodyOf(request)['stream'] !== false }
  },
  refuse,
  wish: ({ body }) => wishOf(body),
  whole: (render) => jsonBody(renderOllama(render)),
  stream: { framing: () => NDJSON, events: renderOllamaStream },
  errors,
}

const models: Surface = {
  endpoint: 'ollamaModels',
  asksModel: false,
  find: ({ method }, path) => (method === 'GET' && path.endsWith('/api/tags') ? {} : undefined),
  refuse: () => undefined,
  wish: () => PLAIN_WISH,
  whole: (render) => jsonBody({ models: render.models.map((name) => modelOf(name, timeOf(render))) }),
  errors,
}

/** What Ollama says of one model, where it is asked what it really is. */
const show: Surface = {
  endpoint: 'ollamaShow',
  asksModel: false,
  find: ({ method }, path) => (method === 'POST' && path.endsWith('/api/show') ? {} : undefined),
  refuse,
  wish: () => PLAIN_WISH,
  whole: (render) =>
    jsonBody({
      details: DETAILS,
      model_info: { 'general.architecture': DETAILS.family, 'general.basename': render.model },
      capabilities: ['completion'],
      modified_at: timeOf(render),
    }),
  errors,
}

const DETAILS = {
  parent_model: '',
  format: 'gguf',
  family: 'tutti',
  families: ['tutti'],
  parameter_size: '4.3B',
  quantization_level: 'Q4_K_M',
}

function modelOf(name: string, modified: string): JsonObject {
  const digest = [0, 1, 2, 3, 4, 5, 6, 7].map((part) => hash(`${name}/${part}`).toString(16).padStart(8, '0')).join('')
  return { name, model: name, modified_at: modified, size: 3_338_801_804, digest, details: DETAILS }
}

/** What Ollama speaks itself. */
export const OLLAMA_SURFACES: readonly Surface[] = [chat, models, show]
