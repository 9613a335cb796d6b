import type { Decoded } from '#src/core/codec.ts'
import { objectAt, stringAt, type JsonObject } from '#src/core/json.ts'
import { decodeChat } from '#providers/openai-compatible/chat-decode.ts'
import { isChat, saidIn } from './chunk.ts'
import { failureInside, noResult } from './map-error.ts'
import { QUIRKS } from './wire.ts'

/** A whole answer: an envelope around a result that is `run`'s own, or a chat completion. `id` makes the ids of calls. */
export function decodeRun(value: JsonObject, id: string): Decoded {
  const failure = failureInside(value)
  if (failure) return { failure }
  const result = objectAt(value, 'result') ?? value
  if (isChat(result)) return decodeChat(result, id, QUIRKS)
  const message = saidIn(result)
  if (!message) return { failure: noResult() }
  const { response: _response, tool_calls: _calls, finish_reason: _reason, usage, ...rest } = result
  const reason = stringAt(result, 'finish_reason')
  const choice = { index: 0, message, ...(reason !== undefined && { finish_reason: reason }) }
  return decodeChat({ ...rest, choices: [choice], ...(usage !== undefined && { usage }) }, id, QUIRKS)
}
