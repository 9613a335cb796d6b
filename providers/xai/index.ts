import { defineProvider } from '#providers/openai-compatible/index.ts'

export const xai = defineProvider({
  type: 'xai',
  title: 'xAI',
  endpoints: ['chat', 'responses', 'imageGenerations'],
  baseUrl: 'https://api.x.ai/v1',
  regions: { us: { baseUrl: 'https://us.api.x.ai/v1', facts: { region: 'US' } } },
  facts: { operator: 'xai', operatorCountry: 'US' },
  quirks: {
    developerRole: 'system',
    removed: ['store'],
    effort: false,
    reasoningExcluded: true,
    reportedCost: 'usage.cost_in_usd_ticks',
  },
})
