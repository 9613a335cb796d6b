import { arrayAt, isObject, stringAt } from '#src/core/json.ts'
import type { ApiRequest } from '#src/core/request.ts'

/** Calls of earlier turns: their blocks have no place for what signs them. */
export function callsOf({ body }: Pick<ApiRequest, 'body'>): readonly string[] {
  return (arrayAt(body, 'messages') ?? []).flatMap((message) => {
    const blocks = isObject(message) ? (arrayAt(message, 'content') ?? []) : []
    return blocks.flatMap((block) => (stringAt(block, 'type') === 'tool_use' ? (stringAt(block, 'id') ?? []) : []))
  })
}
