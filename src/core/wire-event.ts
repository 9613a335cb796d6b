/** How an upstream cuts its body into events. */
export type Framing = 'sse' | 'event-stream' | 'ndjson' | 'json-array'

/** One event of an upstream's stream, whatever its framing. */
export interface WireEvent {
  /** Exactly as they came; comments and ignored fields inside belong to the event. */
  readonly bytes: Uint8Array
  /** The `data` lines, joined by a line feed; a line of JSON; an element of an array; the payload of a frame. */
  readonly data?: string
  /** The last `event` line, where it is not empty; a frame's `:event-type`, or `:exception-type` where `error` is set. */
  readonly name?: string
  /** The `error` lines, joined: no standard field, but llama.cpp reports failures in it. Of a frame: what its exception says. */
  readonly error?: string
  /** Only comments or blank lines: nothing that a reader of the stream would see. */
  readonly comment: boolean
}
