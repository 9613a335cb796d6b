import type { JsonObject } from '#src/core/json.ts'
import { contentOf, wordsOf, type ToolCall } from './content.ts'
import type { StreamEvent } from './framing.ts'
import { uuidOf } from './random.ts'
import { asksLogprobs, callOf, citesOf, endOf, logprobOf, thoughtsOf } from './render-cohere.ts'
import { DONE } from './render.ts'
import type { Render } from './surface.ts'

const FIRST = { role: 'assistant', content: [], tool_plan: '', tool_calls: [], citations: [] }

/** All events of a streamed answer: its end, then OpenAI's. */
export function renderCohereStream(render: Render): readonly StreamEvent[] {
  const content = contentOf(render)
  const { plan, thought } = thoughtsOf(content, render)
  const text = wordsOf(content)
  const textIndex = thought.length > 0 ? 1 : 0
  const start = { id: uuidOf(render.seed), type: 'message-start', delta: { message: FIRST } }
  return [
    { json: start, generated: false, name: start.type },
    ...plan.map((piece) => event('tool-plan-delta', { tool_plan: piece }, { generated: true })),
    ...(thought.length > 0 ? blockEvents({ kind: 'thinking', member: 'thinking', index: 0 }, thought, render) : []),
    ...(text === undefined ? [] : blockEvents({ kind: 'text', member: 'text', index: textIndex }, text, render)),
    ...citesOf(content, render).flatMap((citation, index) => [
      event('citation-start', { citations: citation }, { index }),
      { json: { type: 'citation-end', index }, generated: false, name: 'citation-end' },
    ]),
    ...content.tools.flatMap(callEvents),
    { json: { type: 'message-end', delta: endOf(content, render) }, generated: false, name: 'message-end', end: true },
    DONE,
  ]
}

interface Block {
  readonly kind: 'text' | 'thinking'
  readonly member: string
  readonly index: number
}

function blockEvents(
  { kind, member, index }: Block,
  pieces: readonly string[],
  render: Render,
): readonly StreamEvent[] {
  const withLogprobs = kind === 'text' && asksLogprobs(render)
  return [
    event('content-start', { content: { type: kind, [member]: '' } }, { index }),
    ...pieces.map((piece) => {
      const logprobs = withLogprobs ? { logprobs: logprobOf(piece) } : {}
      return event('content-delta', { content: { [member]: piece } }, { index, generated: true, more: logprobs })
    }),
    { json: { type: 'content-end', index }, generated: false, name: 'content-end' },
  ]
}

/** A call in its beginning alone, or its head first and then its arguments. */
function callEvents(call: ToolCall, index: number): readonly StreamEvent[] {
  const pieces = call.whole ? [] : call.pieces
  const begun = callOf(call, call.whole ? call.pieces.join('') : '')
  return [
    event('tool-call-start', { tool_calls: begun }, { index, generated: call.whole }),
    ...pieces.map((piece) =>
      event('tool-call-delta', { tool_calls: { function: { arguments: piece } } }, { index, generated: true }),
    ),
    { json: { type: 'tool-call-end', index }, generated: false, name: 'tool-call-end' },
  ]
}

interface Place {
  readonly index?: number
  readonly generated?: boolean
  readonly more?: JsonObject
}

function event(type: string, message: JsonObject, { index, generated = false, more = {} }: Place): StreamEvent {
  const place = index === undefined ? {} : { index }
  return { json: { type, ...place, delta: { message }, ...more }, generated, name: type }
}
