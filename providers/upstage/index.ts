import { defineProvider } from '#providers/openai-compatible/index.ts'

export const upstage = defineProvider({
  type: 'upstage',
  title: 'Upstage',
  endpoints: ['chat', 'embeddings'],
  baseUrl: 'https://api.upstage.ai/v1',
  facts: { operator: 'upstage', operatorCountry: 'KR' },
  streamEnd: 'done-optional',
  quirks: {
    maxTokensField: 'max_tokens',
    developerRole: 'system',
    removed: ['store'],
    embeddingsBase64: 'unsupported',
  },
})
