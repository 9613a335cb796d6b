import type { Dialect } from '#src/core/dialect.ts'
import { addCost } from '../gemini/cost.ts'
import { renderFailure } from '../gemini/errors.ts'
import { geminiGenerate } from '../gemini/index.ts'
import { readNamed } from '../shared/read-named.ts'
import { object, objects } from '../shared/read-request.ts'
import { senseTree } from '../shared/sense-tree.ts'

const vectors: Omit<Dialect, 'endpoint' | 'read'> = {
  sense: (request) => senseTree(request, 'embeddings'),
  renderFailure,
  renderStreamError: geminiGenerate.renderStreamError,
  done: '',
  requestIdHeader: 'x-request-id',
  addCost,
}

/** What clients ask Gemini for a vector. */
export const geminiEmbed: Dialect = {
  ...vectors,
  endpoint: 'geminiEmbed',
  read: (text, context) => readNamed(text, context, { endpoint: 'geminiEmbed', required: [['content', object]] }),
}

/** Several at once, each by a request of its own: so Google's client asks for one, too. */
export const geminiBatchEmbed: Dialect = {
  ...vectors,
  endpoint: 'geminiBatchEmbed',
  read: (text, context) =>
    readNamed(text, context, { endpoint: 'geminiBatchEmbed', required: [['requests', objects]] }),
}
