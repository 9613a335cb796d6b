import { defineProvider } from '#providers/openai-compatible/index.ts'

export const ollama = defineProvider({
  type: 'ollama',
  title: 'Ollama',
  baseUrl: 'http://127.0.0.1:11434/v1',
  local: true,
  quirks: {
    maxTokensField: 'max_tokens',
    developerRole: 'system',
    ignored: ['tool_choice', 'n', 'logit_bias'],
    embeddingsBase64: 'unsupported',
  },
})
