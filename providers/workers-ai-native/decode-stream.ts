import { decoderOf, type DecodeReducer, type StreamDecoder } from '#src/core/codec.ts'
import { isObject, parseJson, stringAt, type JsonObject } from '#src/core/json.ts'
import { chatStream } from '#providers/openai-compatible/chat-decode-stream.ts'
import { isChat, saidIn } from './chunk.ts'
import { failureInside } from './map-error.ts'
import { QUIRKS } from './wire.ts'

/** `{ response, p }` events as chunks of a chat completion, which some models write themselves. `id` makes the ids of calls. */
export function runStream(id: string): DecodeReducer<StreamDecoder> {
  return {
    start: decoderOf(chatStream(id, QUIRKS)),
    event(decoder, event) {
      const value = event.data === undefined || event.error !== undefined ? undefined : parseJson(event.data)
      if (!isObject(value) || isChat(value)) return stepOf(decoder, event)
      const failure = failureInside(value, event.name)
      if (failure) return { state: decoder, parts: [{ type: 'failure', failure }] }
      return stepOf(decoder, { ...event, data: JSON.stringify(chunkOf(value)) })
    },
    end: (decoder) => decoder.end(),
  }
}

function stepOf(decoder: StreamDecoder, event: Parameters<StreamDecoder['event']>[0]) {
  const step = decoder.event(event)
  return { state: step.decoder, parts: step.parts }
}

/** Without its padding. An event that says nothing of an answer is a chunk without a choice. */
function chunkOf(value: JsonObject): JsonObject {
  const delta = saidIn(value)
  const reason = stringAt(value, 'finish_reason')
  const choice = { index: 0, delta: delta ?? {}, ...(reason !== undefined && { finish_reason: reason }) }
  const { usage, model } = value
  return {
    choices: delta || reason !== undefined ? [choice] : [],
    ...(usage !== undefined && { usage }),
    ...(model !== undefined && { model }),
  }
}
