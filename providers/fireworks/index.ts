import { defineProvider } from '#providers/openai-compatible/index.ts'

export const fireworks = defineProvider({
  type: 'fireworks',
  title: 'Fireworks AI',
  baseUrl: 'https://api.fireworks.ai/inference/v1',
  facts: { operator: 'fireworks', operatorCountry: 'US' },
  quirks: { developerRole: 'system', removed: ['store'], efforts: ['low', 'medium', 'high'], topK: true },
})
