import { defineProvider } from '#providers/openai-compatible/index.ts'

/** Usage and cost stand in every chunk, and the last one may be followed by nothing. */
export const perplexity = defineProvider({
  type: 'perplexity',
  title: 'Perplexity',
  endpoints: ['chat'],
  baseUrl: 'https://api.perplexity.ai',
  facts: { operator: 'perplexity', operatorCountry: 'US' },
  searchesUnasked: true,
  streamEnd: 'done-optional',
  quirks: {
    maxTokensField: 'max_tokens',
    developerRole: 'system',
    includeUsage: 'ignored',
    effort: false,
    alternates: true,
    reportedCost: 'usage.cost.total_cost',
  },
})
