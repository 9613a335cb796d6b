import type { Account, Adapter } from '#src/core/adapter.ts'
import type { ConversationCodec } from '#src/core/codec.ts'
import { adapters } from '#providers/registry.ts'

/** A form in which models are spoken to, with one model of it. */
export interface Form {
  readonly title: string
  readonly adapter: Adapter
  readonly codec: ConversationCodec
  readonly model: string
  readonly account: Account
}

/** By `type`, form on the wire and model: two models where a form says things in two ways. */
const ROWS = [
  ['openai-compatible', 'openai-chat', 'some-model'],
  ['openai', 'openai-chat', 'gpt-6.1-terra'],
  ['openai', 'openai-chat', 'gpt-4.1-mini'],
  ['openai', 'openai-responses', 'gpt-6.1-terra'],
  ['mistral', 'openai-chat', 'mistral-medium-latest'],
  ['deepseek', 'openai-chat', 'deepseek-v4-pro'],
  ['anthropic', 'anthropic-messages', 'claude-sonnet-5-5'],
  ['anthropic', 'anthropic-messages', 'claude-haiku-4-5'],
  ['gemini', 'gemini', 'gemini-3.5-flash'],
  ['gemini', 'gemini', 'gemini-2.5-flash'],
  ['google-vertex', 'gemini', 'gemini-3.5-flash'],
  ['google-vertex', 'anthropic-messages', 'claude-sonnet-4-6'],
  ['aws-bedrock', 'bedrock-converse', 'apac.anthropic.claude-sonnet-4-6-v1:0'],
  ['aws-bedrock', 'bedrock-converse', 'amazon.nova-pro-v1:0'],
  ['cohere', 'cohere-chat', 'command-a-reasoning-08-2025'],
  ['hyperclova-x-native', 'hyperclova', 'HCX-007'],
  ['hyperclova-x-native', 'hyperclova', 'HCX-005'],
  ['ollama-native', 'ollama-chat', 'qwen3:30b'],
  ['workers-ai-native', 'workers-ai-run', '@cf/qwen/qwen3-30b-a3b-fp8'],
] as const

const SETTINGS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'aws-bedrock': { awsRegion: 'ap-northeast-2' },
  'google-vertex': { project: 'my-project', location: 'asia-northeast3' },
  'workers-ai-native': { accountId: 'my-account' },
}

export const FORMS: readonly Form[] = ROWS.map(([type, wire, model]) => {
  const adapter = adapters.get(type)
  const codec = adapter?.codecs?.find((own) => own.wire === wire)
  if (!adapter || !codec) throw new TypeError(`${type} does not speak ${wire}`)
  const settings = SETTINGS[type] ?? {}
  const account = { id: 'default', baseUrl: baseUrlOf(adapter, settings), apiKey: 'the-key', headers: {}, settings }
  return { title: `${type}, ${wire}, ${model}`, adapter, codec, model, account }
})

function baseUrlOf(
  { baseUrl = 'https://host.example/v1' }: Adapter,
  settings: Readonly<Record<string, string>>,
): string {
  return Object.entries(settings).reduce((url, [name, value]) => url.replaceAll(`{${name}}`, value), baseUrl)
}
