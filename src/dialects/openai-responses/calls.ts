import { arrayAt, stringAt } from '#src/core/json.ts'
import type { ApiRequest } from '#src/core/request.ts'

/** Calls of earlier turns: their items have no place for what signs them. */
export function callsOf({ body }: Pick<ApiRequest, 'body'>): readonly string[] {
  return (arrayAt(body, 'input') ?? []).flatMap((item) =>
    stringAt(item, 'type') === 'function_call' ? (stringAt(item, 'call_id') ?? []) : [],
  )
}
