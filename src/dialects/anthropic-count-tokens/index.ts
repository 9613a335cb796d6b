import type { Dialect } from '#src/core/dialect.ts'
import { renderFailure, renderStreamError } from '../anthropic-messages/errors.ts'
import { versionsOf } from '../anthropic-messages/read.ts'
import { sense } from '../anthropic-messages/sense.ts'
import { objects, readRequest } from '../shared/read-request.ts'

/** What clients ask to learn how long a prompt is. Where the upstream does not count, tutti estimates and says so. */
export const anthropicCountTokens: Dialect = {
  endpoint: 'countTokens',
  read(text, context) {
    const shape = { endpoint: 'countTokens', required: [['messages', objects]], optional: [] } as const
    return { ...readRequest(text, context, shape), stream: false, ...versionsOf(context) }
  },
  sense: (request) => ({ ...sense(request), inputTokensWorst: 0, outputLimit: 0 }),
  renderFailure,
  renderStreamError,
  done: '',
  requestIdHeader: 'request-id',
  addCost: (text) => text,
  estimate: ({ inputTokens }) => JSON.stringify({ input_tokens: inputTokens }),
}
