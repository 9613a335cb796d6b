import type { Dialect } from '#src/core/dialect.ts'
import { addCost } from '../openai/cost.ts'
import { DONE, renderFailure, renderStreamError } from '../openai/errors.ts'
import { fromBase64Embeddings, toBase64Embeddings, wantedEncoding } from './encoding.ts'
import { senseOpenai } from '../openai/sense.ts'
import { read } from './read.ts'

/** What clients of OpenAI's embeddings speak: vectors in the encoding that they asked for, whatever the upstream gave. */
export const openaiEmbeddings: Dialect = {
  endpoint: 'embeddings',
  read,
  sense: (request) => senseOpenai('embeddings', request),
  renderFailure: (failure) => renderFailure(failure),
  renderStreamError,
  done: DONE,
  requestIdHeader: 'x-request-id',
  addCost,
  settings: { user: [['user']] },
  adapt: (text, request) => {
    const adapted = wantedEncoding(request.body) === 'base64' ? toBase64Embeddings(text) : fromBase64Embeddings(text)
    return adapted === text ? undefined : adapted
  },
}
