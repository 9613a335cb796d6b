import type { Dialect } from '#src/core/dialect.ts'
import { addCost } from '../openai/cost.ts'
import { DONE, renderFailure, renderStreamError } from '../openai/errors.ts'
import { unfoldCompletion } from '../openai/unfold.ts'
import { senseOpenai } from '../openai/sense.ts'
import { read } from './read.ts'

/** What clients of OpenAI's older completions speak. */
export const openaiCompletions: Dialect = {
  endpoint: 'completions',
  read,
  sense: (request) => senseOpenai('completions', request),
  renderFailure: (failure) => renderFailure(failure),
  renderStreamError,
  done: DONE,
  requestIdHeader: 'x-request-id',
  addCost,
  settings: {
    outputTokens: [['max_tokens']],
    // llama.cpp's own, which counts there before the others (its server, 2026-11).
    temperature: [['temperature']],
    topP: [['top_p']],
    seed: [['seed']],
    stop: [['stop']],
    user: [['user']],
  },
  unfold: unfoldCompletion,
}
