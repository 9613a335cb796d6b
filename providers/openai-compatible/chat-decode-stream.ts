import type { StreamPart } from '#src/core/answer.ts'
import type { DecodeReducer } from '#src/core/codec.ts'
import type { Part } from '#src/core/conversation.ts'
import {
  arrayAt,
  isObject,
  numberAt,
  objectAt,
  parseJson,
  stringAt,
  type Json,
  type JsonObject,
} from '#src/core/json.ts'
import type { WireEvent } from '#src/core/wire-event.ts'
import { citationsOf, finishOf, headOf, imagesOf, inputOf, logprobsOf } from './chat-decode.ts'
import { fullUsageOf } from './convert-usage.ts'
import type { Quirks } from './definition.ts'
import { brokenEvent, failureInside, unfinished } from './map-error.ts'
import { mapFinishReason } from './map-finish-reason.ts'
import { reasoningOf, textOf } from './said.ts'

/** A stream of chunks under way. */
export interface ChatState {
  readonly started: boolean
  readonly choices: ReadonlyMap<number, ChoiceState>
}

interface ChoiceState {
  /** Parts that were started. */
  readonly next: number
  /** The part that text or thoughts go on with; calls stay open beside it. */
  readonly open: OpenPart | undefined
  /** By the upstream's index of the call. */
  readonly calls: ReadonlyMap<number, CallState>
  readonly lastCall: number
  readonly finished: boolean
}

interface OpenPart {
  readonly index: number
  readonly type: 'text' | 'reasoning' | 'refusal' | 'audio'
}

interface CallState {
  readonly index: number
  readonly id: string
  /** No argument has come: `{}` is what they amount to. */
  readonly bare: boolean
  readonly custom: boolean
}

const NEW_CHOICE: ChoiceState = { next: 0, open: undefined, calls: new Map(), lastCall: -1, finished: false }

/** Chunks of chat completions, in all forms that their writers give them. `id` makes the ids of calls that have none. */
export function chatStream(id: string, quirks: Quirks): DecodeReducer<ChatState> {
  return {
    start: { started: false, choices: new Map() },
    event: (state, event) => readEvent(state, event, { id, quirks }),
    end: (state) => [...state.choices].flatMap(([choice, own]) => closing(choice, own)),
  }
}

interface Context {
  readonly id: string
  readonly quirks: Quirks
}

type Step = ReturnType<DecodeReducer<ChatState>['event']>

function readEvent(state: ChatState, event: WireEvent, context: Context): Step {
  const failed = (failure: Extract<StreamPart, { type: 'failure' }>['failure']): Step => ({
    state,
    parts: [{ type: 'failure', failure }],
  })
  const text = event.error ?? event.data
  if (text === undefined) return { state, parts: [] }
  if (event.data?.trim() === '[DONE]') return { state, parts: [{ type: 'end' }] }
  const value = parseJson(text)
  if (!isObject(value)) return failed(brokenEvent(text))
  const failure = failureInside(value, event.error === undefined ? event.name : 'error')
  if (failure) return failed(failure)
  const parts: StreamPart[] = []
  if (!state.started) parts.push({ type: 'start', ...headOf(value) })
  let { choices } = state
  for (const [position, choice] of (arrayAt(value, 'choices') ?? []).entries()) {
    if (!isObject(choice)) continue
    const { raw, unified } = mapFinishReason(choice['finish_reason'])
    if (unified === 'error' || isObject(choice['error'])) return failed(unfinished(raw, choice['error']))
    const index = numberAt(choice, 'index') ?? position
    const before = choices.get(index) ?? NEW_CHOICE
    const after = readChoice(choice, before, { index, parts, context })
    if (after !== before) choices = new Map(choices).set(index, after)
  }
  const usage = fullUsageOf(value, context.quirks)
  if (usage) parts.push({ type: 'usage', usage })
  return { state: state.started && choices === state.choices ? state : { started: true, choices }, parts }
}

interface Into {
  readonly index: number
  readonly parts: StreamPart[]
  readonly context: Context
}

function readChoice(choice: JsonObject, before: ChoiceState, into: Into): ChoiceState {
  let state = before
  // A last event may repeat the whole message beside its delta: the delta counts.
  const delta = objectAt(choice, 'delta') ?? objectAt(choice, 'message')
  if (delta && !state.finished) state = readDelta(delta, state, into)
  const logprobs = logprobsOf(choice['logprobs'])
  if (logprobs.length > 0) into.parts.push({ type: 'logprobs', choice: into.index, logprobs })
  if (state.finished || mapFinishReason(choice['finish_reason']).unified === 'none') return state
  into.parts.push(...closing(into.index, state))
  into.parts.push({ type: 'finish', choice: into.index, finish: finishOf(choice, state.calls.size > 0) })
  return {
    ...state,
    open: undefined,
    calls: new Map([...state.calls].map(([at, call]) => [at, { ...call, bare: false }])),
    finished: true,
  }
}

/** Ends what is open. Arguments that never came are an empty object. */
function closing(choice: number, { open, calls, finished }: ChoiceState): readonly StreamPart[] {
  if (finished) return []
  return [
    ...(open ? [{ type: 'part-end', choice, index: open.index } as const] : []),
    ...[...calls.values()].flatMap(({ index, bare, custom }): readonly StreamPart[] => [
      ...(bare && !custom ? [{ type: 'delta', choice, index, text: '{}' } as const] : []),
      { type: 'part-end', choice, index },
    ]),
  ]
}

