import { defineProvider } from '#providers/openai-compatible/index.ts'

export const groq = defineProvider({
  type: 'groq',
  title: 'Groq',
  endpoints: ['chat', 'speech', 'transcriptions', 'translations'],
  baseUrl: 'https://api.groq.com/openai/v1',
  facts: { operator: 'groq', operatorCountry: 'US' },
  quirks: {
    // Its systems of several models take the caller's choice of them.
    dropRouting: true,
    unsent: ['logprobs', 'logit_bias', 'n', 'name'],
    foreignMembers: 'refused',
    messageMembers: ['role', 'content', 'name', 'tool_calls', 'tool_call_id', 'function_call'],
  },
})
