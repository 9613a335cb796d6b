import { defineProvider } from '#providers/openai-compatible/index.ts'
import { routes } from './routes.ts'

/** `model:provider` chooses who serves: such an id is a target only where the file writes it. */
export const huggingface = defineProvider({
  type: 'huggingface',
  title: 'Hugging Face router',
  endpoints: ['chat'],
  baseUrl: 'https://router.huggingface.co/v1',
  aggregator: true,
  steeringMarks: [':'],
  routes,
  facts: { operator: 'huggingface', operatorCountry: 'US' },
  streamEnd: 'done-optional',
  quirks: { developerRole: 'system', removed: ['store'] },
})
