import type { StreamPart } from '#src/core/answer.ts'
import type { DecodeReducer } from '#src/core/codec.ts'
import { isObject, objectAt, parseJson, stringAt, type JsonObject } from '#src/core/json.ts'
import type { WireEvent } from '#src/core/wire-event.ts'
import { closeWriting, NOTHING_WRITTEN, write, writeCall, writeInput, type Writing } from '#src/core/writing.ts'
import { brokenEvent } from '#providers/openai-compatible/map-error.ts'
import { convertUsage } from './convert-usage.ts'
import { astralIn, callHead, citationOf, isTextCitation, logprobOf } from './decode-response.ts'
import { failureInside } from './map-error.ts'
import { finishOf } from './map-finish-reason.ts'

/** A streamed answer under way. */
interface ChatState {
  readonly writing: Writing
  /** The text that citations count in; undefined: none has begun. */
  readonly cited: CitedText | undefined
}

interface CitedText {
  readonly index: number
  /** Characters so far, and which of them are two UTF-16 units. */
  readonly length: number
  readonly astral: readonly number[]
}

type Step = ReturnType<DecodeReducer<ChatState>['event']>

const NOTHING: readonly StreamPart[] = []

/** The events of a streamed answer. `id` makes the ids of calls that have none. */
export function chatStream(id: string): DecodeReducer<ChatState> {
  return {
    start: { writing: NOTHING_WRITTEN, cited: undefined },
    event: (state, event) => readEvent(state, event, id),
    end(state) {
      const parts: StreamPart[] = []
      closeWriting(state.writing, parts)
      return parts
    },
  }
}

function readEvent(state: ChatState, { data, name, error }: WireEvent, id: string): Step {
  const text = error ?? data
  if (text === undefined) return { state, parts: NOTHING }
  const value = parseJson(text)
  if (!isObject(value)) {
    // Stands behind the proper end, which is `message-end`.
    if (text.trim() === '[DONE]') return { state, parts: NOTHING }
    return { state, parts: [{ type: 'failure', failure: brokenEvent(text) }] }
  }
  const type = stringAt(value, 'type')
  if (error !== undefined || name === 'error' || type === 'error' || (type === undefined && 'message' in value))
    return { state, parts: [{ type: 'failure', failure: failureInside(value) }] }
  const message = objectAt(objectAt(value, 'delta'), 'message')
  switch (type) {
    case 'content-delta':
      return growContent(state, message, value)
    case 'content-start': {
      // A plan has no end of its own.
      const { state: next, parts } = written(state, closeWriting)
      const grown = growContent(next, message, value)
      return { state: grown.state, parts: [...parts, ...grown.parts] }
    }
    case 'tool-plan-delta':
      return written(state, (writing, parts) =>
        write(writing, { type: 'reasoning', text: stringAt(message, 'tool_plan') ?? '' }, parts),
      )
    case 'tool-call-start':
      return startCall(state, objectAt(message, 'tool_calls'), id)
    case 'tool-call-delta':
      return written(state, (writing, parts) => writeInput(writing, argumentsOf(message), parts))
    case 'content-end':
    case 'tool-call-end':
      return written(state, closeWriting)
    case 'citation-start':
      return cite(state, message)
    case 'message-start': {
      const own = stringAt(value, 'id')
      return { state, parts: [{ type: 'start', ...(own !== undefined && { id: own }) }] }
    }
    case 'message-end':
      return finish(state, objectAt(value, 'delta') ?? {})
    default:
      // Ends of citations, debugging, and what comes to be.
      return { state, parts: NOTHING }
  }
}

function written(state: ChatState, step: (writing: Writing, parts: StreamPart[]) => Writing): Step {
  const parts: StreamPart[] = []
  const writing = step(state.writing, parts)
  return { state: writing === state.writing ? state : { ...state, writing }, parts }
}

/** Text or thoughts: the beginning of a block may hold the first of it. */
function growContent(state: ChatState, message: JsonObject | undefined, value: JsonObject): Step {
  const content = objectAt(message, 'content')
  const [text, thought] = [stringAt(content, 'text') ?? '', stringAt(content, 'thinking') ?? '']
  const parts: StreamPart[] = []
  let writing = write(state.writing, { type: 'reasoning', text: thought }, parts)
  writing = write(writing, { type: 'text', text }, parts)
  const logprobs = logprobOf(value['logprobs'] ?? null)
  if (logprobs.length > 0) parts.push({ type: 'logprobs', choice: 0, logprobs })
  if (text === '') return { state: writing === state.writing ? state : { ...state, writing }, parts }
  return { state: { writing, cited: grown(state.cited, writing.begun - 1, text) }, parts }
}

function grown(before: CitedText | undefined, index: number, text: string): CitedText {
  const { length, astral } = before?.index === index ? before : { length: 0, astral: [] }
  const more = astralIn(text, length)
  return {
    index,
    length: length + text.length - more.length,
    astral: more.length === 0 ? astral : [...astral, ...more],
  }
}

function startCall(state: ChatState, call: JsonObject | undefined, id: string): Step {
  return written(state, (writing, parts) => {
    const begun = writeCall(writing, callHead(call, `call_${id}_${writing.calls}`), parts)
    return writeInput(begun, stringAt(objectAt(call, 'function'), 'arguments') ?? '', parts)
  })
}

function argumentsOf(message: JsonObject | undefined): string {
  return stringAt(objectAt(objectAt(message, 'tool_calls'), 'function'), 'arguments') ?? ''
}

function cite(state: ChatState, message: JsonObject | undefined): Step {
  const raw = message?.['citations']
  const { cited } = state
  if (!cited || !isTextCitation(raw)) return { state, parts: NOTHING }
  const citation = citationOf(raw, cited.astral)
  return { state, parts: [{ type: 'citation', choice: 0, index: cited.index, citation }] }
}

/** The proper end, unless it says that there is none. */
function finish(state: ChatState, delta: JsonObject): Step {
  const parts: StreamPart[] = []
  const writing = closeWriting(state.writing, parts)
  const raw = stringAt(delta, 'finish_reason')
  const own = finishOf(raw, writing.calls > 0)
  const error = stringAt(delta, 'error')
  const usage = objectAt(delta, 'usage')
  if (usage) parts.push({ type: 'usage', usage: convertUsage(usage) })
  if (!own || (error !== undefined && error !== '')) {
    return { state, parts: [...parts, { type: 'failure', failure: failureInside({ error: error ?? null }, raw) }] }
  }
  parts.push({ type: 'finish', choice: 0, finish: own }, { type: 'end' })
  return { state: { ...state, writing }, parts }
}
