import { defineProvider } from '#providers/openai-compatible/index.ts'

export const friendli = defineProvider({
  type: 'friendli',
  title: 'FriendliAI',
  endpoints: ['chat', 'completions'],
  baseUrl: 'https://api.friendli.ai/serverless/v1',
  facts: { operator: 'friendli' },
  streamEnd: 'done-optional',
  quirks: { maxTokensField: 'max_tokens', developerRole: 'system' },
})
