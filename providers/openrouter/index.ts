import { defineProvider } from '#providers/openai-compatible/index.ts'
import { routes } from './routes.ts'

export const openrouter = defineProvider({
  type: 'openrouter',
  title: 'OpenRouter',
  endpoints: ['chat', 'completions', 'embeddings', 'responses', 'imageGenerations'],
  baseUrl: 'https://openrouter.ai/api/v1',
  aggregator: true,
  // `model:free`, `model@preset/name`, `~vendor/name-latest`.
  steeringMarks: [':', '@', '~'],
  routes,
  facts: { operator: 'openrouter', operatorCountry: 'US' },
  quirks: {
    vendor: 'openrouter',
    cacheMarks: 'cache_control',
    replayReasoning: 'reasoning_details',
    topK: true,
    reportedCost: 'usage.cost',
  },
})
