import { readBedrock } from './bedrock.ts'
import { readChat } from './chat.ts'
import { readGemini } from './gemini.ts'
import { readMessages } from './messages.ts'
import { readClova, readCohere, readOllama } from './own-forms.ts'
import type { Reader } from './plain.ts'
import { readResponses } from './responses.ts'

/** Who reads each chat-like form of the corpus. */
export const READERS: Readonly<Record<string, Reader>> = {
  'openai.chat': readChat,
  'openai.responses': readResponses,
  'anthropic.messages': readMessages,
  'gemini.generate': readGemini,
  'gemini.stream': readGemini,
  'bedrock.converse': readBedrock,
  'bedrock.converse-stream': readBedrock,
  'cohere.v2': readCohere,
  'clova.v3': readClova,
  'ollama.chat': readOllama,
}
