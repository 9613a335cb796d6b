import { defineProvider } from '#providers/openai-compatible/index.ts'

export const together = defineProvider({
  type: 'together',
  title: 'Together AI',
  endpoints: ['chat', 'completions', 'embeddings', 'speech', 'transcriptions', 'translations'],
  baseUrl: 'https://api.together.ai/v1',
  facts: { operator: 'together', operatorCountry: 'US' },
  quirks: {
    maxTokensField: 'max_tokens',
    developerRole: 'system',
    removed: ['store'],
    effort: false,
    topK: true,
    embeddingsBase64: 'unsupported',
  },
})
