import { defineProvider } from '#providers/openai-compatible/index.ts'

/** It answers 422 to members that it does not know; usage comes in the last chunk unasked. */
export const mistral = defineProvider({
  type: 'mistral',
  title: 'Mistral AI',
  endpoints: ['chat', 'embeddings', 'moderations'],
  baseUrl: 'https://api.mistral.ai/v1',
  facts: { operator: 'mistral', operatorCountry: 'FR' },
  quirks: {
    maxTokensField: 'max_tokens',
    developerRole: 'system',
    includeUsage: 'rejected',
    renamed: { seed: 'random_seed' },
    removed: ['store', 'user'],
    embeddingsBase64: 'unsupported',
    effort: false,
    toolIds: 'nine',
    foreignMembers: 'refused',
    messageMembers: ['role', 'content', 'tool_calls', 'tool_call_id', 'prefix'],
    requiredToolChoice: 'any',
    media: 'mistral',
  },
})
