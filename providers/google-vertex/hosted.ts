import { quirksOf, type Quirks } from '#providers/openai-compatible/definition.ts'
import { HOSTED_PATH } from './wire.ts'

/** The path of open models: OpenAI's dialect, as far as it goes. */
export const HOSTED: Quirks = quirksOf({
  type: 'google-vertex',
  title: 'Google Vertex AI',
  quirks: { paths: { chat: HOSTED_PATH }, maxTokensField: 'max_tokens', developerRole: 'system' },
})
