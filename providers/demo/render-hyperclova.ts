import type { JsonObject } from '#src/core/json.ts'
import {
  argumentsOf,
  callId,
  contentOf,
  finishWord,
  wordsOf,
  type Content,
  type FinishWords,
  type ToolCall,
} from './content.ts'
import type { StreamEvent } from './framing.ts'
import { hash, uuidOf } from './random.ts'
import type { Render } from './surface.ts'
import { tallyOf } from './usage.ts'

/** What a filter finds stands beside the answer, not in why it ended. */
const WORDS: FinishWords = { stop: 'stop', length: 'length', tool_calls: 'tool_calls', content_filter: 'stop' }

const FILTERS = [
  { groupName: 'curse', name: 'insult' },
  { groupName: 'curse', name: 'discrimination' },
  { groupName: 'unsafeContents', name: 'sexualHarassment' },
] as const

/** The `result` of an answer. */
export function renderClova(render: Render): JsonObject {
  return resultOf(contentOf(render), render)
}

/** A `token` a piece, the `result` that says all of it again, and a `signal`, which does not come where tools are called. */
export function renderClovaStream(render: Render): readonly StreamEvent[] {
  const content = contentOf(render)
  const calls = content.tools.length > 0
  const events: readonly Omit<StreamEvent, 'id'>[] = [
    ...content.reasoning.map((thinkingContent) => token({ content: '', thinkingContent }, render)),
    ...(wordsOf(content) ?? []).map((piece) => token({ content: piece }, render)),
    ...content.tools.flatMap((call) => callTokens(call, render)),
    { json: resultOf(content, render), generated: false, name: 'result', ...(calls && { end: true }) },
    ...(calls ? [] : [{ json: { data: '[DONE]' }, generated: false, name: 'signal', end: true }]),
  ]
  const id = uuidOf(render.seed)
  return events.map((event, at) => ({ ...event, id: `${id}-${at}` }))
}

function resultOf(content: Content, render: Render): JsonObject {
  const { body, created, seed } = render
  return {
    created,
    ...usageOf(content, render),
    message: {
      role: 'assistant',
      content: (wordsOf(content) ?? []).join(''),
      ...(content.reasoning.length > 0 && { thinkingContent: content.reasoning.join('') }),
      ...(content.tools.length > 0 && { toolCalls: content.tools.map(wholeCall) }),
    },
    finishReason: finishWord(content, WORDS),
    seed: typeof body['seed'] === 'number' ? body['seed'] : hash(seed),
    ...(body['includeAiFilters'] !== false && { aiFilter: FILTERS.map((filter) => found(filter, content)) }),
  }
}

/** From 0, sure, to 2, harmless. */
function found(filter: JsonObject, { refusal }: Content): JsonObject {
  return { ...filter, score: refusal === undefined ? '2' : '0', result: 'OK' }
}

function usageOf(content: Content, render: Render): JsonObject {
  const tally = tallyOf(render, content)
  if (tally === undefined) return {}
  const { input, output, reasoning } = tally
  const usage = { promptTokens: input, completionTokens: output, totalTokens: input + output }
  return {
    usage: reasoning === 0 ? usage : { ...usage, completionTokensDetails: { thinkingTokens: reasoning } },
  }
}

/** Arguments are an object. */
function wholeCall(call: ToolCall): JsonObject {
  return { ...headOf(call), function: { name: call.name, arguments: argumentsOf(call) } }
}

function headOf(call: ToolCall): JsonObject {
  return { id: callId(call, 'call_'), type: 'function' }
}

/** The name first, then the arguments as text in pieces. */
function callTokens(call: ToolCall, render: Render): readonly Omit<StreamEvent, 'id'>[] {
  const { name, pieces, whole } = call
  const of = (part: JsonObject) => token({ content: '', toolCalls: [part] }, render)
  if (whole) return [of({ ...headOf(call), function: { name, partialJson: pieces.join('') } })]
  return [
    of({ ...headOf(call), function: { name } }),
    ...pieces.map((partialJson) => of({ type: 'function', function: { partialJson } })),
  ]
}

function token(message: JsonObject, { created }: Render): Omit<StreamEvent, 'id'> {
  const json = { created, usage: null, message: { role: 'assistant', ...message }, finishReason: null }
  return { json, generated: true, name: 'token' }
}
