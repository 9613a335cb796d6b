import { defineProvider } from '#providers/openai-compatible/index.ts'

export const fanar = defineProvider({
  type: 'fanar',
  title: 'Fanar',
  endpoints: ['chat'],
  baseUrl: 'https://api.fanar.qa/v1',
  facts: { operator: 'qcri', operatorCountry: 'QA' },
  streamEnd: 'done-optional',
  quirks: { maxTokensField: 'max_tokens', developerRole: 'system' },
})
