import type { Answer } from '#src/core/answer.ts'
import type { RenderContext } from '#src/core/dialect.ts'
import type { JsonObject } from '#src/core/json.ts'
import { blockOf, stopOf } from './render-blocks.ts'
import { messageUsage, tierOf } from './usage.ts'

/** A whole answer as a message: the dialect knows one choice. */
export function renderAnswer(answer: Answer, context: RenderContext): string {
  const [choice] = answer.choices
  return JSON.stringify({
    ...headOf(answer, context),
    content: (choice?.parts ?? []).map(blockOf).filter((block) => block !== undefined),
    ...stopOf(choice?.finish ?? { unified: 'stop' }),
    usage: { ...messageUsage(answer.usage ?? {}), ...tierOf(answer.serviceTier) },
  })
}

/** What a message begins with. */
export function headOf({ id, model }: Pick<Answer, 'id' | 'model'>, { request }: RenderContext): JsonObject {
  return { id: id ?? `msg_${request.id}`, type: 'message', role: 'assistant', model: model ?? request.model }
}
