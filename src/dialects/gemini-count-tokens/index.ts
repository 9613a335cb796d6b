import type { Dialect } from '#src/core/dialect.ts'
import { isObject } from '#src/core/json.ts'
import { renderFailure } from '../gemini/errors.ts'
import { geminiGenerate } from '../gemini/index.ts'
import { sense } from '../gemini/sense.ts'
import { readNamed } from '../shared/read-named.ts'

/** What clients ask Gemini to learn how long a prompt is. Where the upstream does not count, tutti estimates and says so. */
export const geminiCountTokens: Dialect = {
  endpoint: 'geminiCountTokens',
  read: (text, context) => readNamed(text, context, { endpoint: 'geminiCountTokens', required: [] }),
  sense(request) {
    // The prompt may be written as a whole request.
    const whole = request.body['generateContentRequest']
    const signals = sense(isObject(whole) ? { ...request, body: whole } : request)
    return { ...signals, inputTokensWorst: 0, outputLimit: 0 }
  },
  renderFailure,
  renderStreamError: geminiGenerate.renderStreamError,
  done: '',
  requestIdHeader: 'x-request-id',
  addCost: (text) => text,
  estimate: ({ inputTokens }) => JSON.stringify({ totalTokens: inputTokens }),
}
