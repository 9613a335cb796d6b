import type { Answer } from '#src/core/answer.ts'
import type { RenderContext } from '#src/core/dialect.ts'
import type { JsonObject } from '#src/core/json.ts'
import { blockOf, stopReason } from './render-blocks.ts'
import { messageUsage } from './usage.ts'

/** A whole answer as a message: the dialect knows one choice. */
export function renderAnswer(answer: Answer, context: RenderContext): string {
  const [choice] = answer.choices
  const finish = choice?.finish ?? { unified: 'stop' }
  return JSON.stringify({
    ...headOf(answer, context),
    content: (choice?.parts ?? []).map(blockOf).filter((block) => block !== undefined),
    stop_reason: stopReason(finish),
    stop_sequence: finish.stopSequence ?? null,
    usage: messageUsage(answer.usage ?? {}),
  })
}

export function headOf({ id, model }: Pick<Answer, 'id' | 'model'>, { request }: RenderContext): JsonObject {
  return { id: id ?? `msg_${request.id}`, type: 'message', role: 'assistant', model: model ?? request.model }
}
