import { defineProvider } from '#providers/openai-compatible/index.ts'
import { ollamaInventory } from '#providers/openai-compatible/inventory-ollama.ts'

export const ollama = defineProvider({
  type: 'ollama',
  title: 'Ollama',
  baseUrl: 'http://127.0.0.1:11434/v1',
  local: true,
  inventory: ollamaInventory,
  // They run on ollama.com.
  elsewhere: { endings: ['-cloud', ':cloud'], facts: { operator: 'ollama', local: false } },
  quirks: {
    maxTokensField: 'max_tokens',
    developerRole: 'system',
    ignored: ['tool_choice', 'n', 'logit_bias'],
    embeddingsBase64: 'unsupported',
  },
})
