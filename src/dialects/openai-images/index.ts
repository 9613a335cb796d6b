import type { Dialect } from '#src/core/dialect.ts'
import { jsonDialect } from '../openai/json-dialect.ts'
import { boolean, integer, invalid, type Check } from '../shared/read-request.ts'

const text: Check = (value) => (typeof value === 'string' && value !== '' ? undefined : 'a text')

const base = jsonDialect(
  {
    endpoint: 'imageGenerations',
    required: [['prompt', text]],
    optional: [
      ['n', integer(1)],
      ['stream', boolean],
    ],
  },
  'image_generation',
)

/** What clients of OpenAI's image generations speak. Pictures come whole: a stream of partial ones is a 400, not a silence. */
export const openaiImages: Dialect = {
  ...base,
  read(body, context) {
    const request = base.read(body, context)
    if (request.body['stream'] === true) throw invalid('`stream` is not carried out for images: leave it out', 'stream')
    return request
  },
}
