import { defineProvider } from '#providers/openai-compatible/index.ts'
import type { Served } from '#src/core/served.ts'
import type { UpstreamHead } from '#src/core/transport.ts'

/**
 * Another gateway of this kind. Any of its names may be a route of its own, one that looks like `provider/model` too, so that it cannot be told
 * whom to ask, and nothing is known of a model there but what the file declares.
 */
export const tutti = defineProvider({
  type: 'tutti',
  title: 'Another tutti',
  endpoints: [
    'chat',
    'completions',
    'embeddings',
    'responses',
    'moderations',
    'imageGenerations',
    'imageEdits',
    'speech',
    'transcriptions',
    'translations',
    'rerank',
    'decisions',
  ],
  credential: 'optional',
  aggregator: true,
  servedBy,
  streamEnd: 'done-optional',
  quirks: { reportedCost: 'usage.cost' },
})

/** Its target is a name of its own file for a provider, often the vendor's, and the model. */
function servedBy({ headers }: UpstreamHead): Served | undefined {
  const target = headers['x-tutti-target']
  if (target === undefined) return undefined
  const slash = target.indexOf('/')
  return { model: target.slice(slash + 1), ...(slash > 0 && { operator: target.slice(0, slash) }) }
}
