import { jsonDialect } from '../openai/json-dialect.ts'
import { array, integer, type Check } from '../shared/read-request.ts'

const query: Check = (value) =>
  typeof value === 'string' || (typeof value === 'object' && value !== null) ? undefined : 'a text or an object'

/** What clients of Cohere's and Jina's rerank speak: they write the same request, and the upstream's own form of answer comes back. */
export const rerank = jsonDialect(
  {
    endpoint: 'rerank',
    required: [
      ['query', query],
      ['documents', array],
    ],
    optional: [['top_n', integer(1)]],
  },
  'rerank',
)