function readDelta(delta: JsonObject, before: ChoiceState, into: Into): ChoiceState {
  let state = before
  state = say(state, into, { type: 'reasoning', text: reasoningOf(delta) })
  state = say(state, into, { type: 'text', text: textOf(delta['content']) })
  state = say(state, into, { type: 'refusal', text: stringAt(delta, 'refusal') ?? '' })
  state = sound(state, into, objectAt(delta, 'audio'))
  for (const citation of citationsOf(delta)) {
    if (state.open?.type !== 'text') state = opened(state, into, { type: 'text', text: '' })
    if (state.open) into.parts.push({ type: 'citation', choice: into.index, index: state.open.index, citation })
  }
  for (const part of imagesOf(delta)) state = whole(state, into, part)
  for (const call of arrayAt(delta, 'tool_calls') ?? []) if (isObject(call)) state = readCall(call, state, into)
  const older = objectAt(delta, 'function_call')
  return older && Object.keys(older).length > 0 ? readCall({ index: 0, function: older }, state, into) : state
}

function say(
  state: ChoiceState,
  into: Into,
  said: { type: 'reasoning' | 'text' | 'refusal'; text: string },
): ChoiceState {
  if (said.text === '') return state
  const next = state.open?.type === said.type ? state : opened(state, into, { type: said.type, text: '' })
  if (next.open) into.parts.push({ type: 'delta', choice: into.index, index: next.open.index, text: said.text })
  return next
}

function opened(state: ChoiceState, into: Into, part: Part & { type: OpenPart['type'] }): ChoiceState {
  const { index: choice, parts } = into
  if (state.open) parts.push({ type: 'part-end', choice, index: state.open.index })
  parts.push({ type: 'part-start', choice, index: state.next, part })
  return { ...state, next: state.next + 1, open: { index: state.next, type: part.type } }
}

function sound(state: ChoiceState, into: Into, audio: JsonObject | undefined): ChoiceState {
  const [data, transcript] = [stringAt(audio, 'data') ?? '', stringAt(audio, 'transcript') ?? '']
  if (data === '' && transcript === '') return state
  const next =
    state.open?.type === 'audio'
      ? state
      : opened(state, into, { type: 'audio', source: { kind: 'data', mediaType: '', data: '' } })
  const { index: choice, parts } = into
  if (!next.open) return next
  if (data !== '') parts.push({ type: 'media-delta', choice, index: next.open.index, data })
  if (transcript !== '') parts.push({ type: 'delta', choice, index: next.open.index, text: transcript })
  return next
}

function whole(state: ChoiceState, { index: choice, parts }: Into, part: Part): ChoiceState {
  parts.push({ type: 'part-start', choice, index: state.next, part }, { type: 'part-end', choice, index: state.next })
  return { ...state, next: state.next + 1 }
}

function readCall(call: JsonObject, before: ChoiceState, into: Into): ChoiceState {
  const { index: choice, parts } = into
  const id = stringAt(call, 'id') ?? ''
  const custom = objectAt(call, 'custom')
  const own = custom ?? objectAt(call, 'function') ?? {}
  const at = callIndex(call, id, before)
  const known = before.calls.get(at)
  // The same index with another id is another call: some number all of theirs 0.
  if (known && id !== '' && known.id !== id && stringAt(own, 'name'))
    return readCall({ ...call, index: nextIndex(before) }, before, into)
  const text = growth(custom ? own['input'] : own['arguments'], known !== undefined)
  const token = stringAt(objectAt(objectAt(call, 'extra_content'), 'google'), 'thought_signature')
  const state = known ? before : begun(call, before, { ...into, at, name: stringAt(own, 'name') ?? '' })
  const current = state.calls.get(at)
  if (!current) return state
  if (text !== '') parts.push({ type: 'delta', choice, index: current.index, text })
  if (token !== undefined)
    parts.push({ type: 'signature', choice, index: current.index, signature: { vendor: 'google', value: token } })
  if (state.lastCall === at && (text === '' || !current.bare)) return state
  const bare = current.bare && text === ''
  return { ...state, lastCall: at, calls: new Map(state.calls).set(at, { ...current, bare }) }
}

/** Without an index: by its id if that is known, a new one if it names a tool, else the last one goes on. */
function callIndex(call: JsonObject, id: string, { calls, lastCall }: ChoiceState): number {
  const index = numberAt(call, 'index')
  if (index !== undefined) return index
  const same = [...calls].find(([, own]) => id !== '' && own.id === id)
  if (same) return same[0]
  const name = stringAt(objectAt(call, 'function'), 'name') ?? stringAt(objectAt(call, 'custom'), 'name') ?? ''
  return name !== '' || lastCall < 0 ? calls.size : lastCall
}

function nextIndex({ calls }: ChoiceState): number {
  return Math.max(-1, ...calls.keys()) + 1
}

function begun(
  call: JsonObject,
  state: ChoiceState,
  into: Into & { readonly at: number; readonly name: string },
): ChoiceState {
  const { index: choice, parts, context, at, name } = into
  const given = stringAt(call, 'id') ?? ''
  const id = given === '' ? `call_${context.id}_${state.calls.size}` : given
  const custom = objectAt(call, 'custom') !== undefined
  if (state.open) parts.push({ type: 'part-end', choice, index: state.open.index })
  const part: Part = { type: 'tool-call', id, name, input: '', ...(custom && { custom }) }
  parts.push({ type: 'part-start', choice, index: state.next, part })
  const own: CallState = { index: state.next, id, bare: true, custom }
  return { ...state, open: undefined, next: state.next + 1, lastCall: at, calls: new Map(state.calls).set(at, own) }
}

/** More of a call's input. A whole object, the word null and nothing at all come too. */
function growth(value: Json | undefined, running: boolean): string {
  if (typeof value === 'string') return value === 'null' && !running ? '' : value
  return isObject(value) ? inputOf(value) : ''
}
