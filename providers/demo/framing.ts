import type { JsonObject } from '#src/core/json.ts'
import { encodeEventStream } from '#src/core/event-stream-frame.ts'
import { utf8 } from './pieces.ts'
import type { Wire } from './script.ts'

type Bytes = Uint8Array<ArrayBuffer>

/** One event of a stream. */
export interface StreamEvent {
  readonly json: JsonObject | '[DONE]'
  /** A model had to think for it. */
  readonly generated: boolean
  readonly name?: string
  readonly id?: string
  /** It says that the answer is whole. */
  readonly end?: boolean
  /** Of frames: an exception, not an event. */
  readonly exception?: boolean
}

/** How events become bytes. */
export interface Framing {
  readonly type: string
  /** One event; `at` counts those before it. */
  event(event: StreamEvent, wire: Wire, at: number): Bytes
  /** What the framing itself has behind the last of so many events. */
  close?(count: number): string
}

function sse(lineEnding: 'lf' | 'crlf'): Framing {
  return {
    type: 'text/event-stream; charset=utf-8',
    event(event, wire) {
      const end = (wire.lineEnding ?? lineEnding) === 'crlf' ? '\r\n' : '\n'
      const space = wire.space === false ? '' : ' '
      // `[DONE]` says nothing that a comment would have to keep company.
      const comment = wire.comment === undefined || event.json === '[DONE]' ? '' : `: ${wire.comment}${end}${end}`
      const id = event.id === undefined ? '' : `id:${space}${event.id}${end}`
      const name = event.name === undefined ? '' : `event:${space}${event.name}${end}`
      const data = event.json === '[DONE]' ? event.json : JSON.stringify(event.json)
      return utf8(`${comment}${id}${name}data:${space}${data}${end}${end}`)
    },
  }
}

/** Server-sent events. */
export const SSE = sse('lf')
/** The same as Google writes them. */
export const SSE_CRLF = sse('crlf')

/** A line of JSON an event. */
export const NDJSON: Framing = {
  type: 'application/x-ndjson',
  event: ({ json }) => utf8(`${JSON.stringify(json)}\n`),
}

/** One array of JSON, an element an event. */
export const JSON_ARRAY: Framing = {
  type: 'application/json; charset=utf-8',
  event: ({ json }, _wire, at) => utf8(`${at === 0 ? '[' : ',\r\n'}${JSON.stringify(json)}`),
  close: (count) => (count === 0 ? '[]' : '\n]\n'),
}

/** Frames of `application/vnd.amazon.eventstream`, a name and a payload each. */
export const FRAMES: Framing = {
  type: 'application/vnd.amazon.eventstream',
  event({ json, name = '', exception = false }) {
    const kind = exception ? 'exception' : 'event'
    const headers = { [`:${kind}-type`]: name, ':content-type': 'application/json', ':message-type': kind }
    return new Uint8Array(encodeEventStream(headers, JSON.stringify(json)))
  },
}
