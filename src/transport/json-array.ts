import type { WireEvent } from '#src/core/wire-event.ts'
import { ENDED_INSIDE, EVENT_LIMIT, TOO_LARGE, type FrameEnd, type FrameRead } from './frame-read.ts'
import { append, bytesOf, sizeOf, type Pending } from './pending.ts'

/**
 * One JSON array whose elements arrive over time (Gemini without `alt=sse`): each is an event. An object in the place of the array is the
 * one event: an error with status 200. Only where elements begin and end is found here; what is inside of one is for its reader to parse. A value.
 */
export interface JsonArrayState {
  readonly kind: 'json-array'
  readonly phase: Phase
  /** A `]` ended the array: the body is whole. */
  readonly closed: boolean
  /** The element stands in the place of the array. */
  readonly alone: boolean
  /** Objects and arrays that are open in the element. */
  readonly depth: number
  readonly string: 'no' | 'yes' | 'escaped'
  /** Bytes of a byte order mark that have come. */
  readonly marked: number
  /** Bytes of the element that has begun. */
  readonly pending: Pending | undefined
  readonly failure: string | undefined
}

/** `start`: before the array; `first`: behind its bracket; `after`: behind an element; `next`: behind a comma; `end`: nothing may come. */
type Phase = 'start' | 'first' | 'element' | 'after' | 'next' | 'end'

/** The state before the first byte. */
export const JSON_ARRAY_START: JsonArrayState = {
  kind: 'json-array',
  phase: 'start',
  closed: false,
  alone: false,
  depth: 0,
  string: 'no',
  marked: 0,
  pending: undefined,
  failure: undefined,
}

const QUOTE = 34
const COMMA = 44
const MINUS = 45
const ZERO = 48
const NINE = 57
const OPEN_ARRAY = 91
const BACKSLASH = 92
const CLOSE_ARRAY = 93
const LOWER_F = 102
const LOWER_N = 110
const LOWER_T = 116
const OPEN_OBJECT = 123
const CLOSE_OBJECT = 125
const BYTE_ORDER_MARK = [0xef, 0xbb, 0xbf] as const
const decoder = new TextDecoder('utf-8')

/** Reads one chunk; each byte is looked at once. Fails on an element over 8 MiB, and on anything that is no array of elements. */
export function readJsonArray(state: JsonArrayState, chunk: Uint8Array): FrameRead<JsonArrayState> {
  const events: WireEvent[] = []
  let now = state
  let at = 0
  while (at < chunk.length && now.failure === undefined) {
    if (now.phase === 'element') {
      const step = readElement(now, chunk, at)
      if (step.event) events.push(step.event)
      now = step.state
      at = step.end
    } else {
      now = between(now, chunk[at] ?? 0)
      // An element's first byte is a part of it.
      if (now.phase !== 'element') at++
    }
  }
  return now.failure === undefined ? { state: now, events } : { state: now, events, failure: now.failure }
}

/** A body that ends before its array does is cut: a failure. */
export function endJsonArray({ failure, phase }: JsonArrayState): FrameEnd {
  if (failure !== undefined) return { events: [], failure }
  if (phase === 'end') return { events: [] }
  const ended = phase === 'element' ? ENDED_INSIDE : 'the upstream ended in the middle of its array of events'
  return { events: [], failure: ended }
}

/** One byte outside of elements. */
function between(state: JsonArrayState, byte: number): JsonArrayState {
  if (state.phase === 'start') return begin(state, byte)
  if (isSpace(byte)) return state
  if (byte === CLOSE_ARRAY && (state.phase === 'first' || state.phase === 'after'))
    return { ...state, phase: 'end', closed: true }
  if (byte === COMMA && state.phase === 'after') return { ...state, phase: 'next' }
  if (beginsValue(byte) && (state.phase === 'first' || state.phase === 'next')) return { ...state, phase: 'element' }
  return damaged(state, state.phase === 'end' ? 'something follows its end' : 'something stands between its elements')
}

/** One byte before the array. */
function begin(state: JsonArrayState, byte: number): JsonArrayState {
  const { marked } = state
  if (byte === BYTE_ORDER_MARK[marked]) return { ...state, marked: marked + 1 }
  if (marked === 0 || marked === BYTE_ORDER_MARK.length) {
    if (isSpace(byte)) return state
    if (byte === OPEN_ARRAY) return { ...state, phase: 'first' }
    if (byte === OPEN_OBJECT) return { ...state, phase: 'element', alone: true }
  }
  return damaged(state, 'it begins as neither an array nor an object')
}

function damaged(state: JsonArrayState, how: string): JsonArrayState {
  return { ...state, failure: `the upstream's array of events is damaged: ${how}` }
}

function isSpace(byte: number | undefined): boolean {
  return byte === 32 || byte === 10 || byte === 13 || byte === 9
}

function beginsValue(byte: number): boolean {
  if (byte === OPEN_OBJECT || byte === OPEN_ARRAY || byte === QUOTE || byte === MINUS) return true
  return (byte >= ZERO && byte <= NINE) || byte === LOWER_T || byte === LOWER_F || byte === LOWER_N
}

interface ElementStep {
  readonly state: JsonArrayState
  /** Where the element's bytes end in the chunk. */
  readonly end: number
  readonly event?: WireEvent
}

function readElement(state: JsonArrayState, chunk: Uint8Array, from: number): ElementStep {
  const { end, whole, depth, string } = scan(state, chunk, from)
  const part = chunk.subarray(from, end)
  if (sizeOf(state.pending) + part.length > EVENT_LIMIT)
    return { state: { ...state, pending: undefined, failure: TOO_LARGE }, end }
  if (!whole) return { state: { ...state, depth, string, pending: append(state.pending, part) }, end }
  const bytes = state.pending === undefined ? part : bytesOf(append(state.pending, part))
  const event: WireEvent = { bytes, data: decoder.decode(bytes), comment: false }
  const phase = state.alone ? 'end' : 'after'
  return { state: { ...state, phase, depth: 0, string: 'no', pending: undefined }, end, event }
}

interface Scanned {
  readonly end: number
  /** The element ended in this chunk. */
  readonly whole: boolean
  readonly depth: number
  readonly string: JsonArrayState['string']
}

/** Finds the element's end: its last bracket or quote; of a number or a word, the byte before what cannot be in one. */
function scan(state: JsonArrayState, chunk: Uint8Array, from: number): Scanned {
  let { depth, string } = state
  for (let at = from; at < chunk.length; at++) {
    const byte = chunk[at]
    if (string === 'yes') {
      if (byte === BACKSLASH) string = 'escaped'
      else if (byte === QUOTE) {
        string = 'no'
        if (depth === 0) return { end: at + 1, whole: true, depth, string }
      }
    } else if (string === 'escaped') string = 'yes'
    else if (byte === QUOTE) string = 'yes'
    else if (byte === OPEN_OBJECT || byte === OPEN_ARRAY) depth++
    else if (byte === CLOSE_OBJECT || byte === CLOSE_ARRAY) {
      if (depth <= 1) return { end: depth === 0 ? at : at + 1, whole: true, depth, string }
      depth--
    } else if (depth === 0 && (byte === COMMA || isSpace(byte))) return { end: at, whole: true, depth, string }
  }
  return { end: chunk.length, whole: false, depth, string }
}
