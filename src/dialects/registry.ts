import type { Dialect } from '#src/core/dialect.ts'
import type { Endpoint } from '#src/core/endpoint.ts'
import { anthropicMessages } from './anthropic-messages/index.ts'
import { geminiGenerate } from './gemini/index.ts'
import { openaiChat } from './openai-chat/index.ts'
import { openaiCompletions } from './openai-completions/index.ts'
import { openaiEmbeddings } from './openai-embeddings/index.ts'
import { openaiResponses } from './openai-responses/index.ts'

/** What is spoken on each endpoint. */
export const dialects: Readonly<Record<Endpoint, Dialect>> = {
  chat: openaiChat,
  completions: openaiCompletions,
  embeddings: openaiEmbeddings,
  responses: openaiResponses,
  messages: anthropicMessages,
  geminiGenerate,
}
