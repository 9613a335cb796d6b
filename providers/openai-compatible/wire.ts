import type { Endpoint } from '#src/core/endpoint.ts'

/** Behind the base address, which ends in `/v1` or its equivalent. */
export const PATHS: Readonly<Record<Endpoint, string>> = {
  chat: '/chat/completions',
  completions: '/completions',
  embeddings: '/embeddings',
}

/** The names under which reasoning text comes; where two carry it, they carry the same. */
export const REASONING_TEXT = ['reasoning_content', 'reasoning', 'reasoning_text', 'thinking'] as const

/** Members by which an upstream that itself routes may be told to ask somebody else (law 1). None is OpenAI's. */
export const ROUTING_FIELDS = [
  'models',
  'route',
  'provider',
  'plugins',
  'preset',
  'transforms',
  'fallbacks',
  'providerOptions',
] as const
