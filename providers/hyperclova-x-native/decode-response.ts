import type { Answer } from '#src/core/answer.ts'
import type { Decoded } from '#src/core/codec.ts'
import type { Part } from '#src/core/conversation.ts'
import { arrayAt, isObject, numberAt, objectAt, stringAt, type Json, type JsonObject } from '#src/core/json.ts'
import { inputText } from '#src/core/parts.ts'
import { convertUsage } from './convert-usage.ts'
import { codeOf, failureInside, noResult } from './map-error.ts'
import { finishOf } from './map-finish-reason.ts'
import { OK } from './wire.ts'

/** Later than this a time in seconds would be in the year 5138: it is in ms. */
const MOST_SECONDS = 1e11

/** A whole answer. `id` makes the ids of calls that have none. A 200 may hold a refusal. */
export function decodeChat(value: JsonObject, id: string): Decoded {
  const code = codeOf(value)
  if (code !== undefined && code !== OK) return { failure: failureInside(value) }
  const result = objectAt(value, 'result')
  const message = objectAt(result, 'message')
  if (!result || !message) return { failure: noResult() }
  const calls = (arrayAt(message, 'toolCalls') ?? []).map((call, at) => callOf(call, `call_${id}_${at}`))
  const thought = stringAt(message, 'thinkingContent') ?? ''
  const text = stringAt(message, 'content') ?? ''
  const parts: readonly Part[] = [
    ...(thought === '' ? [] : [{ type: 'reasoning', text: thought } as const]),
    ...(text === '' ? [] : [{ type: 'text', text } as const]),
    ...calls,
  ]
  const usage = objectAt(result, 'usage')
  const rest = restOf(result)
  const answer: Answer = {
    ...headOf(result),
    choices: [{ index: 0, parts, finish: finishOf(result, calls.length > 0) ?? { unified: 'stop' } }],
    ...(usage && { usage: convertUsage(usage) }),
    ...(rest && { rest }),
  }
  return { answer }
}

/** When it was made: seconds, or ms. */
export function headOf(result: JsonObject): Pick<Answer, 'created'> {
  const created = numberAt(result, 'created')
  if (created === undefined || created <= 0) return {}
  return { created: Math.floor(created > MOST_SECONDS ? created / 1000 : created) }
}

const KNOWN: ReadonlySet<string> = new Set(['message', 'finishReason', 'created', 'usage', 'aiFilter'])

/** Members of a result that have no place in an answer: the seed that was taken. */
export function restOf(result: JsonObject): JsonObject | undefined {
  const others = Object.entries(result).filter(([name, own]) => own !== null && !KNOWN.has(name))
  return others.length === 0 ? undefined : Object.fromEntries(others)
}

function callOf(call: Json, otherwise: string): Part {
  return { type: 'tool-call', ...callHead(call, otherwise), input: argumentsOf(call) }
}

/** Whose call it is, and what is called. */
export function callHead(call: Json, otherwise: string): { readonly id: string; readonly name: string } {
  const id = stringAt(call, 'id') ?? ''
  return { id: id === '' ? otherwise : id, name: stringAt(objectAt(call, 'function'), 'name') ?? '' }
}

/** An object as JSON text. */
export function argumentsOf(call: Json): string {
  const own = isObject(call) ? objectAt(call, 'function') : undefined
  return inputText(own?.['arguments'])
}
