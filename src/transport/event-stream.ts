import { crc32, OVERHEAD_BYTES, PRELUDE_BYTES, readHeaders } from '#src/core/event-stream-frame.ts'
import type { WireEvent } from '#src/core/wire-event.ts'
import { ENDED_INSIDE, EVENT_LIMIT, TOO_LARGE, type FrameEnd, type FrameRead } from './frame-read.ts'
import { append, bytesOf, type Pending } from './pending.ts'

/**
 * AWS's binary event stream: frames with checksums. A value.
 * Concatenating the `bytes` of all events gives the input back, as far as it is whole.
 */
export interface EventStreamState {
  readonly kind: 'event-stream'
  /** Bytes of the frame that has begun. */
  readonly pending: Pending | undefined
  readonly failure: string | undefined
}

/** The state before the first byte. */
export const EVENT_STREAM_START: EventStreamState = { kind: 'event-stream', pending: undefined, failure: undefined }

const decoder = new TextDecoder('utf-8')

/** Reads one chunk. Fails on a wrong checksum, on impossible lengths and on a frame over 8 MiB, as soon as the bytes that show it are there. */
export function readEventStream(state: EventStreamState, chunk: Uint8Array): FrameRead<EventStreamState> {
  if (state.failure !== undefined) return { state, events: [], failure: state.failure }
  const joined = state.pending === undefined ? undefined : append(state.pending, chunk)
  const bytes = joined === undefined ? chunk : bytesOf(joined)
  const events: WireEvent[] = []
  let at = 0
  for (;;) {
    const frame = nextFrame(at === 0 ? bytes : bytes.subarray(at))
    if (frame === undefined) break
    if (typeof frame === 'string') return failed(events, frame)
    events.push(frame)
    at += frame.bytes.length
  }
  return { state: { kind: 'event-stream', pending: rest(bytes, at, joined), failure: undefined }, events }
}

/** A body that ends inside a frame is cut: a failure. */
export function endEventStream({ failure, pending }: EventStreamState): FrameEnd {
  if (failure !== undefined) return { events: [], failure }
  return pending === undefined ? { events: [] } : { events: [], failure: ENDED_INSIDE }
}

function failed(events: readonly WireEvent[], failure: string): FrameRead<EventStreamState> {
  return { state: { kind: 'event-stream', pending: undefined, failure }, events, failure }
}

/** What no frame took of the bytes. */
function rest(bytes: Uint8Array, from: number, joined: Pending | undefined): Pending | undefined {
  if (from === bytes.length) return undefined
  return from === 0 && joined !== undefined ? joined : append(undefined, bytes.subarray(from))
}

/** The frame that the bytes begin with; undefined: more of it has to come; a text: what is wrong. Lengths are believed only once their checksum holds. */
function nextFrame(bytes: Uint8Array): WireEvent | string | undefined {
  if (bytes.length < PRELUDE_BYTES) return undefined
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (view.getUint32(8) !== crc32(bytes.subarray(0, 8))) return damaged('the checksum of its lengths is wrong')
  const size = view.getUint32(0)
  const head = PRELUDE_BYTES + view.getUint32(4)
  if (size < head + OVERHEAD_BYTES - PRELUDE_BYTES) return damaged('its lengths are impossible')
  if (size > EVENT_LIMIT) return TOO_LARGE
  if (bytes.length < size) return undefined
  const end = size - 4
  if (view.getUint32(end) !== crc32(bytes.subarray(0, end))) return damaged('the checksum of an event is wrong')
  const headers = readHeaders(bytes.subarray(PRELUDE_BYTES, head))
  if (headers === undefined) return damaged('the headers of an event cannot be read')
  const own = size === bytes.length ? bytes : bytes.subarray(0, size)
  return eventOf(own, headers, decoder.decode(bytes.subarray(head, end)))
}

function damaged(how: string): string {
  return `the upstream's event stream is damaged: ${how}`
}

function eventOf(bytes: Uint8Array, headers: ReadonlyMap<string, string>, payload: string): WireEvent {
  switch (headers.get(':message-type')) {
    case 'exception':
      return { bytes, error: payload, name: headers.get(':exception-type') ?? 'exception', comment: false }
    case 'error': {
      const error = JSON.stringify({ message: headers.get(':error-message') ?? '' })
      return { bytes, error, name: headers.get(':error-code') ?? 'error', comment: false }
    }
    default: {
      const name = headers.get(':event-type')
      return name ? { bytes, data: payload, name, comment: false } : { bytes, data: payload, comment: false }
    }
  }
}
