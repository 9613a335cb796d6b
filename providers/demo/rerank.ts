import { arrayAt, numberAt, stringAt, type Json, type JsonObject } from '#src/core/json.ts'
import { COHERE_ERRORS } from './cohere.ts'
import { errorForm } from './error-form.ts'
import { messageOf, missing } from './error-openai.ts'
import { postAt } from './openai.ts'
import { countTokens } from './pieces.ts'
import { draw, uuidOf } from './random.ts'
import { jsonBody, PLAIN_WISH, type Render, type Surface } from './surface.ts'

/** Documents of one unit that Cohere bills. */
const DOCUMENTS_A_UNIT = 100

const cohere: Surface = {
  endpoint: 'rerank',
  asksModel: true,
  find: postAt('/v2/rerank'),
  refuse: ({ body }) => missing(body, ['model', 'query', 'documents']),
  wish: ({ body }) => ({ ...PLAIN_WISH, prompt: body['query'] }),
  whole: (render) => jsonBody(renderCohere(render)),
  errors: COHERE_ERRORS,
}

/** What Jina began, and many servers speak. */
const jina: Surface = {
  ...cohere,
  find: postAt('/rerank'),
  whole: (render) => jsonBody(renderJina(render)),
  errors: errorForm({
    whole: (error) => ({ body: { detail: messageOf(error) } }),
    unknownModel: (model) => ({ status: 422, message: `Model ${model} not found` }),
  }),
}

function renderCohere(render: Render): JsonObject {
  const units = Math.ceil(documentsOf(render).length / DOCUMENTS_A_UNIT)
  return {
    id: uuidOf(render.seed),
    results: rank(render).map(({ index, score }) => ({ index, relevance_score: score })),
    meta: { api_version: { version: '2' }, billed_units: { search_units: units } },
  }
}

function renderJina(render: Render): JsonObject {
  const { body, model, reply } = render
  const documents = documentsOf(render)
  const texts = [textOf(body['query']), ...documents.map(textOf)]
  const tokens = reply.usage?.input ?? texts.reduce((sum, text) => sum + countTokens(text), 0)
  const shown = (index: number) => (body['return_documents'] === false ? {} : { document: shownOf(documents[index]) })
  return {
    model,
    object: 'list',
    ...(reply.usageIn !== 'never' && { usage: { total_tokens: tokens } }),
    results: rank(render).map(({ index, score }) => ({ index, ...shown(index), relevance_score: score })),
  }
}

interface Ranked {
  readonly index: number
  readonly score: number
}

/** The best first: by the script's scores, else by how many words of the query stand in a document. */
function rank(render: Render): readonly Ranked[] {
  const words = textOf(render.body['query'])
    .toLowerCase()
    .split(' ')
    .filter((word) => word !== '')
  const documents = documentsOf(render).map(textOf)
  const scored = documents.map((text, index) => ({ index, score: render.reply.scores?.[index] ?? fit(text, words) }))
  const most = numberAt(render.body, 'top_n') ?? scored.length
  return scored.toSorted((a, b) => b.score - a.score || a.index - b.index).slice(0, Math.max(0, most))
}

function fit(text: string, words: readonly string[]): number {
  const lower = text.toLowerCase()
  const found = words.filter((word) => lower.includes(word)).length
  // No two documents fit alike.
  return Math.round((0.9 * (found / Math.max(1, words.length)) + 0.09 * draw(text)) * 1e6) / 1e6
}

function documentsOf({ body }: Render): readonly Json[] {
  return arrayAt(body, 'documents') ?? []
}

function textOf(value: Json | undefined): string {
  return typeof value === 'string' ? value : (stringAt(value, 'text') ?? JSON.stringify(value ?? ''))
}

function shownOf(document: Json | undefined): Json {
  return typeof document === 'string' ? { text: document } : (document ?? null)
}

/** What ranks documents: in Cohere's form at `/v2/rerank`, in Jina's elsewhere. */
export const RERANK_SURFACES: readonly Surface[] = [cohere, jina]
