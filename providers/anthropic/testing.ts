import type { Conversation } from '#src/core/conversation.ts'
import { isObject, parseJson, type Json, type JsonObject } from '#src/core/json.ts'
import type { WireEvent } from '#src/core/wire-event.ts'
import type { StreamPart } from '#src/core/answer.ts'
import { messagesCodec } from './codec.ts'

const encoder = new TextEncoder()

/** A conversation with these members: for this folder's tests. */
export function conversation(more: Partial<Conversation> = {}): Conversation {
  return {
    turns: [{ role: 'user', parts: [{ type: 'text', text: '안녕' }] }],
    tools: [],
    settings: { max_output_tokens: { value: 4000, param: 'max_tokens' } },
    rest: [],
    ...more,
  }
}

/** What is sent for a conversation. */
export function sent(more: Partial<Conversation> = {}, model = 'claude-opus-5') {
  const account = { id: 'a', baseUrl: 'https://host.test/v1', apiKey: 'k', headers: {} }
  const { upstream, warnings } = messagesCodec.encode({
    conversation: conversation(more),
    model,
    account,
    stream: false,
  })
  const body: Json | undefined = parseJson(upstream.body ?? '')
  return { upstream, warnings, body: isObject(body) ? body : {} }
}

/** One event as the stream brings it. */
export function wireEvent(value: JsonObject | string): WireEvent {
  const data = typeof value === 'string' ? value : JSON.stringify(value)
  return { bytes: encoder.encode(data), data, comment: false }
}

/** The steps that a stream of these events has. */
export function decoded(...events: readonly (JsonObject | string)[]): readonly StreamPart[] {
  let decoder = messagesCodec.decoder('x')
  const parts: StreamPart[] = []
  for (const event of events) {
    const step = decoder.event(wireEvent(event))
    decoder = step.decoder
    parts.push(...step.parts)
  }
  return [...parts, ...decoder.end()]
}
