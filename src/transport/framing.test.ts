import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { encodeEventStream } from '#src/core/event-stream-frame.ts'
import type { Framing, WireEvent } from '#src/core/wire-event.ts'
import { corpusAbsent, SHARED } from '../../test/support/require.ts'
import { endFrames, isClosed, readFrames, startFrames, type FrameState } from './framing.ts'

const LIMIT = 8 * 1024 * 1024
const encoder = new TextEncoder()
const TOO_LARGE = 'an event of the upstream is too large'

interface Reading {
  readonly events: readonly WireEvent[]
  readonly tail: readonly WireEvent[]
  readonly failure: string | undefined
  readonly state: FrameState
}

function readAll(state: FrameState, chunks: Iterable<Uint8Array>): Reading {
  const events: WireEvent[] = []
  let now = state
  for (const chunk of chunks) {
    const step = readFrames(now, chunk)
    events.push(...step.events)
    now = step.state
    if (step.failure !== undefined) return { events, tail: [], failure: step.failure, state: now }
  }
  const end = endFrames(now)
  return { events, tail: end.events, failure: end.failure, state: now }
}

/** What a reading says, in a form in which a view of a chunk and a copy are equal. */
function plain({ events, tail, failure, state }: Reading): unknown {
  const one = (event: WireEvent): unknown => ({ ...event, bytes: Buffer.from(event.bytes).toString('hex') })
  return [events.map(one), tail.map(one), failure, isClosed(state)]
}

function* cut(input: Uint8Array, sizes: readonly number[]): Generator<Uint8Array> {
  let at = 0
  for (let turn = 0; at < input.length; turn++) {
    const size = sizes[turn % sizes.length] ?? 1
    // A copy: a reader that kept a view of what its owner uses again would be seen.
    const chunk = Uint8Array.from(input.subarray(at, at + size))
    yield chunk
    at += size
  }
}

const text = fc.oneof(
  fc.constantFrom('안녕하세요', '👩‍👩‍👧 🎉', ']},{[', '"', '\\', '\\"', 'é', '', '\uFEFF', '\u2028', '한 줄\n두 줄\r\n'),
  fc.string({ unit: 'grapheme', maxLength: 10 }),
)
const json = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    text,
    fc.integer(),
    fc.constantFrom(true, false, null, -1.5e-7),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(text, tie('value'), { maxKeys: 3 }),
  ),
})).value
const values = fc.array(json, { maxLength: 6 })
const space = fc.constantFrom('', ' ', '\n', '\r\n', ' \t\r\n ')
const lineEnd = fc.constantFrom('\n', '\r\n')

const frame = fc
  .tuple(fc.constantFrom('event', 'exception', 'error'), text, json)
  .map(([type, name, value]) =>
    encodeEventStream({ ':message-type': type, ':event-type': name, ':error-message': name }, JSON.stringify(value)),
  )

const WHOLE: Readonly<Record<Framing, fc.Arbitrary<Uint8Array>>> = {
  sse: fc
    .tuple(fc.array(fc.tuple(json, lineEnd)), fc.constantFrom('', '\uFEFF'), fc.constantFrom('', 'data: [DONE]'))
    .map(([list, mark, last]) => {
      const written = list.map(([value, end]) => `event: x${end}data: ${JSON.stringify(value)}${end}${end}`)
      return encoder.encode(mark + written.join('') + last)
    }),
  'event-stream': fc.array(frame, { maxLength: 5 }).map((frames) => Uint8Array.from(Buffer.concat(frames))),
  ndjson: fc
    .tuple(
      fc.array(
        fc.tuple(
          fc.oneof(
            json.map((v) => JSON.stringify(v)),
            space,
          ),
          lineEnd,
        ),
      ),
      fc.constantFrom('', '\uFEFF'),
    )
    .chain(([lines, mark]) =>
      fc.constantFrom('', '{"last":"줄"}').map((last) => encoder.encode(mark + lines.flat().join('') + last)),
    ),
  'json-array': fc.tuple(values, space, fc.constantFrom('', '\uFEFF')).map(([list, gap, mark]) => {
    const elements = list.map((value) => JSON.stringify(value, null, gap === '\n' ? 2 : 0))
    return encoder.encode(`${mark}${gap}[${gap}${elements.join(`${gap},${gap}`)}${gap}]${gap}`)
  }),
}

