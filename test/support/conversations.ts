import type { Account } from '#src/core/adapter.ts'
import type { ConversationCodec } from '#src/core/codec.ts'
import type { Conversation, Part, Setting, SettingValues, ToolCallPart, Turn } from '#src/core/conversation.ts'
import { honour } from '#src/core/honour.ts'
import type { WireEvent } from '#src/core/wire-event.ts'
import { objectOf } from './answers.ts'

/** Short words for conversations, and how a codec says one. */

export const set = <Value>(value: Value, param = 'x'): Setting<Value> => ({ value, param })
export const text = (value: string): Part => ({ type: 'text', text: value })
export const user = (...parts: (Part | string)[]): Turn => turn('user', parts)
export const assistant = (...parts: (Part | string)[]): Turn => turn('assistant', parts)
export const toolCall = (id: string, name = 'f', input = '{"a":1}'): ToolCallPart => ({
  type: 'tool-call',
  id,
  name,
  input,
})
export const result = (id: string, ...parts: Part[]): Part => ({ type: 'tool-result', id, parts })

export function turn(role: Turn['role'], parts: readonly (Part | string)[]): Turn {
  return { role, parts: parts.map((part) => (typeof part === 'string' ? text(part) : part)) }
}

export function settings(values: Partial<SettingValues>): Conversation['settings'] {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, set(value, name)]))
}

const ACCOUNT: Account = { id: 'a', baseUrl: 'https://host.test', apiKey: 'k', headers: { 'x-own': '1' } }

interface Asked {
  readonly model?: string
  readonly stream?: boolean
  readonly account?: Partial<Account>
}

/** What a codec sends for a conversation, once what the upstream does not take has been left out of it. Twice the same, or it throws. */
export function sendBy(codec: ConversationCodec, over: Partial<Conversation>, asked: Asked = {}) {
  const { model = 'm', stream = false, account = {} } = asked
  const conversation: Conversation = { turns: [user('hi')], tools: [], settings: {}, rest: [], ...over }
  const honoured = honour(conversation, codec, model)
  const input = { conversation: honoured.conversation, model, account: { ...ACCOUNT, ...account }, stream }
  const { upstream, warnings } = codec.encode(input)
  if (JSON.stringify(codec.encode(input)) !== JSON.stringify({ upstream, warnings }))
    throw new Error('not the same twice')
  return {
    upstream,
    warnings,
    body: objectOf(upstream.body ?? ''),
    refused: honoured.refusals.map(({ feature }) => feature),
    dropped: honoured.warnings,
  }
}

/** One event, by its data. */
export function eventOf(data: unknown, name?: string): WireEvent {
  const own = typeof data === 'string' ? data : JSON.stringify(data)
  return { bytes: new Uint8Array(), data: own, comment: false, ...(name !== undefined && { name }) }
}

/** Everything that these events lead to. */
export function stepsOf(codec: ConversationCodec, events: readonly WireEvent[]) {
  let decoder = codec.decoder('x')
  return events.flatMap((event) => {
    const step = decoder.event(event)
    decoder = step.decoder
    return step.parts
  })
}
