import type { Adapter, StreamEnd, UpstreamFailure } from '#src/core/adapter.ts'
import type { StreamPart } from '#src/core/answer.ts'
import type { ConversationCodec } from '#src/core/codec.ts'
import type { CostNote, Dialect } from '#src/core/dialect.ts'
import { isObject, parseJson, type JsonObject } from '#src/core/json.ts'
import type { Usage } from '#src/core/usage.ts'
import type { WireEvent } from '#src/core/wire-event.ts'
import { endFrames, readFrames, startFrames, type FrameState } from '#src/transport/framing.ts'
import { unusable } from './attempt-result.ts'
import type { Redactor } from './redactor.ts'
import type { Step, Watch } from './watch.ts'
import { witnessed, type Witness } from './witness.ts'
import { advance, isEmpty, isFinished, isWhole, START, type Progress } from './progress.ts'
import {
  beginTranslating,
  hear,
  listenWith,
  translateEnd,
  translateEvent,
  type Between,
  type Listening,
  type Translated,
  type Translating,
} from './translated.ts'

/** What the reducer needs to know about the two ends of one stream. */
export interface StreamRules {
  readonly adapter: Adapter
  readonly dialect: Dialect
  /** The caller asked for usage; otherwise the chunk that holds nothing else is withheld. */
  readonly wantsUsage: boolean
  /** Answers asked for: a stream that says nothing of one of them is not whole. */
  readonly choices: number
  /** Writes the bill into an event's usage object. */
  readonly priced: (data: string, usage: Usage) => string
  /** What the last usage object says of the bill; without usage it is an estimate. */
  readonly note: (usage: Usage | undefined, generatedBytes: number) => CostNote
  /** They speak different dialects. */
  readonly between?: Between
  /** They speak the same, and what the upstream says is heard all the same; `keeps`: what it thought is kept for it. `id`: unique to the attempt. */
  readonly listener?: { readonly codec: ConversationCodec; readonly id: string; readonly keeps: boolean }
  /** Takes personal data out of what is not read as an answer; undefined: nobody wants it out. */
  readonly redactor?: Redactor
  /** Judges who answers; undefined: nobody asks. */
  readonly witness?: Witness
  /** Looks at what is said before the caller does; undefined: nobody does. */
  readonly watch?: Watch
}

/** Everything about a stream under way. A value: an older one stays true (law 5). */
export interface StreamState {
  readonly frames: FrameState
  readonly progress: Progress
  /** Set where the two ends speak different dialects. */
  readonly translating: Translating | undefined
  readonly listening: Listening | undefined
  /** The upstream's last event, kept back until the bill is booked. */
  readonly closing: Uint8Array | undefined
  /** Events that were framed anew for the caller. */
  readonly framed: number
  /** Events that came before any content: until then another target may still answer instead. */
  readonly held: readonly Uint8Array[]
  readonly heldBytes: number
}

/** What one chunk leads to: bytes for the caller, and perhaps the end. */
export interface StreamStep extends Step {
  readonly state: StreamState
  /** Something other than comments came. */
  readonly alive: boolean
  readonly failure?: UpstreamFailure
}

export const STREAM_START: StreamState = {
  frames: startFrames('sse'),
  progress: START,
  translating: undefined,
  listening: undefined,
  closing: undefined,
  framed: 0,
  held: [],
  heldBytes: 0,
}

/** The state before the first byte. */
export function startStream({ between, listener }: StreamRules): StreamState {
  if (!between) return listener ? { ...STREAM_START, listening: listenWith(listener.codec, listener.id) } : STREAM_START
  return { ...STREAM_START, frames: startFrames(between.codec.framing), translating: beginTranslating(between) }
}

/** Events without content that are kept while nothing has been decided. */
const MAX_HELD_EVENTS = 1000
const MAX_HELD_BYTES = 8 * 1024 * 1024
/** Choices in one answer: more than anybody can ask for, and what is remembered of them stays small. */
const MAX_CHOICES = 1024

const LF = 10
const encoder = new TextEncoder()
const decoder = new TextDecoder()

