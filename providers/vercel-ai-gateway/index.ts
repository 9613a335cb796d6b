import { defineProvider } from '#providers/openai-compatible/index.ts'
import { routes } from './routes.ts'

/** A model's id names its maker, not who serves it. */
export const vercelAiGateway = defineProvider({
  type: 'vercel-ai-gateway',
  title: 'Vercel AI Gateway',
  endpoints: ['chat'],
  baseUrl: 'https://ai-gateway.vercel.sh/v1',
  aggregator: true,
  routes,
  facts: { operator: 'vercel', operatorCountry: 'US' },
  quirks: { reportedCost: 'usage.cost' },
})
