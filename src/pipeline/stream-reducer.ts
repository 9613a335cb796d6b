import type { Adapter, UpstreamFailure } from '#src/core/adapter.ts'
import type { Dialect } from '#src/core/dialect.ts'
import { isObject, parseJson } from '#src/core/json.ts'
import type { Usage } from '#src/core/usage.ts'
import { endSse, initialSse, readSse, type SseEvent, type SseState } from '#src/transport/sse.ts'
import { unusable } from './attempt-result.ts'
import { advance, isEmpty, isFinished, isWhole, START, type Progress } from './progress.ts'

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
}

/** Everything about a stream under way. A value: an older one stays true (law 5). */
export interface StreamState {
  readonly sse: SseState
  readonly progress: Progress
  /** Events that came before any content: until then another target may still answer instead. */
  readonly held: readonly Uint8Array[]
  readonly heldBytes: number
}

/** What one chunk leads to: bytes for the caller, and perhaps the end. */
export interface StreamStep {
  readonly state: StreamState
  readonly out: readonly Uint8Array[]
  /** Something other than comments came. */
  readonly alive: boolean
  readonly failure?: UpstreamFailure
}

export const STREAM_START: StreamState = { sse: initialSse, progress: START, held: [], heldBytes: 0 }

/** Events without content that are kept while nothing has been decided. */
const MAX_HELD_EVENTS = 1000
const MAX_HELD_BYTES = 8 * 1024 * 1024
/** Choices in one answer: more than anybody can ask for, and what is remembered of them stays small. */
const MAX_CHOICES = 1024

const LF = 10
const encoder = new TextEncoder()

/** Takes one chunk of the upstream's answer; after a failure, or once `progress.done`, nothing more may be given to it. */
export function reduceChunk(rules: StreamRules, state: StreamState, chunk: Uint8Array): StreamStep {
  const { state: sse, events } = readSse(state.sse, chunk)
  const step = reduceEvents(rules, { ...state, sse }, events)
  if (!step.failure && sse.tooLarge) return { ...step, failure: unusable('an event of the upstream is too large') }
  return step
}

/** The upstream ended its answer: is it whole? An event without its last blank line still counts. */
export function reduceEnd(rules: StreamRules, state: StreamState): StreamStep {
  const step = reduceEvents(rules, state, endSse(state.sse).map(closed))
  if (step.failure) return step
  const { progress } = step.state
  if (!isWhole(progress, rules.adapter.streamEnd, rules.choices)) {
    return { ...step, failure: unusable('the upstream ended its answer before it was complete') }
  }
  if (isEmpty(progress)) return { ...step, failure: unusable('the upstream gave an empty answer') }
  return { ...step, out: [...step.state.held, ...step.out] }
}

/** With the blank line that it lacks: what is written next must not become a part of it. */
function closed(event: SseEvent): SseEvent {
  const bytes = new Uint8Array(event.bytes.length + 2)
  bytes.set(event.bytes)
  bytes.fill(LF, event.bytes.length)
  return { ...event, bytes }
}

function reduceEvents(rules: StreamRules, start: StreamState, events: readonly SseEvent[]): StreamStep {
  let state = start
  const out: Uint8Array[] = []
  const alive = events.some((event) => !event.comment)
  for (const event of events) {
    if (state.progress.done) break
    const next = reduceEvent(rules, state, event)
    if (next.failure) return { state, out, alive, failure: next.failure }
    state = next.state
    if (!state.progress.content) continue
    if (state.held.length > 0) {
      out.push(...state.held)
      state = { ...state, held: [], heldBytes: 0 }
    }
    if (next.bytes) out.push(next.bytes)
  }
  return { state, out, alive }
}

interface EventStep {
  readonly state: StreamState
  /** What the caller gets of this event, once there is content. */
  readonly bytes?: Uint8Array
  readonly failure?: UpstreamFailure
}

function reduceEvent(rules: StreamRules, state: StreamState, event: SseEvent): EventStep {
  if (event.error !== undefined) return { state, failure: saidError(rules, event.error) }
  if (event.data === undefined) return event.comment && !state.progress.content ? { state } : keep(state, event.bytes)
  // The proper end is written when the bill is booked.
  if (event.data.trim() === '[DONE]') return { state: { ...state, progress: { ...state.progress, done: true } } }
  const value = parseJson(event.data)
  if (event.name === 'error' && !isObject(value)) return { state, failure: saidError(rules, event.data) }
  if (!isObject(value)) return { state, failure: unusable('the upstream sent an event that is not JSON') }
  const { adapter, dialect } = rules
  const seen = adapter.observe(value, { endpoint: dialect.endpoint, stream: true, event: event.name })
  if (seen.failure) return { state, failure: seen.failure }
  const next = { ...state, progress: advance(state.progress, seen) }
  if (next.progress.begun.size > Math.max(MAX_CHOICES, rules.choices))
    return { state, failure: unusable('the upstream sends more choices than were asked for') }
  if (!seen.usage) return keep(next, event.bytes)
  if (seen.usageOnly && !rules.wantsUsage) return { state: next }
  // Some write no finish reason; an event that holds usage alone comes after the answer all the same.
  if (!seen.usageOnly && !isFinished(next.progress)) return keep(next, event.bytes)
  return keep(next, rewrite(event, rules.priced(event.data, seen.usage)))
}

/** Before the first content an event is held back, after it the caller gets it. */
function keep(state: StreamState, bytes: Uint8Array): EventStep {
  if (state.progress.content) return { state, bytes }
  const heldBytes = state.heldBytes + bytes.length
  if (state.held.length >= MAX_HELD_EVENTS || heldBytes > MAX_HELD_BYTES)
    return { state, failure: unusable('the upstream sends events without content') }
  return { state: { ...state, held: [...state.held, bytes], heldBytes } }
}

function saidError(rules: StreamRules, text: string): UpstreamFailure {
  const value = parseJson(text)
  const error =
    isObject(value) && isObject(value['error']) ? value : { error: isObject(value) ? value : { message: text } }
  const seen = rules.adapter.observe(error, { endpoint: rules.dialect.endpoint, stream: true, event: 'error' })
  return seen.failure ?? unusable('the upstream reported an error in the middle of its answer')
}

function rewrite(event: SseEvent, data: string): Uint8Array {
  if (data === event.data) return event.bytes
  const name = event.name === undefined ? '' : `event: ${event.name}\n`
  return encoder.encode(`${name}data: ${data}\n\n`)
}