/** Takes one chunk of the upstream's answer; after a failure, or once `progress.done`, nothing more may be given to it. */
export function reduceChunk(rules: StreamRules, state: StreamState, chunk: Uint8Array): StreamStep {
  const { state: frames, events, failure } = readFrames(state.frames, chunk)
  const step = reduceEvents(rules, { ...state, frames }, events)
  return !step.failure && failure !== undefined ? { ...step, failure: unusable(failure) } : step
}

/** The upstream ended its answer: is it whole? An event without its last blank line still counts. */
export function reduceEnd(rules: StreamRules, state: StreamState): StreamStep {
  const { events, failure } = endFrames(state.frames)
  const read = reduceEvents(rules, state, events.map(closed))
  const step = read.failure || !state.translating ? read : closeTranslation(rules, read)
  if (step.failure) return step
  if (failure !== undefined && !step.state.progress.done) return { ...step, failure: unusable(failure) }
  const { progress } = step.state
  if (!isWhole(progress, streamEndOf(rules), rules.choices)) {
    return { ...step, failure: unusable('the upstream ended its answer before it was complete') }
  }
  if (isEmpty(progress)) return { ...step, failure: unusable('the upstream gave an empty answer') }
  return { ...step, out: [...step.state.held, ...step.out] }
}

/** What ends a whole stream for the caller, written once the bill is booked. */
export function endOfStream(
  { note, dialect }: StreamRules,
  { translating, progress, closing }: StreamState,
): string | Uint8Array {
  if (translating) return translating.renderer.finish(note(progress.usage, progress.generatedBytes))
  return closing ?? dialect.done
}

function streamEndOf({ adapter, dialect, between }: StreamRules): StreamEnd {
  if (!between) return adapter.streamEnds?.[dialect.endpoint] ?? adapter.streamEnd
  return between.codec.streamEnd ?? adapter.streamEnd
}

function closeTranslation(rules: StreamRules, step: StreamStep): StreamStep {
  const { translating } = step.state
  if (!translating || step.state.progress.done) return step
  const { state, bytes, said = [], failure } = translatedStep(rules, step.state, translateEnd(translating))
  if (failure) return { ...step, state, failure }
  const out = state.progress.content ? [...step.out, ...state.held, ...(bytes ? [bytes] : [])] : step.out
  const after = state.progress.content ? { ...state, held: [], heldBytes: 0 } : state
  return { ...step, state: after, out, said: [...step.said, ...said] }
}

/** With the blank line that it lacks: what is written next must not become a part of it. */
function closed(event: WireEvent): WireEvent {
  const bytes = new Uint8Array(event.bytes.length + 2)
  bytes.set(event.bytes)
  bytes.fill(LF, event.bytes.length)
  return { ...event, bytes }
}

function reduceEvents(rules: StreamRules, start: StreamState, events: readonly WireEvent[]): StreamStep {
  let state = start
  const out: Uint8Array[] = []
  const said: StreamPart[] = []
  const came: JsonObject[] = []
  const alive = events.some((event) => !event.comment)
  for (const event of events) {
    if (state.progress.done) break
    const next = state.translating
      ? translatedStep(rules, state, translateEvent(state.translating, event))
      : reduceEvent(rules, state, event)
    if (next.failure) return { state, out, said, came, alive, failure: next.failure }
    state = next.state
    if (rules.watch && next.said) said.push(...next.said)
    if (rules.watch && next.came) came.push(next.came)
    if (!state.progress.content) continue
    if (state.held.length > 0) {
      out.push(...state.held)
      state = { ...state, held: [], heldBytes: 0 }
    }
    if (next.bytes) out.push(next.bytes)
  }
  return { state, out, said, came, alive }
}

interface EventStep {
  readonly state: StreamState
  /** What the caller gets of this event, once there is content. */
  readonly bytes?: Uint8Array
  readonly said?: readonly StreamPart[] | undefined
  readonly came?: JsonObject
  readonly failure?: UpstreamFailure
}

