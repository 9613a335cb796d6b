import type { Answer, Choice } from '#src/core/answer.ts'
import type { Part } from '#src/core/conversation.ts'
import type { RenderContext } from '#src/core/dialect.ts'
import type { JsonObject } from '#src/core/json.ts'
import { chatUsage } from '../openai/usage.ts'
import {
  annotationsOf,
  audioObject,
  callObject,
  finishReason,
  headOf,
  imageObject,
  logprobsObject,
  thoughtsOf,
  type Cited,
} from './render-parts.ts'

/** A whole answer as a chat completion. */
export function renderAnswer(answer: Answer, context: RenderContext): string {
  return JSON.stringify({
    ...headOf(answer, context, 'chat.completion'),
    choices: answer.choices.map((choice) => choiceObject(choice, context)),
    ...(answer.usage && { usage: chatUsage(answer.usage) }),
  })
}

function choiceObject({ index, parts, finish, logprobs }: Choice, context: RenderContext): JsonObject {
  return {
    index,
    message: messageObject(parts, context),
    logprobs: logprobs ? logprobsObject(logprobs) : null,
    finish_reason: finishReason(finish),
  }
}

function messageObject(parts: readonly Part[], context: RenderContext): JsonObject {
  const said = (type: 'text' | 'refusal') => parts.map((part) => (part.type === type ? part.text : '')).join('')
  const [text, refusal] = [said('text'), said('refusal')]
  const thoughts = parts.map(thoughtsOf).join('')
  const calls = parts.flatMap((part) => (part.type === 'tool-call' ? [callObject(part)] : []))
  const annotations = annotationsOf(citedIn(parts))
  const images = parts.map(imageObject).filter((own) => own !== undefined)
  const audio = parts.map((part) => audioObject(part, context)).find((own) => own !== undefined)
  return {
    role: 'assistant',
    // As the official client adds up the stream of the same parts.
    content: text === '' && parts[0]?.type !== 'text' ? null : text,
    refusal: refusal === '' ? null : refusal,
    ...(thoughts !== '' && { reasoning_content: thoughts }),
    ...(annotations.length > 0 && { annotations }),
    ...(calls.length > 0 && { tool_calls: calls }),
    ...(images.length > 0 && { images }),
    ...(audio && { audio }),
  }
}

function citedIn(parts: readonly Part[]): readonly Cited[] {
  const cited: Cited[] = []
  let before = 0
  for (const part of parts) {
    if (part.type !== 'text') continue
    const { length } = part.text
    for (const citation of part.citations ?? []) cited.push({ citation, before, length })
    before += length
  }
  return cited
}
