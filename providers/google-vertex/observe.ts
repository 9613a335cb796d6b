import type { Adapter, Observation } from '#src/core/adapter.ts'
import type { JsonObject } from '#src/core/json.ts'
import { observe as observeMessage } from '#providers/anthropic/observe.ts'
import { observe as observeGemini } from '#providers/google-gemini/observe.ts'
import { observe as observeChat } from '#providers/openai-compatible/observe.ts'
import { HOSTED } from './hosted.ts'

/** What an answer or an event says, in the dialect in which it was asked for. */
export function observe(value: JsonObject, kind: Parameters<Adapter['observe']>[1]): Observation {
  switch (kind.endpoint) {
    case 'messages':
      return observeMessage(value, kind)
    case 'chat':
      return observeChat(value, kind, HOSTED)
    default:
      return observeGemini(value, kind)
  }
}