function reduceEvent(rules: StreamRules, state: StreamState, event: WireEvent): EventStep {
  if (event.error !== undefined) return { state, failure: saidError(rules, event.error) }
  if (event.data === undefined) {
    if (event.comment) return state.progress.content ? keep(state, event.bytes) : { state }
    const bare = bareError(event)
    return bare === undefined ? keep(state, event.bytes) : { state, failure: saidError(rules, bare) }
  }
  // The proper end is written when the bill is booked.
  if (event.data.trim() === '[DONE]') return { state: { ...state, progress: { ...state.progress, done: true } } }
  const value = parseJson(event.data)
  if (event.name === 'error' && !isObject(value)) return { state, failure: saidError(rules, event.data) }
  if (!isObject(value)) return { state, failure: unusable('the upstream sent an event that is not JSON') }
  const { adapter, dialect } = rules
  const seen = adapter.observe(value, { endpoint: dialect.endpoint, stream: true, event: event.name })
  if (seen.failure) return { state, failure: seen.failure }
  const progress = advance(state.progress, seen)
  const foul = witnessed(rules.witness, state.progress, progress)
  if (foul) return { state, failure: foul }
  const heard = state.listening && hear(state.listening, event)
  const next = { ...state, listening: heard?.listening, progress }
  if (next.progress.begun.size > Math.max(MAX_CHOICES, rules.choices)) return tooManyChoices(state)
  const heardOf = { said: heard?.said, came: value }
  if (seen.usageOnly && !rules.wantsUsage) return { state: next, ...heardOf }
  // Some write no finish reason; an event that holds usage alone comes after the answer all the same.
  const last = seen.usage !== undefined && (seen.usageOnly || isFinished(next.progress))
  const data = last && next.progress.usage ? rules.priced(event.data, next.progress.usage) : event.data
  if (seen.done === true) return { state: { ...next, closing: written(rules, next, { event, data }) }, ...heardOf }
  if (!dialect.streaming) return { ...keep(next, rewrite(event, data)), ...heardOf }
  return { ...keep({ ...next, framed: next.framed + 1 }, written(rules, next, { event, data })), ...heardOf }
}

function tooManyChoices(state: StreamState): EventStep {
  return { state, failure: unusable('the upstream sends more choices than were asked for') }
}

interface Written {
  readonly event: WireEvent
  readonly data: string
}

/** An event as the caller gets it: in another framing where its dialect's variant has one. */
function written({ dialect }: StreamRules, { framed }: StreamState, { event, data }: Written): Uint8Array {
  return dialect.streaming ? encoder.encode(dialect.streaming.frame(data, framed === 0)) : rewrite(event, data)
}

/** What came of one event of a translated stream. */
function translatedStep(
  { witness }: StreamRules,
  state: StreamState,
  { state: translating, out, said, seen }: Translated,
): EventStep {
  if (seen.failure) return { state, failure: seen.failure }
  const progress = advance(state.progress, seen)
  const foul = witnessed(witness, state.progress, progress)
  if (foul) return { state, failure: foul }
  const next = { ...state, translating, progress }
  if (next.progress.begun.size > MAX_CHOICES) return tooManyChoices(state)
  return out === '' ? { state: next, said } : { ...keep(next, encoder.encode(out)), said }
}

/** Before the first content an event is held back, after it the caller gets it. */
function keep(state: StreamState, bytes: Uint8Array): EventStep {
  if (state.progress.content) return { state, bytes }
  const heldBytes = state.heldBytes + bytes.length
  if (state.held.length >= MAX_HELD_EVENTS || heldBytes > MAX_HELD_BYTES)
    return { state, failure: unusable('the upstream sends events without content') }
  return { state: { ...state, held: [...state.held, bytes], heldBytes } }
}

/** Google writes an error behind a stream's events as it would write it alone: an object without `data:`. */
function bareError({ bytes }: WireEvent): string | undefined {
  const text = decoder.decode(bytes)
  const value = parseJson(text)
  return isObject(value) && 'error' in value ? text : undefined
}

function saidError(rules: StreamRules, text: string): UpstreamFailure {
  const value = parseJson(text)
  const error =
    isObject(value) && isObject(value['error']) ? value : { error: isObject(value) ? value : { message: text } }
  const seen = rules.adapter.observe(error, { endpoint: rules.dialect.endpoint, stream: true, event: 'error' })
  return seen.failure ?? unusable('the upstream reported an error in the middle of its answer')
}

function rewrite(event: WireEvent, data: string): Uint8Array {
  if (data === event.data) return event.bytes
  const name = event.name === undefined ? '' : `event: ${event.name}\n`
  return encoder.encode(`${name}data: ${data}\n\n`)
}
