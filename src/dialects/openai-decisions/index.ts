import { jsonDialect } from '../openai/json-dialect.ts'
import { objects, stringOrArray } from '../shared/read-request.ts'

/** What clients of OpenAI's decisions speak: typed questions in, probabilities out, no text. */
export const openaiDecisions = jsonDialect(
  {
    endpoint: 'decisions',
    required: [
      ['input', stringOrArray],
      ['questions', objects],
    ],
    optional: [],
  },
  'decisions',
)
