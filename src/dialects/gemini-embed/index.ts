import type { Dialect } from '#src/core/dialect.ts'
import { addCost } from '../gemini/cost.ts'
import { renderFailure } from '../gemini/errors.ts'
import { geminiGenerate } from '../gemini/index.ts'
import { readNamed } from '../shared/read-named.ts'
import { object } from '../shared/read-request.ts'
import { senseTree } from '../shared/sense-tree.ts'

/** What clients ask Gemini for vectors. */
export const geminiEmbed: Dialect = {
  endpoint: 'geminiEmbed',
  read: (text, context) => readNamed(text, context, { endpoint: 'geminiEmbed', required: [['content', object]] }),
  sense: (request) => senseTree(request, 'embeddings'),
  renderFailure,
  renderStreamError: geminiGenerate.renderStreamError,
  done: '',
  requestIdHeader: 'x-request-id',
  addCost,
}
