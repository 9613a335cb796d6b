import type { Encoded } from '#src/core/adapter.ts'
import type { EncodeConversation } from '#src/core/codec.ts'
import type { Conversation } from '#src/core/conversation.ts'
import type { JsonObject } from '#src/core/json.ts'
import { describedSchema, jsonDemand } from '#src/core/parts.ts'
import { within } from '#src/core/range.ts'
import { formatOf } from '#providers/openai-compatible/chat-format.ts'
import { headersFor } from '#providers/openai-compatible/encode-request.ts'
import { documentsOf, messagesOf } from './encode-messages.ts'
import { toolsOf } from './encode-tools.ts'
import { K, P, PATH, PENALTY, QUIRKS } from './wire.ts'

/** A conversation as a request for Cohere's chat. */
export function encodeChat({ conversation, model, account, stream }: EncodeConversation): Encoded {
  const warnings: string[] = []
  const tools = toolsOf(conversation, warnings)
  const documents = documentsOf(conversation.turns)
  const inWords = 'tools' in tools || 'documents' in documents
  const turns = [...instructionOf(conversation, inWords, warnings), ...conversation.turns]
  const body = {
    model,
    stream,
    messages: messagesOf(turns, warnings),
    ...documents,
    ...settingsOf(conversation, warnings),
    ...tools,
    ...(!inWords && outputOf(conversation)),
    ...thinkingOf(conversation, warnings),
  }
  return {
    upstream: {
      method: 'POST',
      url: account.baseUrl + PATH,
      headers: headersFor(account, stream, QUIRKS),
      body: JSON.stringify(body),
    },
    warnings,
  }
}

/** Without a schema it writes JSON only where a message asks for it. Beside tools and documents `response_format` is refused. */
function instructionOf(conversation: Conversation, inWords: boolean, warnings: string[]): Conversation['turns'] {
  const { output } = conversation
  if (!output) return []
  const { value, param } = output
  if (!inWords) return value.kind === 'json' ? formatOf(conversation, QUIRKS, warnings).instruction : []
  warnings.push(`\`${param}\` was asked for in words: the provider does not take it beside tools or documents`)
  return [{ role: 'system', parts: [{ type: 'text', text: jsonDemand(value) }] }]
}

function outputOf({ output }: Conversation): JsonObject {
  if (!output) return {}
  const schema = output.value.kind === 'schema' ? { json_schema: describedSchema(output.value) } : {}
  return { response_format: { type: 'json_object', ...schema } }
}

function settingsOf({ settings }: Conversation, warnings: string[]): JsonObject {
  const { max_output_tokens: limit, temperature, seed, stop, logprobs } = settings
  const p = within(settings.top_p, P, warnings)
  const k = within(settings.top_k, K, warnings)
  const frequency = within(settings.frequency_penalty, PENALTY, warnings)
  const presence = within(settings.presence_penalty, PENALTY, warnings)
  if (logprobs && logprobs.value > 0)
    warnings.push(`\`${logprobs.param}\` was sent without alternatives: the provider gives none`)
  return {
    ...(limit && { max_tokens: limit.value }),
    ...(temperature && { temperature: temperature.value }),
    ...(p !== undefined && { p }),
    ...(k !== undefined && { k }),
    ...(frequency !== undefined && { frequency_penalty: frequency }),
    ...(presence !== undefined && { presence_penalty: presence }),
    ...(seed && { seed: seed.value }),
    ...(stop && { stop_sequences: [...stop.value] }),
    ...(logprobs && { logprobs: true }),
  }
}

/** It thinks or it does not, up to so many tokens; there are no levels. */
function thinkingOf({ reasoning }: Conversation, warnings: string[]): JsonObject {
  if (!reasoning) return {}
  const { effort, budget } = reasoning.value
  if (effort === 'none' || (budget !== undefined && budget <= 0)) return { thinking: { type: 'disabled' } }
  if (budget !== undefined) return { thinking: { type: 'enabled', token_budget: budget } }
  if (effort !== undefined)
    warnings.push(`\`${reasoning.param}\` was sent as thinking without a level: the provider has none`)
  return { thinking: { type: 'enabled' } }
}
