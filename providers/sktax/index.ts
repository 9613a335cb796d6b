import { defineProvider } from '#providers/openai-compatible/index.ts'

export const sktax = defineProvider({
  type: 'sktax',
  title: 'SK Telecom A.X',
  endpoints: ['chat'],
  baseUrl: 'https://guest-api.sktax.chat/v1',
  facts: { operator: 'sk telecom', operatorCountry: 'KR' },
  streamEnd: 'done-optional',
  quirks: { developerRole: 'system' },
})
