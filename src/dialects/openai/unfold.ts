import { arrayAt, isObject, objectAt, type Json, type JsonObject } from '#src/core/json.ts'

/** Tells apart the objects of a choice in the two dialects that stream. */
interface Form {
  /** The `object` of an event. */
  readonly object: string
  /** The events of one choice, each with its index. */
  readonly choice: (choice: JsonObject, index: Json) => readonly JsonObject[]
}

/** A whole chat completion as the events that a stream of it has, as JSON texts, without the proper end. */
export function unfoldChat(answer: JsonObject, wantsUsage: boolean): readonly string[] {
  return unfold(answer, wantsUsage, { object: 'chat.completion.chunk', choice: chatEvents })
}

/** The same for an older completion, whose events look like whole ones. */
export function unfoldCompletion(answer: JsonObject, wantsUsage: boolean): readonly string[] {
  return unfold(answer, wantsUsage, {
    object: 'text_completion',
    choice: (choice, index) => [{ ...choice, index }],
  })
}

function unfold(answer: JsonObject, wantsUsage: boolean, form: Form): readonly string[] {
  const { choices: _choices, usage, ...rest } = answer
  const head = { ...rest, object: form.object }
  const later = wantsUsage && isObject(usage) ? { usage: null } : {}
  const events: JsonObject[] = (arrayAt(answer, 'choices') ?? []).flatMap((choice, position) =>
    isObject(choice)
      ? form.choice(choice, choice['index'] ?? position).map((one) => ({ ...head, choices: [one], ...later }))
      : [],
  )
  if (wantsUsage && isObject(usage)) events.push({ ...head, choices: [], usage })
  return events.map((event) => JSON.stringify(event))
}

/** One event with everything that was said, and one that ends the choice. */
function chatEvents(choice: JsonObject, index: Json): readonly JsonObject[] {
  const { message: _message, finish_reason, ...rest } = choice
  const message = objectAt(choice, 'message') ?? {}
  const calls = arrayAt(message, 'tool_calls')
  const delta = {
    ...message,
    ...(calls && { tool_calls: calls.map((call, at) => (isObject(call) ? { index: at, ...call } : call)) }),
  }
  return [
    { ...rest, index, delta, finish_reason: null },
    { index, delta: {}, finish_reason: finish_reason ?? null },
  ]
}
