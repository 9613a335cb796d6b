// Law 6: however bytes arrive (every split, CRLF, LF, comments, BOM, no last newline), the output is the same; Korean and emoji survive.
import { existsSync, readFileSync, readdirSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { endSse, initialSse, readSse } from '#src/transport/sse.ts'
import type { SseEvent, SseState } from '#src/transport/sse.ts'

const encoder = new TextEncoder()

interface Reading {
  readonly events: readonly SseEvent[]
  readonly tail: readonly SseEvent[]
}

function readAll(chunks: Iterable<Uint8Array>): Reading {
  const events: SseEvent[] = []
  let state = initialSse
  for (const chunk of chunks) {
    const step = readSse(state, chunk)
    events.push(...step.events)
    state = step.state
  }
  return { events, tail: endSse(state) }
}

/** Plain arrays, so that a view of a chunk and a copy compare as the same bytes. */
function plain(reading: Reading): unknown {
  const one = (event: SseEvent): unknown => ({ ...event, bytes: Buffer.from(event.bytes).toString('hex') })
  return [reading.events.map(one), reading.tail.map(one)]
}

function bytesOf(reading: Reading): Buffer {
  return Buffer.concat([...reading.events, ...reading.tail].map((event) => event.bytes))
}

function* cut(input: Uint8Array, sizes: readonly number[]): Generator<Uint8Array> {
  let at = 0
  for (let turn = 0; at < input.length; turn++) {
    const size = sizes[turn % sizes.length] ?? 1
    yield input.subarray(at, at + size)
    at += size
  }
}

const lineEnd = fc.constantFrom('\n', '\r\n', '\r')
const text = fc.oneof(
  fc.constantFrom('안녕하세요', '👩‍👩‍👧 🎉', '{"a":[1]}', '', ' ', 'x:y', '[DONE]', 'é', '\uFEFF'),
  fc.string({ unit: 'grapheme', maxLength: 12 }),
)
const line = fc
  .tuple(fc.constantFrom('data: ', 'data:', 'data', 'event: ', 'error: ', 'id: ', ': ', ':', ''), text, lineEnd)
  .map((parts) => parts.join(''))
const stream = fc
  .tuple(
    fc.constantFrom('', '\uFEFF'),
    fc.array(fc.oneof(line, lineEnd), { maxLength: 24 }),
    fc.constantFrom('', 'data: last', 'data: last\n', 'data: x\r'),
  )
  .map(([mark, lines, last]) => encoder.encode(mark + lines.join('') + last))
const input = fc.oneof(
  stream,
  fc.uint8Array({ maxLength: 80 }),
  fc.array(fc.constantFrom(10, 13, 100, 0xef, 0xbb, 0xbf, 58)).map((list) => Uint8Array.from(list)),
)
const sizes = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 6 })
const runs = { numRuns: 1500 }

describe('law 6: chunking changes nothing', () => {
  it('events are the same for random chunks as for the whole', () => {
    fc.assert(
      fc.property(input, sizes, (whole, split) => {
        expect(plain(readAll(cut(whole, split)))).toEqual(plain(readAll([whole])))
      }),
      runs,
    )
  })

  it('events are the same for every split in two', () => {
    fc.assert(
      fc.property(input, (whole) => {
        const expected = plain(readAll([whole]))
        for (let at = 0; at <= whole.length; at++) {
          expect(plain(readAll([whole.subarray(0, at), whole.subarray(at)]))).toEqual(expected)
        }
      }),
      { numRuns: 200 },
    )
  })

  it('the bytes of all events, and of what is left, are the input', () => {
    fc.assert(
      fc.property(input, sizes, (whole, split) => {
        expect(bytesOf(readAll(cut(whole, split))).equals(whole)).toBe(true)
      }),
      runs,
    )
  })

  it('an old state reads on as if nothing else had been read from it', () => {
    fc.assert(
      fc.property(input, input, input, (before, other, rest) => {
        const { state } = readSse(initialSse, before)
        const expected = plain(from(state, rest))
        const detour = readSse(state, other)
        readSse(detour.state, rest)
        expect(plain(from(state, rest))).toEqual(expected)
        expect(expected).toEqual(plain(after(before, rest)))
      }),
      runs,
    )
  })

  it('data says what was written: Korean, emoji and line feeds survive one byte at a time', () => {
    fc.assert(
      fc.property(
        fc.array(fc.array(text.filter(oneLine), { minLength: 1, maxLength: 3 })),
        lineEnd,
        (messages, end) => {
          const written = messages.map((lines) => lines.map((value) => `data: ${value}${end}`).join('') + end).join('')
          // The marker keeps a CR at the very end from waiting for an LF.
          const reading = readAll(cut(encoder.encode(`${written}: end`), [1]))
          expect(reading.events.map((event) => event.data)).toEqual(messages.map((lines) => lines.join('\n')))
        },
      ),
      runs,
    )
  })

  const corpus = new URL('../../../shared/corpus/', import.meta.url)
  it.skipIf(!existsSync(corpus))('recorded streams (skipped where ../shared/corpus is absent)', () => {
    const files = readdirSync(corpus, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.sse'))
    expect(files.length).toBeGreaterThan(50)
    for (const name of files) {
      const whole = readFileSync(new URL(name, corpus))
      const expected = readAll([whole])
      expect(bytesOf(expected).equals(whole), name).toBe(true)
      for (const split of [[1], [2, 3], [7, 64, 1], [1400]]) {
        expect(plain(readAll(cut(whole, split))), name).toEqual(plain(expected))
      }
    }
  })
})

function oneLine(value: string): boolean {
  return !value.includes('\n') && !value.includes('\r') && !value.includes('\0')
}

function from(state: SseState, rest: Uint8Array): Reading {
  const step = readSse(state, rest)
  return { events: step.events, tail: endSse(step.state) }
}

/** What reading `rest` gives behind `before`, by reading both as one. */
function after(before: Uint8Array, rest: Uint8Array): Reading {
  const done = readSse(initialSse, before).events.length
  const whole = readAll([Buffer.concat([before, rest])])
  return { events: whole.events.slice(done), tail: whole.tail }
}
