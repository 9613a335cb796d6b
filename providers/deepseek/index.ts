import { defineProvider } from '#providers/openai-compatible/index.ts'

export const deepseek = defineProvider({
  type: 'deepseek',
  title: 'DeepSeek',
  endpoints: ['chat'],
  baseUrl: 'https://api.deepseek.com',
  facts: { operator: 'deepseek', operatorCountry: 'CN', developer: 'deepseek' },
  quirks: {
    maxTokensField: 'max_tokens',
    developerRole: 'system',
    removed: ['store'],
    unsent: ['seed'],
    jsonSchema: 'emulated',
    replayReasoning: 'reasoning_content',
  },
})
