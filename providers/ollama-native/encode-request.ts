import type { Account, Encoded } from '#src/core/adapter.ts'
import type { EncodeConversation } from '#src/core/codec.ts'
import type { Conversation, FunctionTool } from '#src/core/conversation.ts'
import type { JsonObject } from '#src/core/json.ts'
import { describedSchema, offered } from '#src/core/parts.ts'
import { formatOf } from '#providers/openai-compatible/chat-format.ts'
import { effortOfBudget } from '#providers/openai-compatible/effort.ts'
import { headersFor } from '#providers/openai-compatible/encode-request.ts'
import { messagesOf } from './encode-messages.ts'
import { PATH, QUIRKS } from './wire.ts'

/** A conversation as a request for Ollama's chat. */
export function encodeChat({ conversation, model, account, stream }: EncodeConversation): Encoded {
  const warnings: string[] = []
  const { output } = conversation
  // Without a schema it writes JSON well only where a message asks for it.
  const asked = output?.value.kind === 'json' ? formatOf(conversation, QUIRKS, warnings).instruction : []
  const options = optionsOf(conversation, account)
  const { logprobs } = conversation.settings
  const body = {
    model,
    // Streams are its default.
    stream,
    messages: messagesOf([...asked, ...conversation.turns], warnings),
    ...toolsOf(conversation, warnings),
    ...(output && { format: output.value.kind === 'schema' ? describedSchema(output.value) : 'json' }),
    ...thinkOf(conversation, model, warnings),
    ...(logprobs && { logprobs: true }),
    ...(logprobs && logprobs.value > 0 && { top_logprobs: logprobs.value }),
    ...(Object.keys(options).length > 0 && { options }),
  }
  const headers = { ...headersFor(account, stream, QUIRKS), ...(stream && { accept: 'application/x-ndjson' }) }
  return {
    upstream: {
      method: 'POST',
      url: account.baseUrl + PATH,
      headers: { ...headers, ...account.headers },
      body: JSON.stringify(body),
    },
    warnings,
  }
}

function optionsOf({ settings }: Conversation, account: Account): JsonObject {
  const { max_output_tokens: limit, temperature, top_p, top_k, seed, stop } = settings
  const { frequency_penalty: frequency, presence_penalty: presence } = settings
  const context = Number(account.settings?.['numCtx'])
  return {
    ...(limit && { num_predict: limit.value }),
    ...(temperature && { temperature: temperature.value }),
    ...(top_p && { top_p: top_p.value }),
    ...(top_k && { top_k: top_k.value }),
    ...(frequency && { frequency_penalty: frequency.value }),
    ...(presence && { presence_penalty: presence.value }),
    ...(seed && { seed: seed.value }),
    ...(stop && { stop: [...stop.value] }),
    ...(Number.isSafeInteger(context) && context > 0 && { num_ctx: context }),
  }
}

/** It has no word for which tool is to be called: what may not be called is not offered. */
function toolsOf({ tools, toolChoice }: Conversation, warnings: string[]): JsonObject {
  const choice = toolChoice?.value
  const own = offered(tools, choice).flatMap((tool) => (tool.kind === 'function' ? [tool] : []))
  if (own.length < tools.length && toolChoice)
    warnings.push(`\`${toolChoice.param}\` was honoured by offering only the tools that may be called`)
  if (choice?.kind === 'allowed' && choice.mode === 'required')
    warnings.push(`\`${toolChoice?.param}\` was sent without \`required\`: the provider cannot be made to call a tool`)
  return own.length === 0 ? {} : { tools: own.map(toolOf) }
}

function toolOf({ name, description, parameters = { type: 'object', properties: {} } }: FunctionTool): JsonObject {
  return { type: 'function', function: { name, ...(description !== undefined && { description }), parameters } }
}

/** Ollama's levels, by those of others that it has no word for. */
const NEAREST: Readonly<Record<string, string>> = { minimal: 'low', xhigh: 'high', max: 'high' }

/** Of models that know levels; others answer a level with a 400. */
const LEVELLED = 'gpt-oss'

/** `think`: yes, no, or how much. */
function thinkOf({ reasoning }: Conversation, model: string, warnings: string[]): JsonObject {
  if (!reasoning) return {}
  const { effort, budget } = reasoning.value
  const asked = effort ?? (budget === undefined ? undefined : effortOfBudget(budget))
  if (asked === undefined) return { think: true }
  if (asked === 'none') return { think: false }
  if (!model.includes(LEVELLED)) {
    warnings.push(`\`${reasoning.param}\` was sent as \`think\` without a level: the model has none`)
    return { think: true }
  }
  const own = NEAREST[asked] ?? asked
  if (own !== effort) warnings.push(`\`${reasoning.param}\` was sent as \`think\` \`${own}\``)
  return { think: own }
}
