import { describe, expect, it } from 'vitest'
import { crc32, encodeEventStream } from '#src/core/event-stream-frame.ts'
import type { WireEvent } from '#src/core/wire-event.ts'
import { endEventStream, EVENT_STREAM_START, readEventStream } from './event-stream.ts'
import type { FrameRead } from './frame-read.ts'

const encoder = new TextEncoder()
const LENGTHS = "the upstream's event stream is damaged: the checksum of its lengths is wrong"
const EVENT = "the upstream's event stream is damaged: the checksum of an event is wrong"

const frameOf = (type: string, payload: string): Uint8Array =>
  encodeEventStream({ ':event-type': type, ':content-type': 'application/json', ':message-type': 'event' }, payload)

/** A frame with headers as they are given, and right checksums. */
function raw(headers: readonly number[], payload = '{}'): Uint8Array {
  const body = encoder.encode(payload)
  return sealed(Uint8Array.from([...new Uint8Array(12), ...headers, ...body, 0, 0, 0, 0]), headers.length)
}

/** Writes lengths and checksums into a frame. */
function sealed(frame: Uint8Array, headers: number, total = frame.length): Uint8Array {
  const view = new DataView(frame.buffer)
  view.setUint32(0, total)
  view.setUint32(4, headers)
  view.setUint32(8, crc32(frame.subarray(0, 8)))
  view.setUint32(frame.length - 4, crc32(frame.subarray(0, -4)))
  return frame
}

const read = (...chunks: Uint8Array[]): FrameRead<unknown> & { readonly events: readonly WireEvent[] } => {
  const events: WireEvent[] = []
  let step = readEventStream(EVENT_STREAM_START, new Uint8Array(0))
  for (const chunk of chunks) {
    step = readEventStream(step.state, chunk)
    events.push(...step.events)
  }
  return { ...step, events }
}

