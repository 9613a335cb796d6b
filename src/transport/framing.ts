import type { Framing } from '#src/core/wire-event.ts'
import { endEventStream, EVENT_STREAM_START, readEventStream, type EventStreamState } from './event-stream.ts'
import { TOO_LARGE, type FrameEnd, type FrameRead } from './frame-read.ts'
import { endJsonArray, JSON_ARRAY_START, readJsonArray, type JsonArrayState } from './json-array.ts'
import { endNdjson, NDJSON_START, readNdjson, type NdjsonState } from './ndjson.ts'
import { endSse, initialSse, readSse, type SseState } from './sse.ts'

/** A reader's state, whatever the framing. A value: an older one stays valid and may be read on from again. */
export type FrameState = SseState | EventStreamState | NdjsonState | JsonArrayState

const STARTS: Readonly<Record<Framing, FrameState>> = {
  sse: initialSse,
  'event-stream': EVENT_STREAM_START,
  ndjson: NDJSON_START,
  'json-array': JSON_ARRAY_START,
}

/** The state before the first byte; one event may have 8 MiB. */
export function startFrames(framing: Framing): FrameState {
  return STARTS[framing]
}

/** Reads one chunk; its memory may be used again only once the events are done with. After a failure every read gives that failure. */
export function readFrames(state: FrameState, chunk: Uint8Array): FrameRead<FrameState> {
  switch (state.kind) {
    case 'sse': {
      const read = readSse(state, chunk)
      return read.state.tooLarge ? { ...read, failure: TOO_LARGE } : read
    }
    case 'event-stream':
      return readEventStream(state, chunk)
    case 'ndjson':
      return readNdjson(state, chunk)
    case 'json-array':
      return readJsonArray(state, chunk)
  }
}

/** What the input's end leaves. An event of lines needs no line end; inside a frame or an array the end is a failure. */
export function endFrames(state: FrameState): FrameEnd {
  switch (state.kind) {
    case 'sse':
      return { events: endSse(state) }
    case 'event-stream':
      return endEventStream(state)
    case 'ndjson':
      return endNdjson(state)
    case 'json-array':
      return endJsonArray(state)
  }
}

/** The framing itself has said that nothing more comes. Only an array can say so; for the others the events have to. */
export function isClosed(state: FrameState): boolean {
  return state.kind === 'json-array' && state.closed
}
