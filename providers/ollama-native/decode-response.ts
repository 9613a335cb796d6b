import type { Answer } from '#src/core/answer.ts'
import type { Decoded } from '#src/core/codec.ts'
import type { Part } from '#src/core/conversation.ts'
import { arrayAt, objectAt, stringAt, type Json, type JsonObject } from '#src/core/json.ts'
import { inputText } from '#src/core/parts.ts'
import { logprobsOf } from '#providers/openai-compatible/chat-decode.ts'
import { failureInside } from '#providers/openai-compatible/map-error.ts'
import { usageOf } from './convert-usage.ts'
import { noMessage } from './map-error.ts'
import { finishOf } from './map-finish-reason.ts'

/** A whole answer. `id` makes the ids of calls: older versions give none. */
export function decodeChat(value: JsonObject, id: string): Decoded {
  const failed = failureInside(value, undefined)
  if (failed) return { failure: failed }
  const message = objectAt(value, 'message')
  if (!message) return { failure: noMessage() }
  const calls = (arrayAt(message, 'tool_calls') ?? []).map((call, at) => callOf(call, `call_${id}_${at}`))
  const thought = stringAt(message, 'thinking') ?? ''
  const text = stringAt(message, 'content') ?? ''
  const parts: readonly Part[] = [
    ...(thought === '' ? [] : [{ type: 'reasoning', text: thought } as const]),
    ...(text === '' ? [] : [{ type: 'text', text } as const]),
    ...calls,
  ]
  const finish = finishOf(stringAt(value, 'done_reason'), calls.length > 0)
  const logprobs = logprobsOf({ content: value['logprobs'] })
  const [usage, rest] = [usageOf(value), restOf(value)]
  const answer: Answer = {
    ...headOf(value),
    choices: [{ index: 0, parts, finish, ...(logprobs.length > 0 && { logprobs }) }],
    ...(usage && { usage }),
    ...(rest && { rest }),
  }
  return { answer }
}

/** What every object of one answer says of it. */
export function headOf(value: JsonObject): Pick<Answer, 'model' | 'created'> {
  const model = stringAt(value, 'model')
  const created = Math.floor(Date.parse(stringAt(value, 'created_at') ?? '') / 1000)
  return { ...(model !== undefined && { model }), ...(created > 0 && { created }) }
}

const KNOWN: ReadonlySet<string> = new Set([
  'model',
  'created_at',
  'message',
  'done',
  'done_reason',
  'prompt_eval_count',
  'eval_count',
  'logprobs',
])

/** Members of an answer that have no place in it: how long things took. */
export function restOf(value: JsonObject): JsonObject | undefined {
  const others = Object.entries(value).filter(([name, own]) => own !== null && !KNOWN.has(name))
  return others.length === 0 ? undefined : Object.fromEntries(others)
}

/** A call comes whole, its arguments as an object. */
export function callOf(call: Json, otherwise: string): Extract<Part, { readonly type: 'tool-call' }> {
  const id = stringAt(call, 'id') ?? ''
  const own = objectAt(call, 'function')
  return {
    type: 'tool-call',
    id: id === '' ? otherwise : id,
    name: stringAt(own, 'name') ?? '',
    input: inputText(own?.['arguments']),
  }
}
