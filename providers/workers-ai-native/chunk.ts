import { arrayAt, isObject, objectAt, type Json, type JsonObject } from '#src/core/json.ts'

/** What `run` says, as a message or a delta of a chat completion. Undefined: it is none of its own form. */
export function saidIn(result: JsonObject): JsonObject | undefined {
  const { response, tool_calls: calls } = result
  if (response === undefined && calls === undefined) return undefined
  return {
    content: textOf(response),
    ...(Array.isArray(calls) && { tool_calls: calls.map(callOf) }),
  }
}

/** Where structured output was asked for it is an object; a number is a number. */
function textOf(response: Json | undefined): Json {
  return typeof response === 'number' || typeof response === 'boolean' ? String(response) : (response ?? null)
}

/** `{ name, arguments }`, or a call as OpenAI writes it. */
function callOf(call: Json): Json {
  if (!isObject(call) || objectAt(call, 'function')) return call
  const { name, arguments: input, ...rest } = call
  return { ...rest, function: { name, arguments: input } }
}

/** True for a result that is a chat completion, or a chunk of one. */
export function isChat(result: JsonObject): boolean {
  return arrayAt(result, 'choices') !== undefined
}
