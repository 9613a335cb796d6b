import type { JsonObject } from '#src/core/json.ts'
import type { Recorded } from './cases.ts'
import {
  countTokens,
  gemini,
  geminiTokens,
  messages,
  moderations,
  posted,
  responses,
  transcriptions,
  translations,
  type Client,
} from './clients.ts'

/** How a form is asked for by its own vendor's clients. */
export interface Native {
  readonly client: Client
  /** The least that can be asked. */
  readonly least: JsonObject
  /** The recorded request is asked over it; Google's client has other names for its members. */
  readonly recorded: boolean
}

const ASKED = [{ role: 'user', content: '안녕하세요' }]
const GEMINI: Native = { client: gemini, least: { contents: '안녕하세요' }, recorded: false }

const NATIVES: Readonly<Record<string, Native>> = {
  'anthropic.messages': { client: messages, least: { messages: ASKED, max_tokens: 100 }, recorded: true },
  'gemini.generate': GEMINI,
  'gemini.stream': GEMINI,
  'openai.responses': { client: responses, least: { input: '안녕하세요' }, recorded: true },
  moderations: { client: moderations, least: { input: '안녕하세요' }, recorded: true },
  rerank: { client: posted('/rerank'), least: { query: '안녕', documents: ['안녕하세요'] }, recorded: true },
  'audio.stt': { client: transcriptions, least: {}, recorded: false },
  images: { client: posted('/images/generations'), least: {}, recorded: true },
  count_tokens: { client: countTokens, least: { messages: ASKED }, recorded: true },
}

/** Forms that are the same at several paths. */
const BY_PATH: Readonly<Record<string, Native>> = {
  '/v1/audio/translations': { client: translations, least: {}, recorded: false },
  '/v1/images/edits': { client: posted('/images/edits'), least: {}, recorded: true },
}

/** undefined: nobody speaks to it in its own form. */
export function nativeOf({ api, provider, path }: Pick<Recorded, 'api' | 'provider' | 'path'>): Native | undefined {
  if (api === 'count_tokens' && provider === 'gemini') return { ...GEMINI, client: geminiTokens }
  return BY_PATH[path] ?? NATIVES[api]
}
