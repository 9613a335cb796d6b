import { objectAt, stringAt, type JsonObject } from '#src/core/json.ts'
import { citationsOf } from './citations.ts'
import { callId, contentOf, finishWord, wordsOf, type Content, type FinishWords, type ToolCall } from './content.ts'
import { draw, hash, uuidOf } from './random.ts'
import type { Render } from './surface.ts'
import { tallyOf } from './usage.ts'

const WORDS: FinishWords = {
  stop: 'COMPLETE',
  length: 'MAX_TOKENS',
  tool_calls: 'TOOL_CALL',
  content_filter: 'ERROR_TOXIC',
}

/** A whole answer of Cohere's chat. */
export function renderCohere(render: Render): JsonObject {
  const content = contentOf(render)
  const citations = citesOf(content, render)
  const { plan, thought } = thoughtsOf(content, render)
  const text = wordsOf(content)
  const blocks = [
    ...(thought.length > 0 ? [{ type: 'thinking', thinking: thought.join('') }] : []),
    ...(text === undefined ? [] : [{ type: 'text', text: text.join('') }]),
  ]
  const calls = content.tools.map((call) => callOf(call, call.pieces.join('')))
  const message = {
    role: 'assistant',
    ...(plan.length > 0 && { tool_plan: plan.join('') }),
    ...(calls.length > 0 && { tool_calls: calls }),
    // Who only calls says nothing.
    ...((blocks.length > 0 || calls.length === 0) && { content: blocks }),
    ...(citations.length > 0 && { citations }),
  }
  return {
    id: uuidOf(render.seed),
    message,
    ...endOf(content, render),
    ...(asksLogprobs(render) && { logprobs: (text ?? []).map(logprobOf) }),
  }
}

/** What is thought before a call is a plan, unless the model was told to think. */
export function thoughtsOf(
  { reasoning, tools }: Content,
  { body }: Render,
): { readonly plan: readonly string[]; readonly thought: readonly string[] } {
  const plans = tools.length > 0 && stringAt(objectAt(body, 'thinking'), 'type') !== 'enabled'
  return plans ? { plan: reasoning, thought: [] } : { plan: [], thought: reasoning }
}

/** Why it ended, and its usage: `billed_units` leaves out what Cohere adds itself, which here is nothing. */
export function endOf(content: Content, render: Render): JsonObject {
  const tally = tallyOf(render, content)
  const tokens = { input_tokens: tally?.input, output_tokens: tally?.output }
  return {
    finish_reason: finishWord(content, WORDS),
    ...(tally && { usage: { billed_units: tokens, tokens, cached_tokens: tally.cached } }),
  }
}

/** A call, with so much of its arguments. */
export function callOf(call: ToolCall, text: string): JsonObject {
  return { id: callId(call, `${call.name}_`), type: 'function', function: { name: call.name, arguments: text } }
}

/** Citations count characters, where others count UTF-16 units. */
export function citesOf(content: Content, render: Render): readonly JsonObject[] {
  const whole = (content.text ?? []).join('')
  const characters = (units: number) => Array.from(whole.slice(0, units)).length
  const { thought } = thoughtsOf(content, render)
  return citationsOf(content, render).map(({ url, title, text, start, end }, at) => ({
    start: characters(start),
    end: characters(end),
    text,
    sources: [{ type: 'document', id: `doc:${at}`, document: { id: `doc:${at}`, title, url } }],
    content_index: thought.length > 0 ? 1 : 0,
    type: 'TEXT_CONTENT',
  }))
}

/** Of one piece of text. */
export function logprobOf(text: string): JsonObject {
  return { text, token_ids: [hash(text) % 256_000], logprobs: [-draw(text)] }
}

/** True where the script or the request wants log probabilities. */
export function asksLogprobs({ reply, body }: Render): boolean {
  return reply.logprobs ?? body['logprobs'] === true
}
