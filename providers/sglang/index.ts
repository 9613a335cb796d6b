import { defineProvider } from '#providers/openai-compatible/index.ts'
import { inventory } from './inventory.ts'

export const sglang = defineProvider({
  type: 'sglang',
  title: 'SGLang',
  baseUrl: 'http://127.0.0.1:30000/v1',
  local: true,
  inventory,
  quirks: { embeddingsBase64: 'unsupported', topK: true },
})
