import type { WireEvent } from '#src/core/wire-event.ts'
import { EVENT_LIMIT } from './frame-read.ts'
import { append, bytesOf, sizeOf, type Pending } from './pending.ts'

/** One block of an event stream, up to and with the blank line that ends it. */
export type SseEvent = WireEvent

/**
 * A reader's state is a value: an old one stays valid and may be read on from again.
 * Concatenating the `bytes` of all events and of `endSse` gives the input back.
 */
export interface SseState {
  readonly kind: 'sse'
  readonly phase: Phase
  /** Bytes of the event that has begun. */
  readonly pending: Pending | undefined
  /** No event has ended yet: a byte order mark may come. */
  readonly first: boolean
  /** Bytes that one event may have. */
  readonly limit: number
  /** An event was over the limit: there is nothing more to read from this stream. */
  readonly tooLarge: boolean
}

export interface SseRead {
  readonly state: SseState
  readonly events: readonly SseEvent[]
}

/** After a CR the next byte decides, so that CR and LF in two chunks are what they are in one: an LF belongs to the same line end. */
type Phase = 'line-start' | 'in-line' | 'after-cr' | 'after-blank-cr'

const LF = 10
const CR = 13
const COLON = 58
const SPACE = 32
const DATA = [100, 97, 116, 97, COLON] as const
const BYTE_ORDER_MARK = [0xef, 0xbb, 0xbf] as const
const NO_EVENTS: readonly SseEvent[] = []
const decoder = new TextDecoder('utf-8', { ignoreBOM: true })

/** The state before the first byte; one event may have 8 MiB. */
export const initialSse: SseState = sseWithLimit(EVENT_LIMIT)

/** The state before the first byte, with another limit in bytes for one event. */
export function sseWithLimit(limit: number): SseState {
  return { kind: 'sse', phase: 'line-start', pending: undefined, first: true, limit, tooLarge: false }
}

/** Reads one chunk. Each byte is looked at once; a whole event in a chunk is a view of it, and the chunk itself where it is all of it. */
export function readSse(state: SseState, chunk: Uint8Array): SseRead {
  if (state.tooLarge || chunk.length === 0) return { state, events: NO_EVENTS }
  const cuts = scan(chunk, state.phase)
  const events: SseEvent[] = []
  let { pending, first } = state
  let start = 0
  for (const { end, line } of cuts.ends) {
    const part = start === 0 && end === chunk.length ? chunk : chunk.subarray(start, end)
    if (sizeOf(pending) + part.length > state.limit) return { state: overLimit(state), events }
    if (pending === undefined) events.push(eventOf(part, first, line - start))
    else events.push(eventOf(bytesOf(append(pending, part)), first, -1))
    pending = undefined
    first = false
    start = end
  }
  if (sizeOf(pending) + chunk.length - start > state.limit) return { state: overLimit(state), events }
  if (start < chunk.length) pending = append(pending, start === 0 ? chunk : chunk.subarray(start))
  return { state: { kind: 'sse', phase: cuts.phase, pending, first, limit: state.limit, tooLarge: false }, events }
}

/** What the input's end leaves: the event that no blank line ended, if one had begun. A parser of browsers would drop it; upstreams do end so. */
export function endSse(state: SseState): readonly SseEvent[] {
  return state.pending === undefined ? NO_EVENTS : [eventOf(bytesOf(state.pending), state.first, -1)]
}

interface Cut {
  /** Where the event ends: behind its blank line. */
  readonly end: number
  /** Where its line ends, if what this chunk holds of the event is one line, ended by LF; else -1. */
  readonly line: number
}

