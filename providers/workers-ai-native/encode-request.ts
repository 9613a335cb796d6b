import type { Encoded } from '#src/core/adapter.ts'
import type { EncodeConversation } from '#src/core/codec.ts'
import type { Conversation } from '#src/core/conversation.ts'
import type { JsonObject } from '#src/core/json.ts'
import { namedResults, offered } from '#src/core/parts.ts'
import { segmentsOf } from '#src/core/path.ts'
import { within } from '#src/core/range.ts'
import { formatOf } from '#providers/openai-compatible/chat-format.ts'
import { messagesOf } from '#providers/openai-compatible/chat-messages.ts'
import { settingsOf } from '#providers/openai-compatible/chat-settings.ts'
import { toolsOf } from '#providers/openai-compatible/chat-tools.ts'
import { headersFor } from '#providers/openai-compatible/encode-request.ts'
import { BINDING, DEFAULT_LIMIT, PATH, QUIRKS, TOP_K } from './wire.ts'

/** A conversation as the input of `run`: the model stands in the address. */
export function encodeRun({ conversation, model, account, stream, maxOutput }: EncodeConversation): Encoded {
  const warnings: string[] = []
  const own = oneTool(conversation, warnings)
  const { instruction, responseFormat } = formatOf(own, QUIRKS, warnings)
  const topK = within(own.settings.top_k, TOP_K, warnings)
  const body = {
    messages: named(
      [...instruction, ...own.turns],
      messagesOf({ ...own, turns: [...instruction, ...own.turns] }, QUIRKS, warnings),
    ),
    ...limitOf(own, maxOutput, warnings),
    ...settingsOf(own, { model, quirks: QUIRKS, warnings }),
    ...(topK !== undefined && { top_k: topK }),
    ...toolsOf(own, QUIRKS, warnings),
    ...responseFormat,
    ...(stream && { stream }),
  }
  const binding = account.settings?.[BINDING]
  return {
    upstream: {
      method: 'POST',
      // `@cf` is written as it is in every address of Cloudflare's.
      url: account.baseUrl + PATH + segmentsOf(model).replaceAll('%40', '@'),
      headers: headersFor(account, stream, QUIRKS),
      body: JSON.stringify(body),
      ...(binding !== undefined && { binding }),
    },
    warnings,
  }
}

function limitOf({ settings }: Conversation, maxOutput: number | undefined, warnings: string[]): JsonObject {
  if (settings.max_output_tokens) return {}
  const most = maxOutput ?? DEFAULT_LIMIT
  warnings.push(`\`max_tokens\` was set to ${most}: the provider would stop at 256`)
  return { max_tokens: most }
}

/** One tool by its name: the only one that is offered, and one must be called. */
function oneTool(conversation: Conversation, warnings: string[]): Conversation {
  const { tools, toolChoice } = conversation
  if (toolChoice?.value.kind !== 'named') return conversation
  const only = offered(tools, toolChoice.value)
  if (only.length < tools.length)
    warnings.push(`\`${toolChoice.param}\` was honoured by offering only the tools that may be called`)
  return { ...conversation, tools: only, toolChoice: { ...toolChoice, value: { kind: 'required' } } }
}

/** Results of tools carry the tool's name beside the id of the call. */
function named(turns: Conversation['turns'], messages: readonly JsonObject[]): readonly JsonObject[] {
  const results = namedResults(turns).flatMap(({ parts }) => parts.filter((part) => part.type === 'tool-result'))
  let at = 0
  return messages.map((message) => {
    const name = message['role'] === 'tool' ? results[at++]?.name : undefined
    return name === undefined ? message : { ...message, name }
  })
}