/** Whole bodies, and what is none: bodies with a byte changed or cut out, and bytes of no sense. */
function inputs(framing: Framing): fc.Arbitrary<Uint8Array> {
  const broken = fc
    .tuple(WHOLE[framing], fc.nat(), fc.nat({ max: 255 }), fc.boolean())
    .map(([whole, place, byte, out]) => {
      if (whole.length === 0) return whole
      const at = place % whole.length
      return out ? Uint8Array.from([...whole.subarray(0, at), ...whole.subarray(at + 1)]) : whole.with(at, byte)
    })
  const odd = fc.array(fc.constantFrom(0, 10, 13, 32, 34, 44, 49, 91, 92, 93, 123, 125, 0xef, 0xbb, 0xbf))
  return fc.oneof(
    { weight: 3, arbitrary: WHOLE[framing] },
    { weight: 1, arbitrary: broken.filter((bytes) => bytes.length > 0) },
    { weight: 1, arbitrary: odd.map((list) => Uint8Array.from(list)) },
  )
}

const sizes = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 6 })

describe.each(['sse', 'event-stream', 'ndjson', 'json-array'] as const)('%s', (framing) => {
  const start = startFrames(framing)
  const input = inputs(framing)

  it('gives the same for every split in two, and byte by byte', () => {
    fc.assert(
      fc.property(input, (whole) => {
        const expected = plain(readAll(start, [whole]))
        for (let at = 0; at <= whole.length; at++)
          expect(plain(readAll(start, [whole.subarray(0, at), whole.subarray(at)]))).toEqual(expected)
        expect(plain(readAll(start, cut(whole, [1])))).toEqual(expected)
      }),
      { numRuns: 100 },
    )
  })

  it('gives the same for random chunks', () => {
    fc.assert(
      fc.property(input, sizes, (whole, split) => {
        expect(plain(readAll(start, cut(whole, split)))).toEqual(plain(readAll(start, [whole])))
      }),
      { numRuns: 400 },
    )
  })

  it('an old state reads on as if nothing else had been read from it', () => {
    fc.assert(
      fc.property(input, input, fc.nat(), (whole, other, place) => {
        const at = whole.length === 0 ? 0 : place % whole.length
        const { state } = readFrames(start, whole.subarray(0, at))
        const expected = plain(readAll(state, [whole.subarray(at)]))
        const atEnd = JSON.stringify(endFrames(state))
        readAll(state, cut(other, [3]))
        readAll(state, cut(whole.subarray(at), [1]))
        expect(plain(readAll(state, [whole.subarray(at)]))).toEqual(expected)
        expect(JSON.stringify(endFrames(state))).toBe(atEnd)
      }),
      { numRuns: 400 },
    )
  })

  it('a failure stays one, and gives no more events', () => {
    fc.assert(
      fc.property(input, WHOLE[framing], (broken, more) => {
        const step = readFrames(start, broken)
        if (step.failure === undefined) return
        const again = readFrames(step.state, more)
        expect(again.failure).toBe(step.failure)
        expect(again.events).toEqual([])
        if (framing !== 'sse') expect(endFrames(again.state)).toEqual({ events: [], failure: step.failure })
      }),
      { numRuns: 400 },
    )
  })

  it('an empty chunk changes nothing', () => {
    expect(readFrames(start, new Uint8Array(0))).toEqual({ state: start, events: [] })
  })

  it('whole bodies are read without a failure', () => {
    fc.assert(
      fc.property(WHOLE[framing], sizes, (whole, split) => {
        expect(readAll(start, cut(whole, split)).failure).toBeUndefined()
      }),
      { numRuns: 300 },
    )
  })
})

describe.each(['sse', 'event-stream', 'ndjson'] as const)('%s', (framing) => {
  it('the bytes of all events are the input', () => {
    fc.assert(
      fc.property(WHOLE[framing], sizes, (whole, split) => {
        const { events, tail } = readAll(startFrames(framing), cut(whole, split))
        expect(Buffer.concat([...events, ...tail].map((event) => event.bytes)).equals(whole)).toBe(true)
      }),
      { numRuns: 300 },
    )
  })
})

/** Of a size in bytes, with all that belongs to its own event. */
const SIZED: Readonly<Record<Framing, (size: number) => Uint8Array>> = {
  sse: (size) => encoder.encode(`data: ${'x'.repeat(size - 8)}\n\n`),
  'event-stream': (size) => encodeEventStream({}, 'x'.repeat(size - 16)),
  ndjson: (size) => encoder.encode(`"${'x'.repeat(size - 3)}"\n`),
  'json-array': (size) => encoder.encode(`["${'x'.repeat(size - 2)}"`),
}

