import { defineProvider } from '#providers/openai-compatible/index.ts'

export const sglang = defineProvider({
  type: 'sglang',
  title: 'SGLang',
  baseUrl: 'http://127.0.0.1:30000/v1',
  local: true,
  quirks: { embeddingsBase64: 'unsupported', topK: true },
})
