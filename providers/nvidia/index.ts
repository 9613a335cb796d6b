import { defineProvider } from '#providers/openai-compatible/index.ts'

export const nvidia = defineProvider({
  type: 'nvidia',
  title: 'NVIDIA NIM',
  baseUrl: 'https://integrate.api.nvidia.com/v1',
  facts: { operator: 'nvidia', operatorCountry: 'US' },
  streamEnd: 'done-optional',
  quirks: { maxTokensField: 'max_tokens', developerRole: 'system', removed: ['store'], effort: false },
})
