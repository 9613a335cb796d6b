import { quirksOf } from '#providers/openai-compatible/definition.ts'

/** Of `Signature` and of what is only Ollama's. */
export const VENDOR = 'ollama'

/** What errors, headers and log probabilities are read and written with. */
export const QUIRKS = quirksOf({ type: 'ollama-native', title: 'Ollama' })

/** Behind the base address. */
export const PATH = '/api/chat'
