import { defineProvider } from '#providers/openai-compatible/index.ts'

/** Over REST: `https://api.cloudflare.com/client/v4/accounts/ACCOUNT/ai/v1`. */
export const workersAi = defineProvider({
  type: 'workers-ai',
  title: 'Cloudflare Workers AI',
  endpoints: ['chat', 'embeddings'],
  facts: { operator: 'cloudflare', operatorCountry: 'US', region: 'global' },
  streamEnd: 'done-optional',
  quirks: {
    maxTokensField: 'max_tokens',
    developerRole: 'system',
    removed: ['store'],
    contentNull: '""',
    jsonSchema: 'bare',
    embeddingsBase64: 'unsupported',
  },
})