describe.each(['sse', 'event-stream', 'ndjson', 'json-array'] as const)('%s', (framing) => {
  it.each([[64 * 1024], [LIMIT * 2]])('takes an event of 8 MiB, in chunks of %i bytes', (size) => {
    const { events, state } = readAll(startFrames(framing), cut(SIZED[framing](LIMIT), [size]))
    expect(events.map((event) => event.bytes.length)).toEqual([LIMIT])
    expect(readFrames(state, new Uint8Array(0)).failure).toBeUndefined()
  })

  it.each([[64 * 1024], [LIMIT * 2]])('refuses one that has a byte more, in chunks of %i bytes', (size) => {
    const { events, failure } = readAll(startFrames(framing), cut(SIZED[framing](LIMIT + 1), [size]))
    expect(events).toEqual([])
    expect(failure).toBe(TOO_LARGE)
  })

  it('does not wait for the end of an endless event', () => {
    const begin = { sse: 'data: ', 'event-stream': '', ndjson: '"', 'json-array': '["' }[framing]
    // A frame says its size first: it is refused at its twelfth byte.
    const first = framing === 'event-stream' ? SIZED[framing](LIMIT + 1).subarray(0, 12) : encoder.encode(begin)
    const block = encoder.encode('x'.repeat(1024 * 1024))
    let step = readFrames(startFrames(framing), first)
    let count = 0
    for (; step.failure === undefined && count < 20; count++) step = readFrames(step.state, block)
    expect(step.failure).toBe(TOO_LARGE)
    expect(count).toBe(framing === 'event-stream' ? 0 : 8)
    expect(step.state).not.toHaveProperty('pending.store')
  })
})

describe('endFrames', () => {
  it('of server-sent events gives what no blank line ended, and no failure', () => {
    const { state } = readFrames(startFrames('sse'), encoder.encode('data: a\n\ndata: b'))
    expect(endFrames(state)).toEqual({ events: [{ bytes: encoder.encode('data: b'), data: 'b', comment: false }] })
  })

  it.each(['event-stream', 'json-array'] as const)('of a cut %s is a failure at every byte', (framing) => {
    fc.assert(
      fc.property(WHOLE[framing], (whole) => {
        let state = startFrames(framing)
        for (let at = 0; at < whole.length; at++) {
          const step = readFrames(state, whole.subarray(at, at + 1))
          // Between two frames only the events can tell; a closed array is whole.
          const between = framing === 'event-stream' ? step.events.length === 1 : isClosed(step.state)
          const end = endFrames(step.state)
          expect(end.events).toEqual([])
          expect(end.failure === undefined).toBe(between)
          state = step.state
        }
        expect(endFrames(state).failure).toBeUndefined()
      }),
      { numRuns: 200 },
    )
  })
})

interface Case {
  readonly file: string
  readonly kind: string
}

describe.skipIf(corpusAbsent())('recorded bodies (skipped where ../shared/corpus is absent)', () => {
  const corpus = join(SHARED, 'corpus')
  const cases: readonly Case[] = corpusAbsent() ? [] : JSON.parse(readFileSync(join(corpus, 'index.json'), 'utf8'))

  it.each([
    { kind: 'eventstream', framing: 'event-stream', least: 5 },
    { kind: 'ndjson', framing: 'ndjson', least: 4 },
  ] as const)('$kind', ({ kind, framing, least }) => {
    const files = cases.filter((one) => one.kind === kind).map((one) => one.file)
    expect(files.length).toBeGreaterThanOrEqual(least)
    for (const file of files) {
      const whole = Uint8Array.from(readFileSync(join(corpus, file)))
      const reading = readAll(startFrames(framing), [whole])
      const all = [...reading.events, ...reading.tail]
      expect(reading.failure, file).toBeUndefined()
      expect(Buffer.concat(all.map((event) => event.bytes)).equals(whole), file).toBe(true)
      for (const { data, comment } of all) if (!comment) expect(JSON.parse(data ?? '')).toBeTypeOf('object')
      if (framing === 'event-stream') expect(all.every((event) => event.name !== undefined)).toBe(true)
      for (const split of [[1], [2, 3], [7, 64, 1], [1400]])
        expect(plain(readAll(startFrames(framing), cut(whole, split))), file).toEqual(plain(reading))
    }
  })

  it('json: every body is one event in the place of an array, or an element of one', () => {
    const files = cases.filter((one) => one.kind === 'json').map((one) => one.file)
    expect(files.length).toBeGreaterThan(100)
    for (const file of files) {
      const body = readFileSync(join(corpus, file), 'utf8')
      const own = body.trim()
      const inArray = readAll(startFrames('json-array'), cut(encoder.encode(`[${body},\r\n${body}]\n`), [61]))
      expect(inArray.failure, file).toBeUndefined()
      expect(isClosed(inArray.state)).toBe(true)
      expect(
        inArray.events.map((event) => event.data),
        file,
      ).toEqual([own, own])
      if (!own.startsWith('{')) continue
      const alone = readAll(startFrames('json-array'), cut(encoder.encode(body), [7]))
      expect(alone.failure, file).toBeUndefined()
      expect(alone.events.map((event) => event.data)).toEqual([own])
    }
  })
})
