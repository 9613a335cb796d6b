import type { ReadContext } from '#src/core/dialect.ts'
import type { ApiRequest } from '#src/core/request.ts'
import {
  array,
  boolean,
  integer,
  object,
  objects,
  readRequest,
  stringOrArray,
  type Shape,
} from '../shared/read-request.ts'

const SHAPE: Shape = {
  endpoint: 'messages',
  required: [
    ['max_tokens', integer(0)],
    ['messages', objects],
  ],
  optional: [
    ['stream', boolean],
    ['system', stringOrArray],
    ['tools', array],
    ['tool_choice', object],
    ['stop_sequences', array],
    ['thinking', object],
    ['metadata', object],
  ],
}

/** `POST /v1/messages`, of both versions of the API. Throws FailureError; see `readRequest`. */
export function read(text: string, context: ReadContext): ApiRequest {
  const headers = versionsOf(context)
  return { ...readRequest(text, context, SHAPE), wantsUsage: true, ...(headers && { headers }) }
}

/** Headers by which a caller chooses a version of the API: they travel to upstreams that speak it. */
function versionsOf({ header }: ReadContext): Readonly<Record<string, string>> | undefined {
  const known = ['anthropic-version', 'anthropic-beta'].flatMap((name) => {
    const value = header?.(name)
    return value === undefined ? [] : [[name, value] as const]
  })
  return known.length === 0 ? undefined : Object.fromEntries(known)
}
