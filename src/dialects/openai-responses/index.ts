import { callsOf } from './calls.ts'
import type { CostNote, Dialect } from '#src/core/dialect.ts'
import { renderFailure } from '../openai/errors.ts'
import { addCostAt } from '../shared/cost.ts'
import { renderStreamError } from './errors.ts'
import { responsesMemory } from './memory.ts'
import { read } from './read.ts'
import { renderAnswer } from './render-answer.ts'
import { responseRenderer } from './render-stream.ts'
import { sense } from './sense.ts'
import { toConversation } from './to-conversation.ts'

/** What clients of OpenAI's Responses speak. */
export const openaiResponses: Dialect = {
  endpoint: 'responses',
  read,
  sense,
  renderFailure: (failure) => renderFailure(failure),
  renderStreamError,
  done: '',
  requestIdHeader: 'x-request-id',
  addCost,
  settings: {
    outputTokens: [['max_output_tokens']],
    temperature: [['temperature']],
    topP: [['top_p']],
    user: [['user']],
    store: [['store']],
    serviceTier: [['service_tier']],
    reasoningEffort: [['reasoning', 'effort']],
  },
  memory: responsesMemory,
  turns: ['input', 'tools', 'instructions'],
  translation: {
    wire: 'openai-responses',
    read: toConversation,
    render: renderAnswer,
    renderer: responseRenderer,
    calls: callsOf,
    carriesThoughts: true,
  },
}

/** Puts the cost into the `usage` of a response, whether it stands alone or in an event. */
export function addCost(text: string, note: CostNote): string {
  const whole = addCostAt(text, ['usage'], note)
  return whole === text ? addCostAt(text, ['response', 'usage'], note) : whole
}
