import type { Encoded } from '#src/core/adapter.ts'
import type { EncodeConversation } from '#src/core/codec.ts'
import type { Conversation, Tool, ToolChoice } from '#src/core/conversation.ts'
import type { JsonObject } from '#src/core/json.ts'
import { messagesOf } from './chat-messages.ts'
import { isThinking } from './chat-support.ts'
import type { Quirks } from './definition.ts'
import { effortOf } from './effort.ts'
import { headersFor } from './encode-request.ts'
import { PATHS } from './wire.ts'

/** A conversation as a chat completion's request. */
export function encodeChat({ conversation, model, account, stream }: EncodeConversation, quirks: Quirks): Encoded {
  const warnings: string[] = []
  const body = {
    model,
    messages: [...schemaInstruction(conversation, quirks), ...messagesOf(conversation, quirks)],
    ...settingsOf(conversation, { model, quirks, warnings }),
    ...toolsOf(conversation, quirks),
    ...formatOf(conversation, quirks),
    ...effortOf(conversation, warnings),
    ...(stream && { stream: true }),
    ...(stream && quirks.includeUsage === 'supported' && { stream_options: { include_usage: true } }),
  }
  return {
    upstream: {
      method: 'POST',
      url: account.baseUrl + (quirks.paths.chat ?? PATHS.chat),
      headers: headersFor(account, stream, quirks),
      body: JSON.stringify(body),
    },
    warnings,
  }
}

interface Target {
  readonly model: string
  readonly quirks: Quirks
  readonly warnings: string[]
}

function settingsOf({ settings }: Conversation, { model, quirks, warnings }: Target): JsonObject {
  const value = <Name extends keyof typeof settings>(name: Name) => settings[name]?.value
  const limit = value('max_output_tokens')
  const logprobs = value('logprobs')
  const newer = quirks.members === 'openai' || (quirks.maxTokensField === 'as-written' && isThinking(model))
  const renamed = (name: string): string => quirks.renamed[name] ?? name
  const plain = {
    [newer ? 'max_completion_tokens' : 'max_tokens']: limit,
    temperature: temperatureOf(value('temperature'), quirks, warnings),
    top_p: value('top_p'),
    top_k: value('top_k'),
    frequency_penalty: value('frequency_penalty'),
    presence_penalty: value('presence_penalty'),
    [renamed('seed')]: value('seed'),
    stop: value('stop'),
    n: value('choices'),
    logprobs: logprobs === undefined ? undefined : true,
    top_logprobs: logprobs === 0 ? undefined : logprobs,
    logit_bias: value('logit_bias'),
    parallel_tool_calls: value('parallel_tools'),
    verbosity: value('verbosity'),
    service_tier: value('service_tier'),
    metadata: value('metadata'),
    [quirks.members === 'openai' ? 'safety_identifier' : 'user']: value('user'),
    prompt_cache_key: value('cache_key'),
    modalities: value('modalities'),
    audio: value('speech'),
    store: value('store'),
  }
  return Object.fromEntries(Object.entries(plain).filter(([, own]) => own !== undefined))
}

function temperatureOf(value: number | undefined, { temperatureMax }: Quirks, warnings: string[]): number | undefined {
  if (value === undefined || value <= temperatureMax) return value
  warnings.push(`\`temperature\` was lowered to ${temperatureMax}, the provider's highest`)
  return temperatureMax
}

function toolsOf({ tools, toolChoice }: Conversation, quirks: Quirks): JsonObject {
  const choice = toolChoice?.value
  const offered =
    choice?.kind === 'allowed' && quirks.members !== 'openai'
      ? tools.filter((tool) => 'name' in tool && choice.names.includes(tool.name))
      : tools
  const wire = offered.flatMap(toolOf)
  const search = tools.find((tool) => tool.kind === 'server' && tool.common === 'web_search')
  return {
    ...(wire.length > 0 && { tools: wire }),
    ...(choice && { tool_choice: choiceOf(choice, tools, quirks) }),
    ...(search && { web_search_options: {} }),
  }
}

function toolOf(tool: Tool): readonly JsonObject[] {
  if (tool.kind === 'server') return []
  const { name, description } = tool
  const common = { name, ...(description !== undefined && { description }) }
  if (tool.kind === 'custom')
    return [{ type: 'custom', custom: { ...common, ...(tool.format && { format: tool.format }) } }]
  const { parameters, strict } = tool
  return [
    {
      type: 'function',
      function: { ...common, ...(parameters && { parameters }), ...(strict !== undefined && { strict }) },
    },
  ]
}

function choiceOf(choice: ToolChoice, tools: readonly Tool[], quirks: Quirks): string | JsonObject {
  const required = quirks.requiredToolChoice
  switch (choice.kind) {
    case 'required':
      return required
    case 'named':
      return named(choice.name, tools)
    case 'allowed':
      if (quirks.members !== 'openai') return choice.mode === 'required' ? required : 'auto'
      return {
        type: 'allowed_tools',
        allowed_tools: { mode: choice.mode, tools: choice.names.map((name) => named(name, tools)) },
      }
    default:
      return choice.kind
  }
}

function named(name: string, tools: readonly Tool[]): JsonObject {
  const kind = tools.some((tool) => tool.kind === 'custom' && tool.name === name) ? 'custom' : 'function'
  return { type: kind, [kind]: { name } }
}

function formatOf({ output }: Conversation, { jsonSchema }: Quirks): JsonObject {
  if (!output) return {}
  const { value } = output
  if (value.kind === 'json' || jsonSchema === 'emulated') return { response_format: { type: 'json_object' } }
  const { name = 'answer', description, schema, strict } = value
  const own = {
    name,
    schema,
    ...(description !== undefined && { description }),
    ...(strict !== undefined && { strict }),
  }
  return { response_format: { type: 'json_schema', json_schema: own } }
}

/** Where only `json_object` is known, the schema is asked for in words. */
function schemaInstruction({ output }: Conversation, { jsonSchema }: Quirks): readonly JsonObject[] {
  if (jsonSchema !== 'emulated' || output?.value.kind !== 'schema') return []
  const content = `Answer with one JSON object that fits this JSON Schema, and nothing else: ${JSON.stringify(output.value.schema)}`
  return [{ role: 'system', content }]
}
