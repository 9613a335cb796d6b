import type { Finish, StreamPart } from '#src/core/answer.ts'
import type { DecodeReducer } from '#src/core/codec.ts'
import { arrayAt, isObject, objectAt, parseJson, stringAt, type Json, type JsonObject } from '#src/core/json.ts'
import type { WireEvent } from '#src/core/wire-event.ts'
import { closeWriting, NOTHING_WRITTEN, write, writeCall, writeInput, type Writing } from '#src/core/writing.ts'
import { brokenEvent } from '#providers/openai-compatible/map-error.ts'
import { convertUsage } from './convert-usage.ts'
import { argumentsOf, callHead, headOf, restOf } from './decode-response.ts'
import { failureInside } from './map-error.ts'
import { finishOf } from './map-finish-reason.ts'

/** A streamed answer under way. */
interface ChatState {
  readonly started: boolean
  readonly writing: Writing
  /** Why a token says that the answer ended: it counts where no result comes. */
  readonly ending: Finish | undefined
  readonly finished: boolean
}

type Step = ReturnType<DecodeReducer<ChatState>['event']>

const NOTHING: readonly StreamPart[] = []

/** `token` events, a `result` that says all of it again, and a `signal`. `id` makes the ids of calls that have none. */
export function chatStream(id: string): DecodeReducer<ChatState> {
  return {
    start: { started: false, writing: NOTHING_WRITTEN, ending: undefined, finished: false },
    event: (state, event) => readEvent(state, event, id),
    end(state) {
      const parts: StreamPart[] = []
      const writing = closeWriting(state.writing, parts)
      if (state.ending && !state.finished) finish({ ...state, writing }, state.ending, parts)
      return parts
    },
  }
}

function readEvent(state: ChatState, { data, name, error }: WireEvent, id: string): Step {
  const text = error ?? data
  if (text === undefined) return { state, parts: NOTHING }
  const value = parseJson(text)
  if (!isObject(value)) {
    return text.trim() === '[DONE]' ? end(state) : { state, parts: [{ type: 'failure', failure: brokenEvent(text) }] }
  }
  if (error !== undefined || name === 'error' || isObject(value['status']))
    return { state, parts: [{ type: 'failure', failure: failureInside(value) }] }
  switch (name) {
    case 'token':
      return readToken(state, value, id)
    case 'result':
      return readResult(state, value, id)
    case 'signal':
      return value['data'] === '[DONE]' ? end(state) : { state, parts: NOTHING }
    default:
      return { state, parts: NOTHING }
  }
}

/** More of the answer: text, thoughts, a call that begins, or a piece of its input. */
function readToken(state: ChatState, value: JsonObject, id: string): Step {
  const parts = startOf(state, value)
  const message = objectAt(value, 'message')
  let { writing } = state
  writing = write(writing, { type: 'reasoning', text: stringAt(message, 'thinkingContent') ?? '' }, parts)
  writing = write(writing, { type: 'text', text: stringAt(message, 'content') ?? '' }, parts)
  for (const call of arrayAt(message, 'toolCalls') ?? []) writing = growCall(writing, { call, id }, parts)
  const ending = finishOf(value, writing.calls > 0) ?? state.ending
  const same = state.started && writing === state.writing && ending === state.ending
  return { state: same ? state : { ...state, started: true, writing, ending }, parts }
}

function growCall(
  before: Writing,
  { call, id }: { readonly call: Json; readonly id: string },
  parts: StreamPart[],
): Writing {
  const own = objectAt(call, 'function')
  const begins = stringAt(call, 'id') !== undefined || stringAt(own, 'name') !== undefined
  const writing = begins ? writeCall(before, callHead(call, `call_${id}_${before.calls}`), parts) : before
  return writeInput(writing, stringAt(own, 'partialJson') ?? '', parts)
}

/** The whole answer once more: what tokens have said is not said again. */
function readResult(state: ChatState, value: JsonObject, id: string): Step {
  if (state.finished) return { state, parts: NOTHING }
  const parts = startOf(state, value)
  const message = objectAt(value, 'message')
  let { writing } = state
  if (writing.begun === 0) {
    writing = write(writing, { type: 'reasoning', text: stringAt(message, 'thinkingContent') ?? '' }, parts)
    writing = write(writing, { type: 'text', text: stringAt(message, 'content') ?? '' }, parts)
  }
  const calls = arrayAt(message, 'toolCalls') ?? []
  const last = calls[writing.calls - 1]
  if (writing.bare && last !== undefined) writing = writeInput(writing, argumentsOf(last), parts)
  for (const call of calls.slice(writing.calls)) {
    writing = writeCall(writing, callHead(call, `call_${id}_${writing.calls}`), parts)
    writing = writeInput(writing, argumentsOf(call), parts)
  }
  writing = closeWriting(writing, parts)
  const [usage, rest] = [objectAt(value, 'usage'), restOf(value)]
  if (rest) parts.push({ type: 'rest', rest })
  if (usage) parts.push({ type: 'usage', usage: convertUsage(usage) })
  const ending = finishOf(value, writing.calls > 0) ?? state.ending
  const next = { ...state, started: true, writing, ending }
  return { state: ending ? finish(next, ending, parts) : next, parts }
}

function startOf({ started }: ChatState, value: JsonObject): StreamPart[] {
  return started ? [] : [{ type: 'start', ...headOf(value) }]
}

function finish(state: ChatState, ending: Finish, parts: StreamPart[]): ChatState {
  parts.push({ type: 'finish', choice: 0, finish: ending })
  return { ...state, finished: true }
}

/** The proper end. Where nothing said why, the answer has stopped. */
function end(state: ChatState): Step {
  const parts: StreamPart[] = []
  const writing = closeWriting(state.writing, parts)
  const otherwise: Finish = { unified: writing.calls > 0 ? 'tool_calls' : 'stop' }
  const next = state.finished ? state : finish({ ...state, writing }, state.ending ?? otherwise, parts)
  return { state: next, parts: [...parts, { type: 'end' }] }
}
