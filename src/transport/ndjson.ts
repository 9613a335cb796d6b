import type { WireEvent } from '#src/core/wire-event.ts'
import { EVENT_LIMIT, TOO_LARGE, type FrameEnd, type FrameRead } from './frame-read.ts'
import { append, bytesOf, sizeOf, type Pending } from './pending.ts'

/**
 * Lines of JSON: a line feed, or carriage return and line feed, ends each. A value.
 * Concatenating the `bytes` of all events and of `endNdjson` gives the input back.
 */
export interface NdjsonState {
  readonly kind: 'ndjson'
  /** Bytes of the line that has begun. */
  readonly pending: Pending | undefined
  /** No line has ended yet: a byte order mark may come. */
  readonly first: boolean
  readonly failure: string | undefined
}

/** The state before the first byte. */
export const NDJSON_START: NdjsonState = { kind: 'ndjson', pending: undefined, first: true, failure: undefined }

const LF = 10
const CR = 13
/** Only the first line's takes a byte order mark away. */
const firstDecoder = new TextDecoder('utf-8')
const decoder = new TextDecoder('utf-8', { ignoreBOM: true })

/** Reads one chunk; each byte is looked at once. A blank line is a comment. Fails on a line over 8 MiB. */
export function readNdjson(state: NdjsonState, chunk: Uint8Array): FrameRead<NdjsonState> {
  if (state.failure !== undefined) return { state, events: [], failure: state.failure }
  const events: WireEvent[] = []
  let { pending, first } = state
  let start = 0
  for (let end = chunk.indexOf(LF); end >= 0; end = chunk.indexOf(LF, start)) {
    const part = chunk.subarray(start, end + 1)
    if (sizeOf(pending) + part.length > EVENT_LIMIT) return tooLarge(state, events)
    events.push(lineOf(pending === undefined ? part : bytesOf(append(pending, part)), first))
    pending = undefined
    first = false
    start = end + 1
  }
  if (sizeOf(pending) + chunk.length - start > EVENT_LIMIT) return tooLarge(state, events)
  if (start < chunk.length) pending = append(pending, chunk.subarray(start))
  return { state: { kind: 'ndjson', pending, first, failure: undefined }, events }
}

/** The last line needs no line feed; whether it is cut only its JSON can tell. */
export function endNdjson(state: NdjsonState): FrameEnd {
  if (state.failure !== undefined) return { events: [], failure: state.failure }
  return { events: state.pending === undefined ? [] : [lineOf(bytesOf(state.pending), state.first)] }
}

function tooLarge(state: NdjsonState, events: readonly WireEvent[]): FrameRead<NdjsonState> {
  return { state: { ...state, pending: undefined, failure: TOO_LARGE }, events, failure: TOO_LARGE }
}

function lineOf(bytes: Uint8Array, first: boolean): WireEvent {
  let end = bytes.length
  if (bytes[end - 1] === LF) end--
  if (bytes[end - 1] === CR) end--
  const data = (first ? firstDecoder : decoder).decode(bytes.subarray(0, end))
  return isBlank(data) ? { bytes, comment: true } : { bytes, data, comment: false }
}

/** Looks no further than the first character that says something. */
function isBlank(line: string): boolean {
  for (let at = 0; at < line.length; at++) if (!' \t\r'.includes(line.charAt(at))) return false
  return true
}
