/** How the objects of a stream are written one after the other. */
export interface Framing {
  /** `first`: nothing has gone out before. */
  event(json: string, first: boolean): string
  /** Behind the last one. */
  readonly end: string
}

/** With `alt=sse`: events with Google's line ends, and no mark at the end. */
export const EVENTS: Framing = {
  event: (json) => `data: ${json}\r\n\r\n`,
  end: '',
}

/** Without it: the elements of one JSON array. */
export const ARRAY: Framing = {
  event: (json, first) => `${first ? '[' : ',\r\n'}${json}`,
  end: ']',
}