/** Finds the ends of events in a chunk. Both searches remember what they found, so that many of one kind of line end cost no search for the other. */
function scan(chunk: Uint8Array, from: Phase): { readonly ends: readonly Cut[]; readonly phase: Phase } {
  const ends: Cut[] = []
  let phase = from
  let at = 0
  let lf = -1
  let cr = -1
  let line = -1
  let lines = 0
  while (at < chunk.length) {
    if (phase === 'in-line') {
      if (lf < at) lf = positionOf(LF, chunk, at)
      if (cr < at) cr = positionOf(CR, chunk, at)
      const end = Math.min(lf, cr)
      if (end === chunk.length) break
      line = end
      lines += lf < cr ? 1 : 2
      phase = lf < cr ? 'line-start' : 'after-cr'
      at = end + 1
      continue
    }
    const byte = chunk[at]
    if (phase === 'after-cr') {
      if (byte === LF) at++
      phase = 'line-start'
    } else if (phase === 'after-blank-cr' || byte === LF) {
      if (byte === LF) at++
      ends.push({ end: at, line: lines === 1 && phase === 'line-start' ? line : -1 })
      phase = 'line-start'
      lines = 0
    } else if (byte === CR) {
      phase = 'after-blank-cr'
      at++
    } else phase = 'in-line'
  }
  return { ends, phase }
}

function positionOf(byte: number, chunk: Uint8Array, from: number): number {
  const at = chunk.indexOf(byte, from)
  return at < 0 ? chunk.length : at
}

function overLimit(state: SseState): SseState {
  return { ...state, pending: undefined, tooLarge: true }
}

/** `line`: where the event's only line ends; -1: not known. */
function eventOf(bytes: Uint8Array, first: boolean, line: number): SseEvent {
  if (line > 0 && startsWith(bytes, DATA)) {
    const begin = bytes[DATA.length] === SPACE ? DATA.length + 1 : DATA.length
    // Cheaper than decoding a view of the line; before and behind it are single bytes only.
    return { bytes, data: decoder.decode(bytes).slice(begin, line - bytes.length), comment: false }
  }
  const marked = first && startsWith(bytes, BYTE_ORDER_MARK)
  const text = decoder.decode(marked ? bytes.subarray(BYTE_ORDER_MARK.length) : bytes)
  return fieldsOf(bytes, text)
}

function startsWith(bytes: Uint8Array, prefix: readonly number[]): boolean {
  for (let index = 0; index < prefix.length; index++) if (bytes[index] !== prefix[index]) return false
  return true
}

/** UTF-8 may be decoded before the lines are cut: CR and LF are never part of another character. */
function fieldsOf(bytes: Uint8Array, decoded: string): SseEvent {
  const text = decoded.includes('\r') ? decoded.replaceAll('\r\n', '\n').replaceAll('\r', '\n') : decoded
  const data: string[] = []
  const error: string[] = []
  let name = ''
  let comment = true
  for (let begin = 0; begin < text.length;) {
    const found = text.indexOf('\n', begin)
    const end = found < 0 ? text.length : found
    if (end > begin && text.charCodeAt(begin) !== COLON) {
      comment = false
      if (isField(text, begin, 'data')) data.push(valueOf(text, begin + 4, end))
      else if (isField(text, begin, 'event')) name = valueOf(text, begin + 5, end)
      else if (isField(text, begin, 'error')) error.push(valueOf(text, begin + 5, end))
    }
    begin = end + 1
  }
  const event: { -readonly [Name in keyof SseEvent]: SseEvent[Name] } = { bytes, comment }
  if (data.length > 0) event.data = data.join('\n')
  if (name !== '') event.name = name
  if (error.length > 0) event.error = error.join('\n')
  return event
}

/** A field's name is followed by a colon, or is its whole line. */
function isField(text: string, begin: number, field: string): boolean {
  if (!text.startsWith(field, begin)) return false
  const next = begin + field.length
  return next === text.length || text.charCodeAt(next) === COLON || text.charCodeAt(next) === LF
}

/** `from` is the colon, or the line's end. */
function valueOf(text: string, from: number, end: number): string {
  return text.slice(text.charCodeAt(from + 1) === SPACE ? from + 2 : from + 1, Math.max(from + 1, end))
}
