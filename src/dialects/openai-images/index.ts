import type { Dialect } from '#src/core/dialect.ts'
import { numberAt } from '#src/core/json.ts'
import type { ApiRequest, Signals } from '#src/core/request.ts'
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

/** Pictures are written in tokens: how many each may take is the model's fact. */
function sense(request: ApiRequest): Signals {
  const { outputLimit: _none, ...signals } = base.sense(request)
  return { ...signals, choices: numberAt(request.body, 'n') ?? 1 }
}

/** What clients of OpenAI's image generations speak. Pictures come whole: a stream of partial ones is a 400, not a silence. */
export const openaiImages: Dialect = {
  ...base,
  sense,
  settings: { user: [['user']] },
  read(body, context) {
    const request = base.read(body, context)
    if (request.body['stream'] === true) throw invalid('`stream` is not carried out for images: leave it out', 'stream')
    return request
  },
}