describe('readEventStream', () => {
  it('gives payload and type of an event, and a chunk that is one frame as it is', () => {
    const frame = frameOf('contentBlockDelta', '{"delta":{"text":"안녕 🎉"}}')
    const { events } = read(frame)
    expect(events).toEqual([
      { bytes: frame, data: '{"delta":{"text":"안녕 🎉"}}', name: 'contentBlockDelta', comment: false },
    ])
    expect(events[0]?.bytes).toBe(frame)
  })

  it('gives an exception as an error with its type', () => {
    const headers = { ':exception-type': 'throttlingException', ':message-type': 'exception' }
    const bytes = encodeEventStream(headers, '{"message":"천천히"}')
    expect(read(bytes).events).toEqual([
      { bytes, error: '{"message":"천천히"}', name: 'throttlingException', comment: false },
    ])
  })

  it('gives an error, which has no payload, as JSON', () => {
    const bytes = encodeEventStream(
      { ':message-type': 'error', ':error-code': 'InternalError', ':error-message': 'a "bad" 날' },
      '',
    )
    expect(read(bytes).events).toEqual([
      { bytes, error: '{"message":"a \\"bad\\" 날"}', name: 'InternalError', comment: false },
    ])
  })

  it('names an exception and an error that do not say what they are', () => {
    const frames = ['exception', 'error'].map((type) => encodeEventStream({ ':message-type': type }, ''))
    expect(read(...frames).events.map(({ name, error }) => [name, error])).toEqual([
      ['exception', ''],
      ['error', '{"message":""}'],
    ])
  })

  it('takes a frame without headers and without a payload', () => {
    const bytes = encodeEventStream({}, '')
    expect(bytes).toHaveLength(16)
    expect(read(bytes).events).toEqual([{ bytes, data: '', comment: false }])
  })

  it('passes over headers of every other type', () => {
    const name = (text: string): number[] => [text.length, ...encoder.encode(text)]
    const headers = [
      [...name('t'), 0],
      [...name('f'), 1],
      [...name('byte'), 2, 7],
      [...name('short'), 3, 7, 7],
      [...name('int'), 4, 7, 7, 7, 7],
      [...name('long'), 5, 7, 7, 7, 7, 7, 7, 7, 7],
      [...name('bytes'), 6, 0, 3, 7, 7, 7],
      [...name(':event-type'), 7, 0, 4, ...encoder.encode('말!')],
      [...name('time'), 8, 7, 7, 7, 7, 7, 7, 7, 7],
      [...name('uuid'), 9, ...new Uint8Array(16).fill(7)],
      [...name('empty'), 7, 0, 0],
    ]
    expect(read(raw(headers.flat())).events[0]).toMatchObject({ name: '말!', data: '{}' })
    // Each of them also as the last one, where its size decides whether it fits.
    for (const header of headers) {
      expect(read(raw(header)).failure).toBeUndefined()
      expect(read(raw(header.slice(0, -1))).failure).toBe(
        "the upstream's event stream is damaged: the headers of an event cannot be read",
      )
    }
  })

  it.each([
    ['an unknown type', [1, 97, 10, 0]],
    ['a name behind the end', [200, 97, 7]],
    ['a value behind the end', [1, 97, 7, 0, 9, 97]],
    ['half a length', [1, 97, 7, 0]],
  ])('refuses headers with %s', (_, headers) => {
    expect(read(raw(headers)).failure).toBe(
      "the upstream's event stream is damaged: the headers of an event cannot be read",
    )
  })

  it('sees every bit that is turned over, and the frames before it are still given', () => {
    const good = frameOf('messageStart', '{"role":"assistant"}')
    const frame = frameOf('x', '{"가":1}')
    for (let bit = 0; bit < frame.length * 8; bit++) {
      const at = bit >> 3
      const bad = frame.with(at, (frame[at] ?? 0) ^ (1 << (bit & 7)))
      const { events, failure } = read(Uint8Array.from([...good, ...bad, ...good]))
      expect(failure).toBe(at < 12 ? LENGTHS : EVENT)
      expect(events.map((event) => event.name)).toEqual(['messageStart'])
    }
  })

  it('says so at the byte that shows it', () => {
    const frame = frameOf('x', '{}')
    const lengths = frame.with(0, 1)
    expect(read(lengths.subarray(0, 11)).failure).toBeUndefined()
    expect(read(lengths.subarray(0, 12)).failure).toBe(LENGTHS)
    const payload = frame.with(frame.length - 5, 0)
    expect(read(payload.subarray(0, -1)).failure).toBeUndefined()
    expect(read(payload).failure).toBe(EVENT)
  })

  it.each([
    ['less than an empty frame', 0, 15],
    ['nothing', 0, 0],
    ['headers behind the end', 5, 20],
    ['headers of 4 GiB', 0xffffffff, 20],
  ])('refuses lengths that cannot be: %s', (_, headers, total) => {
    const frame = sealed(new Uint8Array(20), headers, total)
    expect(read(frame.subarray(0, 12)).failure).toBe(
      "the upstream's event stream is damaged: its lengths are impossible",
    )
  })

  it('refuses what is no event stream, such as an error written as JSON', () => {
    expect(read(encoder.encode('{"message":"no"}')).failure).toBe(LENGTHS)
  })

  it('leaves old states valid, and keeps no memory of a chunk that its owner uses again', () => {
    const [one, two] = [frameOf('a', '{"n":1}'), frameOf('a', '{"n":2}')]
    const same = one.findIndex((byte, at) => byte !== two[at])
    const chunk = one.slice(0, same)
    const { state } = readEventStream(EVENT_STREAM_START, chunk)
    chunk.fill(0)
    const rests = [one, two, one].map((frame) => readEventStream(state, frame.subarray(same)).events[0]?.data)
    expect(rests).toEqual(['{"n":1}', '{"n":2}', '{"n":1}'])
  })
})

describe('endEventStream', () => {
  it('is a failure inside a frame, at every byte of it', () => {
    const frame = frameOf('x', '{"가":1}')
    for (let at = 1; at < frame.length; at++) {
      const { state } = readEventStream(EVENT_STREAM_START, frame.subarray(0, at))
      expect(endEventStream(state)).toEqual({ events: [], failure: 'the upstream ended in the middle of an event' })
    }
    expect(endEventStream(readEventStream(EVENT_STREAM_START, frame).state)).toEqual({ events: [] })
    expect(endEventStream(EVENT_STREAM_START)).toEqual({ events: [] })
  })
})
