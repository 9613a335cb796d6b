import type { Json, JsonObject } from '#src/core/json.ts'
import { sentAsChat, sentAsCohere, sentAsResponses, sentAsWorkersAi } from './sent-openai.ts'
import { sentAsClova, sentAsConverse, sentAsGemini, sentAsMessages, sentAsOllama } from './sent-vendors.ts'
import type { Wire } from './targets.ts'
import type { Call } from './want.ts'

/** What an upstream is asked, read by whoever knows the vendor's own form and nothing of tutti. */
export interface Sent {
  readonly system: string
  /** What users say, in order. */
  readonly user: readonly string[]
  /** What the model said before. */
  readonly said: string
  /** Base64 of images that stand in what the user says. */
  readonly images: readonly string[]
  readonly tools: readonly { readonly name: string; readonly description: string; readonly parameters: Json }[]
  /** Calls of earlier turns; an id is '' where the form has none. */
  readonly calls: readonly Call[]
  readonly results: readonly GivenResult[]
  readonly thoughts: readonly { readonly text: string; readonly signature: string }[]
  readonly schema: Json | undefined
  readonly stop: readonly string[]
  readonly limit: number | undefined
  /** How much thinking is asked for, in the vendor's word; undefined: nothing is said of it. */
  readonly thinking: Json | undefined
  readonly stream: boolean
}

export interface GivenResult {
  readonly id: string
  readonly name: string
  readonly text: string
}

/** Reads a request of a form. `path` with its query; `accept`: what answer is asked for. */
export type SentReader = (body: JsonObject, path: string, accept: string) => Sent

export const SENT_READERS: Readonly<Record<Wire, SentReader>> = {
  chat: sentAsChat,
  responses: sentAsResponses,
  messages: sentAsMessages,
  gemini: sentAsGemini,
  converse: sentAsConverse,
  cohere: sentAsCohere,
  clova: sentAsClova,
  ollama: sentAsOllama,
  workersAi: sentAsWorkersAi,
}

const PATHS: readonly (readonly [part: string, wire: Wire])[] = [
  ['/chat/completions', 'chat'],
  ['/responses', 'responses'],
  ['/v1/messages', 'messages'],
  [':rawPredict', 'messages'],
  [':streamRawPredict', 'messages'],
  [':generateContent', 'gemini'],
  [':streamGenerateContent', 'gemini'],
  ['/converse', 'converse'],
  ['/v2/chat', 'cohere'],
  ['/v3/chat-completions/', 'clova'],
  ['/api/chat', 'ollama'],
  ['/ai/run/', 'workersAi'],
]

/** The form of what is asked at an address. */
export function wireAt(path: string): Wire | undefined {
  return PATHS.find(([part]) => path.includes(part))?.[1]
}
