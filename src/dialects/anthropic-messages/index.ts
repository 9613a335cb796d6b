import { callsOf } from './calls.ts'
import type { Dialect } from '#src/core/dialect.ts'
import { addCost } from './cost.ts'
import { renderFailure, renderStreamError } from './errors.ts'
import { read } from './read.ts'
import { renderAnswer } from './render-answer.ts'
import { messageRenderer } from './render-stream.ts'
import { sense } from './sense.ts'
import { toConversation } from './to-conversation.ts'
import { frameEvent, unfoldMessage } from './unfold.ts'

/** What clients of Anthropic's Messages speak. */
export const anthropicMessages: Dialect = {
  endpoint: 'messages',
  read,
  sense,
  renderFailure,
  renderStreamError,
  // The upstream's own last event, `message_stop`.
  done: '',
  requestIdHeader: 'request-id',
  addCost,
  settings: {
    outputTokens: [['max_tokens']],
    temperature: [['temperature']],
    topP: [['top_p']],
    topK: [['top_k']],
    stop: [['stop_sequences']],
    user: [['metadata', 'user_id']],
    serviceTier: [['service_tier']],
  },
  unfold: unfoldMessage,
  frame: frameEvent,
  turns: ['messages', 'tools', 'system'],
  translation: {
    wire: 'anthropic-messages',
    read: toConversation,
    render: renderAnswer,
    renderer: messageRenderer,
    calls: callsOf,
    carriesThoughts: true,
  },
}
