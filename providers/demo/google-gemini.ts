import { arrayAt, type JsonObject } from '#src/core/json.ts'
import { errorForm } from './error-form.ts'
import { messageOf } from './error-openai.ts'
import { JSON_ARRAY, SSE_CRLF } from './framing.ts'
import { modelsAt } from './openai.ts'
import { renderGemini, textTokens } from './render-gemini.ts'
import { renderGeminiEmbeddings } from './render-gemini-embeddings.ts'
import { renderGeminiStream } from './render-gemini-stream.ts'
import { between } from './request-record.ts'
import type { ErrorReply, RequestRecord } from './script.ts'
import { jsonBody, PLAIN_WISH, type ErrorForm, type Found, type Surface } from './surface.ts'
import { countOf } from './usage.ts'
import { wishOfGemini } from './wish-gemini.ts'

const STATUSES: Readonly<Record<number, string>> = {
  401: 'UNAUTHENTICATED',
  403: 'PERMISSION_DENIED',
  404: 'NOT_FOUND',
  409: 'ABORTED',
  429: 'RESOURCE_EXHAUSTED',
  499: 'CANCELLED',
  501: 'UNIMPLEMENTED',
  503: 'UNAVAILABLE',
  504: 'DEADLINE_EXCEEDED',
}

/** `{ error: { code, message, status, details } }`, also as an event of a stream. */
const errors: ErrorForm = errorForm({
  whole: (error) => ({ body: { error: geminiError(error) } }),
  unknownModel: (model) => ({
    status: 404,
    message: `models/${model} is not found for API version v1beta, or is not supported for generateContent. Call ListModels to see the list of available models and their supported methods.`,
  }),
})

function geminiError(error: ErrorReply): JsonObject {
  const { status, type = STATUSES[status] ?? (status >= 500 ? 'INTERNAL' : 'INVALID_ARGUMENT') } = error
  const details = detailsOf(error)
  return { code: status, message: messageOf(error), status: type, ...(details.length > 0 && { details }) }
}

/** A script's code is a reason here; how long to wait stands in the body. */
function detailsOf({ code, retryAfter }: ErrorReply): readonly JsonObject[] {
  const named = (name: string, members: JsonObject) => ({
    '@type': `type.googleapis.com/google.rpc.${name}`,
    ...members,
  })
  return [
    ...(code === undefined || code === null
      ? []
      : [named('ErrorInfo', { reason: String(code), domain: 'googleapis.com' })]),
    ...(retryAfter === undefined ? [] : [named('RetryInfo', { retryDelay: `${retryAfter}s` })]),
  ]
}

const COLLECTIONS = ['/models/', '/tunedModels/', '/endpoints/']

/** The model of a path that asks for an action of it. */
function asked({ method }: RequestRecord, path: string, action: string): Found | undefined {
  if (method !== 'POST') return undefined
  const model = COLLECTIONS.map((collection) => between(path, collection, `:${action}`)).find((id) => id !== undefined)
  return model === undefined ? undefined : { model, stream: false }
}

function refuseWithout(...names: readonly string[]): Surface['refuse'] {
  return ({ body }) =>
    names.some((name) => body[name] !== undefined)
      ? undefined
      : { status: 400, message: `* GenerateContentRequest.${names[0]}: ${names[0]} is not specified\n` }
}

function wantsEvents(url: string): boolean {
  const asks = URL.canParse(url) ? new URL(url).searchParams : new URLSearchParams()
  return (asks.get('alt') ?? asks.get('$alt')) === 'sse'
}

const generate: Surface = {
  endpoint: 'geminiGenerate',
  asksModel: true,
  find(request, path) {
    const streamed = asked(request, path, 'streamGenerateContent')
    return streamed === undefined ? asked(request, path, 'generateContent') : { ...streamed, stream: true }
  },
  refuse: refuseWithout('contents'),
  wish: ({ body }) => wishOfGemini(body),
  whole: (render) => jsonBody(renderGemini(render)),
  stream: {
    framing: ({ request }) => (wantsEvents(request.url) ? SSE_CRLF : JSON_ARRAY),
    events: renderGeminiStream,
  },
  errors,
}

const countTokens: Surface = {
  endpoint: 'geminiCountTokens',
  asksModel: false,
  find: (request, path) => asked(request, path, 'countTokens'),
  refuse: refuseWithout('contents', 'generateContentRequest'),
  wish({ body }) {
    const { generateContentRequest: inner } = body
    return inner === undefined ? wishOfGemini(body) : { ...PLAIN_WISH, prompt: inner }
  },
  whole(render) {
    const total = render.reply.usage?.input ?? countOf(render, []).input
    return jsonBody({ totalTokens: total, promptTokensDetails: textTokens(total) })
  },
  errors,
}

const embed: Surface = {
  endpoint: 'geminiEmbed',
  asksModel: true,
  find: (request, path) => asked(request, path, 'embedContent') ?? asked(request, path, 'batchEmbedContents'),
  refuse: refuseWithout('content', 'requests'),
  wish: ({ body }) => ({ ...PLAIN_WISH, prompt: body['content'] ?? arrayAt(body, 'requests') }),
  whole: (render) => jsonBody(renderGeminiEmbeddings(render)),
  errors,
}

/** Google's own path, or OpenAI's where Google's client says who it is. `/v1beta/openai/models` is neither. */
function listsModels({ headers }: RequestRecord, path: string): boolean {
  const own = path.endsWith('/v1beta/models') || path.includes('/v1beta/models/')
  return own || headers['x-goog-api-client'] !== undefined
}

const models: Surface = {
  endpoint: 'models',
  asksModel: false,
  find: (request, path) => (listsModels(request, path) ? modelsAt(request, path) : undefined),
  refuse: () => undefined,
  wish: () => PLAIN_WISH,
  whole({ ask, models: all }) {
    const entry = (id: string) => ({
      name: `models/${id}`,
      version: '001',
      displayName: id,
      inputTokenLimit: 1_048_576,
      outputTokenLimit: 65_536,
      supportedGenerationMethods: ['generateContent', 'countTokens', 'embedContent'],
    })
    return jsonBody(ask.model === undefined ? { models: all.map(entry) } : entry(ask.model))
  },
  errors,
}

/** What Google speaks at its own API and, but for the list of models, at Vertex. */
export const GEMINI_SURFACES: readonly Surface[] = [generate, countTokens, embed, models]
