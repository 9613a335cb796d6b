import { SSE } from './framing.ts'
import { missing, OPENAI_ERRORS } from './error-openai.ts'
import { renderChat, renderChatStream } from './render-chat.ts'
import { renderCompletion, renderCompletionStream } from './render-completions.ts'
import { renderEmbeddings } from './render-embeddings.ts'
import { between } from './request-record.ts'
import type { RequestRecord } from './script.ts'
import { jsonBody, PLAIN_WISH, type Found, type Surface } from './surface.ts'
import { wishOfChat } from './wish-chat.ts'

/** A surface's `find` for a path that ends so. */
export function postAt(...ends: readonly string[]): Surface['find'] {
  return ({ method }, path) => (method === 'POST' && ends.some((end) => path.endsWith(end)) ? {} : undefined)
}

const chat: Surface = {
  endpoint: 'chat',
  asksModel: true,
  find: postAt('/chat/completions'),
  refuse: ({ body }) => missing(body, ['model', 'messages']),
  wish: ({ body }) => wishOfChat(body),
  whole: (render) => jsonBody(renderChat(render)),
  stream: { framing: () => SSE, events: (render) => renderChatStream(render) },
  errors: OPENAI_ERRORS,
}

const completions: Surface = {
  ...chat,
  endpoint: 'completions',
  find: postAt('/completions'),
  refuse: ({ body }) => missing(body, ['model', 'prompt']),
  wish: ({ body }) => ({ ...wishOfChat(body), prompt: body['prompt'] }),
  whole: (render) => jsonBody(renderCompletion(render)),
  stream: { framing: () => SSE, events: (render) => renderCompletionStream(render) },
}

const embeddings: Surface = {
  endpoint: 'embeddings',
  asksModel: true,
  find: postAt('/embeddings'),
  refuse: ({ body }) => missing(body, ['model', 'input']),
  wish: ({ body }) => ({ ...PLAIN_WISH, prompt: body['input'] }),
  whole: (render) => jsonBody(renderEmbeddings(render)),
  errors: OPENAI_ERRORS,
}

const models: Surface = {
  endpoint: 'models',
  asksModel: false,
  find: modelsAt,
  refuse: () => undefined,
  wish: () => PLAIN_WISH,
  whole({ ask, created, models: all }) {
    const entry = (id: string) => ({ id, object: 'model', created, owned_by: 'tutti-demo' })
    return jsonBody(ask.model === undefined ? { object: 'list', data: all.map(entry) } : entry(ask.model))
  },
  errors: OPENAI_ERRORS,
}

/** `GET …/models`, or `…/models/{id}`, whose id may hold slashes. */
export function modelsAt({ method }: RequestRecord, path: string): Found | undefined {
  if (method !== 'GET') return undefined
  if (path.endsWith('/models')) return {}
  const model = between(path, '/models/', '')
  return model === undefined ? undefined : { model }
}

/** What the demo speaks. */
export const OPENAI_SURFACES: readonly Surface[] = [chat, completions, embeddings, models]
