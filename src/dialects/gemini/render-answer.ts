import type { Answer, Choice } from '#src/core/answer.ts'
import type { RenderContext } from '#src/core/dialect.ts'
import type { JsonObject } from '#src/core/json.ts'
import { finishReason, groundingMetadata, logprobsResult, partObject } from './render-parts.ts'
import { usageMetadata } from './usage.ts'

/** A whole answer as `generateContent` gives it. */
export function renderAnswer(answer: Answer, context: RenderContext): string {
  const { choices, usage, serviceTier } = answer
  return JSON.stringify({
    candidates: choices.map(candidateObject),
    ...(usage && { usageMetadata: usageMetadata(usage, serviceTier) }),
    ...headOf(answer, context),
  })
}

/** What every object of one answer says of it. */
export function headOf(
  { id, model, created }: Pick<Answer, 'id' | 'model' | 'created'>,
  { request }: RenderContext,
): JsonObject {
  return {
    modelVersion: model ?? request.model,
    ...(created !== undefined && { createTime: new Date(created * 1000).toISOString() }),
    responseId: id ?? request.id,
  }
}

function candidateObject({ index, parts, finish, logprobs }: Choice): JsonObject {
  const cited = parts.flatMap((part, at) =>
    part.type === 'text' && part.citations ? [{ index: at, text: part.text, citations: part.citations }] : [],
  )
  const grounding = groundingMetadata(cited)
  return {
    content: { role: 'model', parts: parts.map(partObject).filter((part) => part !== undefined) },
    finishReason: finishReason(finish),
    index,
    ...(Array.isArray(finish.safety) && { safetyRatings: finish.safety }),
    ...(grounding && { groundingMetadata: grounding }),
    ...(logprobs && { logprobsResult: logprobsResult(logprobs) }),
  }
}
