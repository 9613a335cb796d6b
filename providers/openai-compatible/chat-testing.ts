import type { StreamPart } from '#src/core/answer.ts'
import { collect } from '#src/core/collect.ts'
import type { Conversation, Part, Turn } from '#src/core/conversation.ts'
import { honour } from '#src/core/honour.ts'
import { isObject, parseJson, type JsonObject } from '#src/core/json.ts'
import type { WireEvent } from '#src/core/wire-event.ts'
import { chatCodec } from './chat-codec.ts'
import { quirksOf, type Quirks } from './definition.ts'

/** What a chat codec sends and what it reads, for tests. */

export const codecOf = (quirks: Partial<Quirks> = {}) => chatCodec(quirksOf({ type: 't', title: 'T', quirks }))
export const eventOf = (data: string, more: Partial<WireEvent> = {}): WireEvent => ({
  bytes: new Uint8Array(),
  data,
  comment: false,
  ...more,
})

export function decodeEvents(events: readonly WireEvent[], quirks?: Partial<Quirks>): readonly StreamPart[] {
  let decoder = codecOf(quirks).decoder('x')
  const parts: StreamPart[] = []
  for (const event of events) {
    const step = decoder.event(event)
    decoder = step.decoder
    parts.push(...step.parts)
  }
  return [...parts, ...decoder.end()]
}

export const events = (...chunks: readonly JsonObject[]) => [
  ...chunks.map((chunk) => eventOf(JSON.stringify(chunk))),
  eventOf('[DONE]'),
]
export const stream = (...chunks: readonly JsonObject[]) => decodeEvents(events(...chunks))
export const chunk = (delta: JsonObject, more: JsonObject = {}): JsonObject => ({
  id: 'i',
  choices: [{ index: 0, delta, finish_reason: null, ...more }],
})
export const calls = (...tool_calls: readonly JsonObject[]) => chunk({ tool_calls })
export const end = (finish_reason: string) => chunk({}, { finish_reason })
export const partsOf = (steps: readonly StreamPart[]) => collect(steps).choices[0]?.parts
export const call = (id: string, name: string, input: string) => ({ type: 'tool-call', id, name, input })

export const text = (own: string): Part => ({ type: 'text', text: own })
export const user = (own: string): Turn => ({ role: 'user', parts: [text(own)] })
export const set = <Value>(value: Value, param = 'p') => ({ value, param })
export const conversationOf = (more: Partial<Conversation> = {}): Conversation => ({
  turns: [user('안녕')],
  tools: [],
  settings: {},
  rest: [],
  ...more,
})
export const FUNCTION = { kind: 'function', name: 'f', parameters: { type: 'object' }, strict: true } as const

export interface Sent {
  readonly body: JsonObject
  readonly warnings: readonly string[]
  readonly refusals: readonly string[]
}

/** What a provider with these quirks is sent, once what it does not take has been left out. */
export function sent(more: Partial<Conversation>, quirks: Partial<Quirks> = {}, model = 'm'): Sent {
  return through(chatCodec(quirksOf({ type: 't', title: 'T', quirks })), more, model)
}

export function through(codec: ReturnType<typeof chatCodec>, more: Partial<Conversation>, model: string): Sent {
  const honoured = honour(conversationOf(more), codec, model)
  const account = { id: 'a', baseUrl: 'https://host.test/v1', apiKey: 'k', headers: {} }
  const input = { conversation: honoured.conversation, model, account, stream: false }
  const encoded = codec.encode(input)
  const body = parseJson(encoded.upstream.body ?? '')
  if (!isObject(body)) throw new TypeError('no object')
  return {
    body,
    warnings: [...honoured.warnings, ...encoded.warnings],
    refusals: honoured.refusals.map(({ feature }) => feature),
  }
}
