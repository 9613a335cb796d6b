import type { Dialect } from '#src/core/dialect.ts'
import { addCost } from '../openai/cost.ts'
import { DONE, renderFailure, renderStreamError } from '../openai/errors.ts'
import { unfoldChat } from '../openai/unfold.ts'
import { read } from './read.ts'

/** What clients of OpenAI's chat completions speak. */
export const openaiChat: Dialect = {
  endpoint: 'chat',
  read,
  renderFailure: (failure) => renderFailure(failure),
  renderStreamError,
  done: DONE,
  addCost,
  unfold: unfoldChat,
}
