/** The paths that models are asked at, by what is spoken there. `{model}` stands for one segment or more. */
export const ENDPOINTS = {
  chat: '/v1/chat/completions',
  completions: '/v1/completions',
  embeddings: '/v1/embeddings',
  responses: '/v1/responses',
  messages: '/v1/messages',
  countTokens: '/v1/messages/count_tokens',
  geminiGenerate: '/v1beta/models/{model}:generateContent',
  geminiCountTokens: '/v1beta/models/{model}:countTokens',
  geminiEmbed: '/v1beta/models/{model}:embedContent',
  geminiBatchEmbed: '/v1beta/models/{model}:batchEmbedContents',
  moderations: '/v1/moderations',
  imageGenerations: '/v1/images/generations',
  imageEdits: '/v1/images/edits',
  speech: '/v1/audio/speech',
  transcriptions: '/v1/audio/transcriptions',
  translations: '/v1/audio/translations',
  rerank: '/v1/rerank',
  decisions: '/v1/decisions',
} as const

export type Endpoint = keyof typeof ENDPOINTS

/** What is asked for, whatever the dialect. */
export type Operation =
  | 'chat'
  | 'completions'
  | 'embeddings'
  /** How long a prompt is: asks no model, costs nothing. */
  | 'tokens'
  | 'moderation'
  | 'image_generation'
  | 'speech'
  | 'transcription'
  | 'rerank'
  | 'decisions'

interface Asked {
  readonly operation: Operation
  /** The field that holds the request's input: what an error about its size names. */
  readonly content: string
}

export const ASKED: Readonly<Record<Endpoint, Asked>> = {
  chat: { operation: 'chat', content: 'messages' },
  completions: { operation: 'completions', content: 'prompt' },
  embeddings: { operation: 'embeddings', content: 'input' },
  responses: { operation: 'chat', content: 'input' },
  messages: { operation: 'chat', content: 'messages' },
  countTokens: { operation: 'tokens', content: 'messages' },
  geminiGenerate: { operation: 'chat', content: 'contents' },
  geminiCountTokens: { operation: 'tokens', content: 'contents' },
  geminiEmbed: { operation: 'embeddings', content: 'content' },
  geminiBatchEmbed: { operation: 'embeddings', content: 'requests' },
  moderations: { operation: 'moderation', content: 'input' },
  imageGenerations: { operation: 'image_generation', content: 'prompt' },
  imageEdits: { operation: 'image_generation', content: 'prompt' },
  speech: { operation: 'speech', content: 'input' },
  transcriptions: { operation: 'transcription', content: 'file' },
  translations: { operation: 'transcription', content: 'file' },
  rerank: { operation: 'rerank', content: 'documents' },
  decisions: { operation: 'decisions', content: 'input' },
}

/** Paths that ask the same, by another word. */
const ALSO: Partial<Readonly<Record<Endpoint, string>>> = {
  geminiGenerate: '/v1beta/models/{model}:streamGenerateContent',
}

/** What a path asks for; undefined: nothing that is answered here. */
export function endpointAt(path: string): Endpoint | undefined {
  return ALL.find((endpoint) => fits(path, ENDPOINTS[endpoint]) || fits(path, ALSO[endpoint]))
}

/** Every endpoint that this version serves. */
export const ALL: readonly Endpoint[] = Object.keys(ENDPOINTS).filter((name): name is Endpoint => name in ENDPOINTS)

const MODEL = '{model}'

function fits(path: string, template: string | undefined): boolean {
  if (template === undefined) return false
  const at = template.indexOf(MODEL)
  if (at < 0) return path === template
  const after = template.slice(at + MODEL.length)
  return path.length > at + after.length && path.startsWith(template.slice(0, at)) && path.endsWith(after)
}

/** What a request may need of a model; the first of them name the operation itself. */
export const CAPABILITIES = [
  'chat',
  'completions',
  'embeddings',
  'moderation',
  'image_generation',
  'speech',
  'transcription',
  'rerank',
  'decisions',
  'tools',
  'images',
  'audio',
  'structured',
  'logprobs',
  'reasoning',
] as const
export type Capability = (typeof CAPABILITIES)[number]
