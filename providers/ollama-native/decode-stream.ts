import type { StreamPart } from '#src/core/answer.ts'
import type { DecodeReducer } from '#src/core/codec.ts'
import { arrayAt, isObject, objectAt, parseJson, stringAt, type JsonObject } from '#src/core/json.ts'
import { isNews, UNNAMED, type Served } from '#src/core/served.ts'
import type { WireEvent } from '#src/core/wire-event.ts'
import { closeWriting, NOTHING_WRITTEN, write, writeCall, writeInput, type Writing } from '#src/core/writing.ts'
import { logprobsOf } from '#providers/openai-compatible/chat-decode.ts'
import { brokenEvent, failureInside } from '#providers/openai-compatible/map-error.ts'
import { usageOf } from './convert-usage.ts'
import { callOf, headOf, restOf } from './decode-response.ts'
import { finishOf } from './map-finish-reason.ts'

/** A streamed answer under way. */
interface ChatState {
  readonly started: boolean
  readonly named: Served
  readonly writing: Writing
}

type Step = ReturnType<DecodeReducer<ChatState>['event']>

/** The lines of a streamed answer; the one that is `done` is its proper end. `id` makes the ids of calls that have none. */
export function chatStream(id: string): DecodeReducer<ChatState> {
  return {
    start: { started: false, named: UNNAMED, writing: NOTHING_WRITTEN },
    event: (state, event) => readLine(state, event, id),
    end(state) {
      const parts: StreamPart[] = []
      closeWriting(state.writing, parts)
      return parts
    },
  }
}

function readLine(state: ChatState, { data = '' }: WireEvent, id: string): Step {
  if (data === '') return { state, parts: [] }
  const value = parseJson(data)
  if (!isObject(value)) return { state, parts: [{ type: 'failure', failure: brokenEvent(data) }] }
  // Only a line of an answer names its message.
  const failure = 'message' in value && !('error' in value) ? undefined : failureInside(value, undefined)
  if (failure) return { state, parts: [{ type: 'failure', failure }] }
  const head = headOf(value)
  const begins = !state.started || isNews(state.named, head)
  const parts: StreamPart[] = begins ? [{ type: 'start', ...head }] : []
  const named = begins ? { ...state.named, ...head } : state.named
  const writing = readMessage(state.writing, value, { id, parts })
  if (value['done'] === true) {
    return { state: { started: true, named, writing: finish(writing, value, parts) }, parts }
  }
  return { state: !begins && writing === state.writing ? state : { started: true, named, writing }, parts }
}

interface Reading {
  readonly id: string
  readonly parts: StreamPart[]
}

function readMessage(before: Writing, value: JsonObject, { id, parts }: Reading): Writing {
  const message = objectAt(value, 'message')
  let writing = write(before, { type: 'reasoning', text: stringAt(message, 'thinking') ?? '' }, parts)
  writing = write(writing, { type: 'text', text: stringAt(message, 'content') ?? '' }, parts)
  for (const call of arrayAt(message, 'tool_calls') ?? []) {
    const own = callOf(call, `call_${id}_${writing.calls}`)
    writing = writeInput(writeCall(writing, own, parts), own.input, parts)
  }
  const logprobs = value['logprobs'] === undefined ? [] : logprobsOf({ content: value['logprobs'] })
  if (logprobs.length > 0) parts.push({ type: 'logprobs', choice: 0, logprobs })
  return writing
}

function finish(before: Writing, value: JsonObject, parts: StreamPart[]): Writing {
  const writing = closeWriting(before, parts)
  parts.push({ type: 'finish', choice: 0, finish: finishOf(stringAt(value, 'done_reason'), writing.calls > 0) })
  const [usage, rest] = [usageOf(value), restOf(value)]
  if (rest) parts.push({ type: 'rest', rest })
  if (usage) parts.push({ type: 'usage', usage })
  parts.push({ type: 'end' })
  return writing
}
