import type { Endpoint } from '#src/core/endpoint.ts'

/** Those of OpenAI's interface. */
export type OpenaiEndpoint = Extract<
  Endpoint,
  | 'chat'
  | 'completions'
  | 'embeddings'
  | 'responses'
  | 'moderations'
  | 'imageGenerations'
  | 'imageEdits'
  | 'speech'
  | 'transcriptions'
  | 'translations'
  | 'rerank'
  | 'decisions'
>

/** Behind the base address, which ends in `/v1` or its equivalent. */
export const PATHS: Readonly<Record<OpenaiEndpoint, string>> & Partial<Readonly<Record<Endpoint, string>>> = {
  chat: '/chat/completions',
  completions: '/completions',
  embeddings: '/embeddings',
  responses: '/responses',
  moderations: '/moderations',
  imageGenerations: '/images/generations',
  imageEdits: '/images/edits',
  speech: '/audio/speech',
  transcriptions: '/audio/transcriptions',
  translations: '/audio/translations',
  rerank: '/rerank',
  decisions: '/decisions',
}

/** The names under which reasoning text comes; where two carry it, they carry the same. */
export const REASONING_TEXT = ['reasoning_content', 'reasoning', 'reasoning_text', 'thinking'] as const

/** Members by which an upstream that itself routes may be told to ask somebody else (law 1), in any spelling of theirs. None is OpenAI's. */
export const ROUTING_FIELDS = [
  'plugins',
  'preset',
  'transforms',
  // LiteLLM's proxy, behind any host: other addresses, other credentials.
  'api_base',
  'base_url',
  'api_key',
  'user_config',
  // A prompt that is kept there names its own model.
  'prompt_id',
  'extra_body',
  'extra_headers',
  'extra_query',
  'headers',
  // Azure's and older clients' word for a model.
  'engine',
  // Other gateways: Portkey's configuration, Vercel's, Orq's.
  'strategy',
  'override_params',
  'overrides',
  'gateway',
  'orq',
  'vendor',
  'backend',
  // Groq's systems of several models.
  'compound_custom',
  // What a gateway in JavaScript may merge into its own settings.
  '__proto__',
] as const

/** Words that make a member one of those, wherever they stand in its name: `fallback_models`, `providerOptions`, `tensorzero::variant_name`. */
export const ROUTING_WORDS = [
  'model',
  'provider',
  'fallback',
  'rout',
  'deployment',
  'target',
  'upstream',
  'litellm',
  'tensorzero',
] as const
