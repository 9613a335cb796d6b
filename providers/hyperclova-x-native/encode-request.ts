import type { Account, Encoded } from '#src/core/adapter.ts'
import type { EncodeConversation } from '#src/core/codec.ts'
import type { Conversation } from '#src/core/conversation.ts'
import type { JsonObject } from '#src/core/json.ts'
import { describedSchema, jsonDemand } from '#src/core/parts.ts'
import { segmentOf } from '#src/core/path.ts'
import { within } from '#src/core/range.ts'
import { effortOfBudget } from '#providers/openai-compatible/effort.ts'
import { headersFor } from '#providers/openai-compatible/encode-request.ts'
import { messagesOf } from './encode-messages.ts'
import { toolsOf } from './encode-tools.ts'
import { DEFAULT_LIMIT, GOVERNMENT, PATH, QUIRKS, TEMPERATURE, thinks, TOOL_LIMIT, TOP_K, TOP_P } from './wire.ts'

/** A conversation for CLOVA Studio. Whether the answer is a stream is asked by `accept` alone. */
export function encodeChat(input: EncodeConversation): Encoded {
  const { conversation, model, account, stream } = input
  const warnings: string[] = []
  const tools = toolsOf(conversation, warnings)
  const calls = 'tools' in tools
  const words = calls ? demandOf(conversation, warnings) : []
  const body = {
    messages: messagesOf([...words, ...conversation.turns], warnings),
    ...settingsOf(input, calls, warnings),
    ...tools,
    ...thinkingOf(conversation, { model, calls, warnings }),
    ...(!calls && formatOf(conversation)),
  }
  return {
    upstream: {
      method: 'POST',
      url: account.baseUrl + PATH + segmentOf(model),
      headers: headersFor(account, stream && streams(account, body), QUIRKS),
      body: JSON.stringify(body),
    },
    warnings,
  }
}

/** The government's cloud answers a request with tools whole, and refuses to stream it. */
function streams({ baseUrl }: Account, body: JsonObject): boolean {
  return !('tools' in body && URL.parse(baseUrl)?.hostname.endsWith(GOVERNMENT))
}

/** A form of the answer is not taken beside tools. */
function demandOf({ output }: Conversation, warnings: string[]): Conversation['turns'] {
  if (!output) return []
  warnings.push(`\`${output.param}\` was asked for in words: the provider does not take it beside tools`)
  return [{ role: 'system', parts: [{ type: 'text', text: jsonDemand(output.value) }] }]
}

function settingsOf(
  { conversation, model, maxOutput }: EncodeConversation,
  calls: boolean,
  warnings: string[],
): JsonObject {
  const { max_output_tokens: limit, seed, stop } = conversation.settings
  const temperature = within(conversation.settings.temperature, TEMPERATURE, warnings)
  const topP = within(conversation.settings.top_p, TOP_P, warnings)
  const topK = within(conversation.settings.top_k, TOP_K, warnings)
  const least = calls ? TOOL_LIMIT : 0
  const most = Math.max(least, limit?.value ?? maxOutput ?? DEFAULT_LIMIT)
  if (limit && most > limit.value)
    warnings.push(`\`${limit.param}\` was raised to ${most}, the provider's lowest beside tools`)
  if (!limit) warnings.push(`\`max_tokens\` was set to ${most}: the provider would stop at 100`)
  return {
    [thinks(model) ? 'maxCompletionTokens' : 'maxTokens']: most,
    ...(temperature !== undefined && { temperature }),
    ...(topP !== undefined && { topP }),
    ...(topK !== undefined && { topK }),
    ...(seed && { seed: seed.value }),
    ...(stop && { stop: [...stop.value] }),
  }
}

/** The provider's efforts, by those of others that it has no word for. */
const NEAREST: Readonly<Record<string, string>> = { minimal: 'low', xhigh: 'high', max: 'high' }

interface Thinker {
  readonly model: string
  readonly calls: boolean
  readonly warnings: string[]
}

/** `thinking`: of the model that thinks, by default too. Where it writes JSON or may call a tool it must not. */
function thinkingOf({ reasoning, output }: Conversation, { model, calls, warnings }: Thinker): JsonObject {
  if (!thinks(model)) return {}
  const { effort, budget } = reasoning?.value ?? {}
  const asked = effort ?? (budget === undefined ? undefined : effortOfBudget(budget))
  if (output || calls) {
    if (reasoning && asked !== 'none')
      warnings.push(
        `\`${reasoning.param}\` was sent as \`none\`: the provider does not think where it ${calls ? 'may call tools' : 'writes JSON'}`,
      )
    return { thinking: { effort: 'none' } }
  }
  if (asked === undefined || !reasoning) return {}
  const own = NEAREST[asked] ?? asked
  if (own !== effort) warnings.push(`\`${reasoning.param}\` was sent as the effort \`${own}\``)
  return { thinking: { effort: own } }
}

/** There is no JSON without a schema: any object is one. */
function formatOf({ output }: Conversation): JsonObject {
  if (!output) return {}
  const { value } = output
  return {
    responseFormat: { type: 'json', schema: value.kind === 'schema' ? describedSchema(value) : { type: 'object' } },
  }
}
