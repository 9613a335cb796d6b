import type { Json, JsonObject } from '#src/core/json.ts'
import { arrayAt, isObject, numberAt } from '#src/core/json.ts'
import { lastText } from './request-record.ts'
import { vectorOf } from './render-embeddings.ts'
import { textTokens } from './render-gemini.ts'
import type { Render } from './surface.ts'
import { tallyOf } from './usage.ts'
import { member } from './wish-gemini.ts'

/** The vector of one content, or of each of a batch. */
export function renderGeminiEmbeddings(render: Render): JsonObject {
  const { body } = render
  const batch = arrayAt(body, 'requests')
  const tokens = tallyOf(render)?.input
  const usage =
    tokens === undefined ? {} : { usageMetadata: { promptTokenCount: tokens, promptTokensDetails: textTokens(tokens) } }
  if (batch === undefined) return { embedding: embeddingOf(body, render), ...usage }
  return { embeddings: batch.map((request) => embeddingOf(request, render)), ...usage }
}

function embeddingOf(request: Json, { reply }: Render): JsonObject {
  const own = isObject(request) ? request : {}
  const config = own['embedContentConfig']
  const wanted =
    member(own, 'outputDimensionality', 'output_dimensionality') ??
    member(config, 'outputDimensionality', 'output_dimensionality')
  const text = lastText({ contents: [own['content'] ?? null] })
  return { values: reply.embedding ?? vectorOf(text, numberAt({ wanted }, 'wanted')) }
}
