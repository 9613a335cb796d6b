import { jsonDialect } from '../openai/json-dialect.ts'
import { stringOrArray } from '../shared/read-request.ts'

/** What clients of OpenAI's moderations speak. */
export const openaiModerations = jsonDialect(
  { endpoint: 'moderations', required: [['input', stringOrArray]], optional: [] },
  'moderation',
)
