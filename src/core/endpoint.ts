/** The endpoints of this version, by the operation they carry. */
export const ENDPOINTS = {
  chat: '/v1/chat/completions',
  completions: '/v1/completions',
  embeddings: '/v1/embeddings',
} as const

export type Endpoint = keyof typeof ENDPOINTS

/** What a request may need of a model; `chat`, `completions` and `embeddings` name the endpoint itself. */
export const CAPABILITIES = [
  'chat',
  'completions',
  'embeddings',
  'tools',
  'images',
  'audio',
  'structured',
  'logprobs',
  'reasoning',
] as const
export type Capability = (typeof CAPABILITIES)[number]
