import type { Answer, Choice } from '#src/core/answer.ts'
import type { RenderContext } from '#src/core/dialect.ts'
import type { JsonObject } from '#src/core/json.ts'
import { citationMetadata, finishReason, logprobsResult, partObject } from './render-parts.ts'
import { usageMetadata } from './usage.ts'

/** A whole answer as Google's response. */
export function renderAnswer(answer: Answer, context: RenderContext): string {
  return JSON.stringify({
    candidates: answer.choices.map(candidateOf),
    usageMetadata: usageMetadata(answer.usage ?? {}),
    ...tailOf(answer, context),
  })
}

/** What every object of one answer ends with. */
export function tailOf({ id, model }: Pick<Answer, 'id' | 'model'>, { request }: RenderContext): JsonObject {
  return { modelVersion: model ?? request.model, responseId: id ?? request.id }
}

function candidateOf({ index, parts, finish, logprobs }: Choice): JsonObject {
  const citations = parts.flatMap((part) => (part.type === 'text' ? (part.citations ?? []) : []))
  return {
    content: { role: 'model', parts: parts.map(partObject).filter((part) => part !== undefined) },
    finishReason: finishReason(finish),
    index,
    ...citationMetadata(citations),
    ...(logprobs && logprobsResult(logprobs)),
  }
}
