import { arrayAt, isObject, stringAt } from '#src/core/json.ts'
import type { ApiRequest } from '#src/core/request.ts'

/** Calls of earlier turns: this dialect has no place for what was thought before them. */
export function callsOf({ body }: ApiRequest): readonly string[] {
  return (arrayAt(body, 'messages') ?? []).flatMap((message) =>
    isObject(message) ? (arrayAt(message, 'tool_calls') ?? []).flatMap((call) => stringAt(call, 'id') ?? []) : [],
  )
}
