import type { Encoded } from '#src/core/adapter.ts'
import type { EncodeConversation } from '#src/core/codec.ts'
import { formatOf } from './chat-format.ts'
import { messagesOf } from './chat-messages.ts'
import { settingsOf } from './chat-settings.ts'
import { toolsOf } from './chat-tools.ts'
import type { Quirks } from './definition.ts'
import { headersFor } from './encode-request.ts'
import { PATHS } from './wire.ts'

/** A conversation as a chat completion's request. */
export function encodeChat({ conversation, model, account, stream }: EncodeConversation, quirks: Quirks): Encoded {
  const warnings: string[] = []
  const { instruction, responseFormat } = formatOf(conversation, quirks, warnings)
  const body = {
    model,
    messages: messagesOf({ ...conversation, turns: [...instruction, ...conversation.turns] }, quirks, warnings),
    ...settingsOf(conversation, { model, quirks, warnings }),
    ...toolsOf(conversation, quirks, warnings),
    ...responseFormat,
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
