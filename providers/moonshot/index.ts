import { defineProvider } from '#providers/openai-compatible/index.ts'

export const moonshot = defineProvider({
  type: 'moonshot',
  title: 'Moonshot AI',
  endpoints: ['chat'],
  baseUrl: 'https://api.moonshot.ai/v1',
  facts: { operator: 'moonshot', operatorCountry: 'CN' },
  quirks: {
    maxTokensField: 'max_tokens',
    developerRole: 'system',
    removed: ['store'],
    effort: false,
    replayReasoning: 'reasoning_content',
  },
})
