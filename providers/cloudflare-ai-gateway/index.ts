import { defineProvider } from '#providers/openai-compatible/index.ts'
import { routes } from './routes.ts'

/** `provider/model` chooses who serves. What chooses by itself is a target only where the file writes it. */
export const cloudflareAiGateway = defineProvider({
  type: 'cloudflare-ai-gateway',
  title: 'Cloudflare AI Gateway',
  endpoints: ['chat'],
  baseUrl: 'https://gateway.ai.cloudflare.com/v1/{accountId}/{gatewayId}/compat',
  settings: {
    accountId: { required: true, secret: false, description: 'the account of Cloudflare that is asked' },
    gatewayId: { required: true, secret: false, description: 'the name of the gateway' },
  },
  credential: 'optional',
  aggregator: true,
  steeringMarks: ['dynamic/', 'cloudflare/'],
  routes,
  servedBy: ({ headers }) => ({
    model: headers['cf-aig-routed-model'] ?? headers['cf-aig-model'],
    operator: headers['cf-aig-provider'],
  }),
  facts: { operator: 'cloudflare', operatorCountry: 'US' },
  streamEnd: 'done-optional',
  quirks: {
    auth: 'cf-aig-authorization',
    maxTokensField: 'max_tokens',
    developerRole: 'system',
    removed: ['store'],
    effort: false,
  },
})
