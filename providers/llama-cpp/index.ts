import { defineProvider } from '#providers/openai-compatible/index.ts'
import { inventory } from './inventory.ts'

export const llamaCpp = defineProvider({
  type: 'llama-cpp',
  title: 'llama.cpp',
  endpoints: ['chat', 'completions', 'embeddings', 'rerank'],
  baseUrl: 'http://127.0.0.1:8080/v1',
  local: true,
  inventory,
  quirks: { developerRole: 'system', topK: true },
})
