import type { UpstreamFailure } from '#src/core/adapter.ts'
import type { Finish, StreamPart } from '#src/core/answer.ts'
import type { DecodeReducer } from '#src/core/codec.ts'
import { arrayAt, isObject, numberAt, parseJson, type JsonObject } from '#src/core/json.ts'
import { isNews, UNNAMED, type Served } from '#src/core/served.ts'
import { closeChoice, finishChoice, readChoice } from './chat-choice.ts'
import { headOf, restOf, sourcesOf } from './chat-decode.ts'
import { NEW_CHOICE, type ChatChoice, type Reading } from './chat-state.ts'
import { usageOf } from './convert-usage.ts'
import type { Quirks } from './definition.ts'
import { brokenEvent, failureInside, unfinished } from './map-error.ts'
import { mapFinishReason } from './map-finish-reason.ts'

/** A stream of chunks under way. */
interface ChatState {
  readonly started: boolean
  readonly named: Served
  readonly choices: ReadonlyMap<number, ChatChoice>
}

type Step = ReturnType<DecodeReducer<ChatState>['event']>

/** The longest that the end marker is with spaces around it. */
const MAX_DONE = 16

/** Chunks of chat completions, in all forms that their writers give them. `id` makes the ids of calls that have none. */
export function chatStream(id: string, quirks: Quirks): DecodeReducer<ChatState> {
  return {
    start: { started: false, named: UNNAMED, choices: new Map() },
    event(state, event) {
      const text = event.error ?? event.data
      if (text === undefined || text === '') return { state, parts: [] }
      if (text.length <= MAX_DONE && text.trim() === '[DONE]') return endOf(state, { id, quirks })
      const value = parseJson(text)
      if (!isObject(value)) return failed(state, brokenEvent(text))
      const failure = failureInside(value, event.error === undefined ? event.name : 'error')
      return failure ? failed(state, failure) : readChunk(value, state, { id, quirks })
    },
    end: (state) => left(state, { id, quirks }),
  }
}

interface Context {
  readonly id: string
  readonly quirks: Quirks
}

/** The proper end. A choice that never said why it ended has ended all the same: some write an empty reason. */
function endOf(state: ChatState, context: Context): Step {
  const parts: StreamPart[] = []
  const choices = new Map(state.choices)
  for (const [index, choice] of choices) {
    if (choice.finished) continue
    const otherwise: Finish = { unified: choice.called > 0 ? 'tool_calls' : 'stop' }
    choices.set(index, finishChoice(choice, { ...context, index, parts }, choice.held ?? otherwise))
  }
  return { state: { ...state, choices }, parts: [...parts, { type: 'end' }] }
}

/** What was still open where the body ended: only an end that was held back is one. */
function left(state: ChatState, context: Context): readonly StreamPart[] {
  const parts: StreamPart[] = []
  for (const [index, choice] of state.choices) {
    if (choice.held) finishChoice(choice, { ...context, index, parts }, choice.held)
    else parts.push(...closeChoice(choice, index))
  }
  return parts
}

function failed(state: ChatState, failure: UpstreamFailure, parts: readonly StreamPart[] = []): Step {
  return { state, parts: [...parts, { type: 'failure', failure }] }
}

function readChunk(value: JsonObject, state: ChatState, context: Context): Step {
  const parts: StreamPart[] = []
  const wire = arrayAt(value, 'choices') ?? []
  const usage = usageOf(value, context.quirks)
  const head = headOf(value)
  const begins = state.started ? isNews(state.named, head) : head.id !== undefined || wire.length > 0
  // The first chunk of Azure's holds what its filters found and neither an id nor a model: the next one is the start.
  if (begins) parts.push({ type: 'start', ...head })
  let { choices } = state
  let finishes = false
  for (const [position, choice] of wire.entries()) {
    if (!isObject(choice)) continue
    const reason = mapFinishReason(choice['finish_reason'])
    if (reason.unified === 'error' || isObject(choice['error']))
      return failed(state, unfinished(reason.raw, choice['error']), parts)
    const index = numberAt(choice, 'index') ?? position
    const before = choices.get(index) ?? NEW_CHOICE
    const ends = reason.unified !== 'none' && !before.finished
    const reading: Reading = { ...context, index, parts, reason, sources: ends ? sourcesOf(value) : [] }
    const after = readChoice(choice, before, reading)
    finishes ||= ends
    if (after !== before) choices = new Map(choices).set(index, after)
  }
  if (wire.length === 0) choices = released(choices, { ...context, parts })
  // Members beside the answer are the same in every chunk, or stand in the first or in one of the last.
  const rest = begins || finishes || wire.length === 0 ? restOf(value) : undefined
  if (rest) parts.push({ type: 'rest', rest })
  if (usage) parts.push({ type: 'usage', usage })
  const same = choices === state.choices && !begins
  return {
    state: same
      ? state
      : { started: state.started || begins, named: begins ? { ...state.named, ...head } : state.named, choices },
    parts,
  }
}

/** A chunk without a choice comes behind all of them: an end that was held back is one. */
function released(
  choices: ReadonlyMap<number, ChatChoice>,
  reading: Context & { readonly parts: StreamPart[] },
): ReadonlyMap<number, ChatChoice> {
  let after = choices
  for (const [index, choice] of choices) {
    if (choice.held) after = new Map(after).set(index, finishChoice(choice, { ...reading, index }, choice.held))
  }
  return after
}
