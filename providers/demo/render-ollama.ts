import { arrayAt, type JsonObject } from '#src/core/json.ts'
import {
  argumentsOf,
  asksLogprobs,
  callId,
  contentOf,
  finishWord,
  logprobsOf,
  wordsOf,
  type Content,
  type FinishWords,
  type ToolCall,
} from './content.ts'
import type { StreamEvent } from './framing.ts'
import type { Render } from './surface.ts'
import { tallyOf } from './usage.ts'

/** Calls stop it like anything else. */
const WORDS: FinishWords = { stop: 'stop', length: 'length', tool_calls: 'stop', content_filter: 'stop' }

/** Nanoseconds of a token. */
const TOKEN_NS = 12_000_000

/** A whole answer of Ollama's chat. */
export function renderOllama(render: Render): JsonObject {
  const content = contentOf(render)
  const text = wordsOf(content) ?? []
  const { reasoning, tools } = content
  const message = {
    role: 'assistant',
    content: text.join(''),
    ...(reasoning.length > 0 && { thinking: reasoning.join('') }),
    ...(tools.length > 0 && { tool_calls: tools.map(callOf) }),
  }
  return { ...lineOf(message, render), ...logprobs(text, render), ...endOf(content, render) }
}

/** The same answer line by line: a call comes whole, and the last line says that it is done. */
export function renderOllamaStream(render: Render): readonly StreamEvent[] {
  const content = contentOf(render)
  const line = (message: JsonObject, more: JsonObject = {}): StreamEvent => ({
    json: { ...lineOf({ role: 'assistant', content: '', ...message }, render), ...more, done: false },
    generated: true,
  })
  const last = { ...lineOf({ role: 'assistant', content: '' }, render), ...endOf(content, render) }
  return [
    ...content.reasoning.map((thinking) => line({ thinking })),
    ...(wordsOf(content) ?? []).map((piece) => line({ content: piece }, logprobs([piece], render))),
    ...content.tools.map((call, at) => line({ tool_calls: [callOf(call, at)] })),
    { json: last, generated: false, end: true },
  ]
}

/** When an answer was made. */
export function timeOf({ created }: Render): string {
  return new Date(created * 1000).toISOString()
}

function lineOf(message: JsonObject, render: Render): JsonObject {
  return { model: render.model, created_at: timeOf(render), message }
}

/** Arguments are an object. */
function callOf(call: ToolCall, index: number): JsonObject {
  return { id: callId(call, 'call_'), function: { index, name: call.name, arguments: argumentsOf(call) } }
}

function endOf(content: Content, render: Render): JsonObject {
  const tally = tallyOf(render, content)
  return {
    done: true,
    done_reason: finishWord(content, WORDS),
    ...(tally && {
      total_duration: (tally.input + tally.output) * TOKEN_NS,
      load_duration: TOKEN_NS,
      prompt_eval_count: tally.input,
      prompt_eval_duration: tally.input * TOKEN_NS,
      eval_count: tally.output,
      eval_duration: tally.output * TOKEN_NS,
    }),
  }
}

function logprobs(pieces: readonly string[], { reply, body }: Render): JsonObject {
  return asksLogprobs(reply, body) ? { logprobs: arrayAt(logprobsOf(pieces, body), 'content') } : {}
}
