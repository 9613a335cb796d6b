import type { Dialect } from '#src/core/dialect.ts'
import type { Endpoint } from '#src/core/endpoint.ts'
import { anthropicCountTokens } from './anthropic-count-tokens/index.ts'
import { anthropicMessages } from './anthropic-messages/index.ts'
import { geminiCountTokens } from './gemini-count-tokens/index.ts'
import { geminiBatchEmbed, geminiEmbed } from './gemini-embed/index.ts'
import { geminiGenerate } from './gemini/index.ts'
import { openaiSpeech } from './openai-audio-speech/index.ts'
import { openaiTranscriptions } from './openai-audio-transcriptions/index.ts'
import { openaiTranslations } from './openai-audio-translations/index.ts'
import { openaiChat } from './openai-chat/index.ts'
import { openaiCompletions } from './openai-completions/index.ts'
import { openaiDecisions } from './openai-decisions/index.ts'
import { openaiEmbeddings } from './openai-embeddings/index.ts'
import { openaiImageEdits } from './openai-image-edits/index.ts'
import { openaiImages } from './openai-images/index.ts'
import { openaiModerations } from './openai-moderations/index.ts'
import { openaiResponses } from './openai-responses/index.ts'
import { rerank } from './rerank/index.ts'

/** What is spoken on each endpoint. */
export const dialects: Readonly<Record<Endpoint, Dialect>> = {
  chat: openaiChat,
  completions: openaiCompletions,
  embeddings: openaiEmbeddings,
  responses: openaiResponses,
  messages: anthropicMessages,
  countTokens: anthropicCountTokens,
  geminiGenerate,
  geminiCountTokens,
  geminiEmbed,
  geminiBatchEmbed,
  moderations: openaiModerations,
  imageGenerations: openaiImages,
  imageEdits: openaiImageEdits,
  speech: openaiSpeech,
  transcriptions: openaiTranscriptions,
  translations: openaiTranslations,
  rerank,
  decisions: openaiDecisions,
}
