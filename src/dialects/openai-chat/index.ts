import type { Dialect } from '#src/core/dialect.ts'
import { addCost } from '../openai/cost.ts'
import { DONE, renderFailure, renderStreamError } from '../openai/errors.ts'
import { unfoldChat } from '../openai/unfold.ts'
import { senseOpenai } from '../openai/sense.ts'
import { callsOf } from './calls.ts'
import { read } from './read.ts'
import { renderAnswer } from './render-answer.ts'
import { chatRenderer } from './render-stream.ts'
import { toConversation } from './to-conversation.ts'

/** What clients of OpenAI's chat completions speak. */
export const openaiChat: Dialect = {
  endpoint: 'chat',
  read,
  sense: (request) => senseOpenai('chat', request),
  renderFailure: (failure) => renderFailure(failure),
  renderStreamError,
  done: DONE,
  requestIdHeader: 'x-request-id',
  addCost,
  settings: {
    outputTokens: [['max_completion_tokens'], ['max_tokens']],
    // llama.cpp's own, which counts there before the others (its server, 2026-11).
    temperature: [['temperature']],
    topP: [['top_p']],
    seed: [['seed']],
    stop: [['stop']],
    user: [['user']],
    store: [['store']],
    serviceTier: [['service_tier']],
    reasoningEffort: [['reasoning_effort'], ['reasoning', 'effort']],
  },
  unfold: unfoldChat,
  turns: ['messages', 'tools', 'functions'],
  translation: {
    wire: 'openai-chat',
    read: toConversation,
    render: renderAnswer,
    renderer: chatRenderer,
    calls: callsOf,
  },
}
