import { defineProvider } from '#providers/openai-compatible/index.ts'
import { inventory } from './inventory.ts'

export const lmStudio = defineProvider({
  type: 'lm-studio',
  title: 'LM Studio',
  endpoints: ['chat', 'completions', 'embeddings', 'responses'],
  baseUrl: 'http://127.0.0.1:1234/v1',
  local: true,
  inventory,
  quirks: { maxTokensField: 'max_tokens', developerRole: 'system', embeddingsBase64: 'unsupported' },
})
