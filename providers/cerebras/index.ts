import { defineProvider } from '#providers/openai-compatible/index.ts'

export const cerebras = defineProvider({
  type: 'cerebras',
  title: 'Cerebras',
  endpoints: ['chat', 'completions'],
  baseUrl: 'https://api.cerebras.ai/v1',
  facts: { operator: 'cerebras', operatorCountry: 'US' },
  quirks: {
    developerRole: 'system',
    removed: ['store'],
    emptyBadRequestIsOverflow: true,
    replayReasoning: 'reasoning',
    foreignMembers: 'refused',
    messageMembers: ['role', 'content', 'name', 'tool_calls', 'tool_call_id'],
  },
})
