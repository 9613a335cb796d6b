// What the tests of this folder share: models, turns, and a request as it is sent.
import type { Account } from '#src/core/adapter.ts'
import type { Conversation, Part, Setting, SettingValues, Turn } from '#src/core/conversation.ts'
import { honour } from '#src/core/honour.ts'
import { isObject, parseJson, type JsonObject } from '#src/core/json.ts'
import { converseCodec } from './codec.ts'

export const CLAUDE = 'us.anthropic.claude-sonnet-4-5-20250929-v1:0'
export const CLAUDE_37 = 'anthropic.claude-3-7-sonnet-20250219-v1:0'
export const CLAUDE_NEW = 'anthropic.claude-opus-4-7'
export const CLAUDE_46 = 'eu.anthropic.claude-sonnet-4-6'
export const NOVA = 'us.amazon.nova-2-lite-v1:0'
export const LLAMA = 'meta.llama3-1-70b-instruct-v1:0'
export const GPT = 'openai.gpt-oss-120b-1:0'
export const MISTRAL = 'mistral.mistral-large-2402-v1:0'

export const ACCOUNT: Account = {
  id: 'a',
  baseUrl: 'https://bedrock-runtime.ap-northeast-2.amazonaws.com',
  headers: { 'x-own': '1' },
  settings: { awsRegion: 'ap-northeast-2', accessKeyId: 'AK', secretAccessKey: 'SK', sessionToken: 'ST' },
}

export const set = <Value>(value: Value, param = 'x'): Setting<Value> => ({ value, param })
export const user = (...parts: (Part | string)[]): Turn => turn('user', parts)
export const assistant = (...parts: (Part | string)[]): Turn => turn('assistant', parts)
export function turn(role: Turn['role'], parts: readonly (Part | string)[]): Turn {
  return { role, parts: parts.map((part) => (typeof part === 'string' ? { type: 'text', text: part } : part)) }
}
export const call = (id: string, name = 'f', input = '{"a":1}'): Part => ({ type: 'tool-call', id, name, input })
export const result = (id: string, ...parts: Part[]): Part => ({ type: 'tool-result', id, parts })
export const text = (value: string): Part => ({ type: 'text', text: value })

export function settings(values: Partial<SettingValues>): Conversation['settings'] {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, set(value, name)]))
}

export function encode(model: string, over: Partial<Conversation>, stream = false) {
  const conversation = { turns: [user('hi')], tools: [], settings: {}, rest: [], ...over }
  const honoured = honour(conversation, converseCodec, model)
  const input = { conversation: honoured.conversation, model, account: ACCOUNT, stream }
  const { upstream, warnings } = converseCodec.encode(input)
  if (JSON.stringify(converseCodec.encode(input)) !== JSON.stringify({ upstream, warnings })) {
    throw new Error('encoding it twice gives other bytes')
  }
  const body = parseJson(upstream.body ?? '')
  if (!isObject(body)) throw new Error('no body')
  return {
    upstream,
    body,
    warnings,
    refused: honoured.refusals.map(({ feature }) => feature),
    dropped: honoured.warnings,
  }
}

export const bodyOf = (model: string, over: Partial<Conversation>): JsonObject => encode(model, over).body
export const messagesOf = (over: Partial<Conversation>, model = CLAUDE) => bodyOf(model, over)['messages']
