import { defineProvider } from '#providers/openai-compatible/index.ts'
import { rooted } from '#providers/openai-compatible/inventory.ts'

export const vllm = defineProvider({
  type: 'vllm',
  title: 'vLLM',
  endpoints: ['chat', 'completions', 'embeddings', 'rerank', 'transcriptions', 'translations'],
  baseUrl: 'http://127.0.0.1:8000/v1',
  local: true,
  inventory: rooted,
  quirks: { ignored: ['parallel_tool_calls'], topK: true },
})
