import { describe, expect, it } from 'vitest'
import { endSse, initialSse, readSse, sseWithLimit } from './sse.ts'
import type { SseEvent, SseState } from './sse.ts'

const encoder = new TextEncoder()
const bytes = (text: string): Uint8Array => encoder.encode(text)
const textOf = (event: SseEvent | undefined): string =>
  new TextDecoder('utf-8', { ignoreBOM: true }).decode(event?.bytes)

function read(...chunks: string[]): { events: SseEvent[]; state: SseState } {
  const events: SseEvent[] = []
  let state = initialSse
  for (const chunk of chunks) {
    const step = readSse(state, bytes(chunk))
    events.push(...step.events)
    state = step.state
  }
  return { events, state }
}

describe('readSse', () => {
  it('gives a chunk that is one event back as it is, without a copy', () => {
    const chunk = bytes('data: {"a":"안녕"}\n\n')
    const { events, state } = readSse(initialSse, chunk)
    expect(events).toHaveLength(1)
    expect(events[0]?.bytes).toBe(chunk)
    expect(events[0]).toEqual({ bytes: chunk, data: '{"a":"안녕"}', comment: false })
    expect(endSse(state)).toEqual([])
  })

  it.each([
    ['data: x\n\n', { data: 'x' }],
    ['data:x\n\n', { data: 'x' }],
    ['data:  x\n\n', { data: ' x' }],
    ['data\n\n', { data: '' }],
    ['data:\n\n', { data: '' }],
    ['data: \n\n', { data: '' }],
    ['data:\n x\n\n', { data: '' }],
    ['data\n x: y\n\n', { data: '' }],
    ['data: a\ndata: b\n\n', { data: 'a\nb' }],
    ['data: a\ndata\ndata: b\n\n', { data: 'a\n\nb' }],
    ['data: a\r\ndata: b\r\n\r\n', { data: 'a\nb' }],
    ['data: a\rdata: b\r\rx', { data: 'a\nb' }],
    ['data: a\r\ndata: b\n\r\n', { data: 'a\nb' }],
    ['event: delta\ndata: {}\n\n', { name: 'delta', data: '{}' }],
    ['data: {}\nevent: delta\n\n', { name: 'delta', data: '{}' }],
    ['event:\ndata: {}\n\n', { data: '{}' }],
    ['error: {"code":500}\n\n', { error: '{"code":500}' }],
    ['error: a\nerror: b\n\n', { error: 'a\nb' }],
    ['id: 1\n\n', {}],
    ['database: x\n\n', {}],
    [' data: x\n\n', {}],
    ['Data: x\n\n', {}],
    [': note\ndata: x\n\n', { data: 'x' }],
    ['\uFEFFdata: x\n\n', { data: 'x' }],
    ['data: \uFEFFx\n\n', { data: '\uFEFFx' }],
  ])('%j', (text, expected) => {
    const event = read(text).events[0]
    expect(event).toEqual({
      bytes: bytes(text.endsWith('\rx') ? text.slice(0, -1) : text),
      comment: false,
      ...expected,
    })
  })

  it.each([': ping\n\n', '\n', '\r\n', ':\n: b\r\n\r\n', '\uFEFF\n\n'])('%j is only a comment', (text) => {
    expect(read(text).events).toEqual([{ bytes: bytes(text), comment: true }])
  })

  it('takes a byte order mark at the beginning only', () => {
    expect(read('data: a\n\n', '\uFEFFdata: b\n\n').events.map((event) => event.data)).toEqual(['a', undefined])
  })

  it('waits for the byte behind a CR, and gives the event at the end of the input without it', () => {
    const { events, state } = read('data: x\r\n\r')
    expect(events).toEqual([])
    expect(endSse(state).map((event) => [textOf(event), event.data])).toEqual([['data: x\r\n\r', 'x']])
    expect(readSse(state, bytes('\ndata: y')).events.map(textOf)).toEqual(['data: x\r\n\r\n'])
    expect(readSse(state, bytes('data: y')).events.map(textOf)).toEqual(['data: x\r\n\r'])
  })

  it('gives an event that no blank line ended only at the end', () => {
    const { events, state } = read('data: x\n\ndata: [DONE]')
    expect(events.map((event) => event.data)).toEqual(['x'])
    expect(endSse(state)).toEqual([{ bytes: bytes('data: [DONE]'), data: '[DONE]', comment: false }])
  })

  it('leaves old states valid: what was read from one does not change another', () => {
    const { state } = read('data: on')
    const one = readSse(readSse(state, bytes('e')).state, bytes('!\n\n'))
    const two = readSse(readSse(state, bytes('ly')).state, bytes('?\n\n'))
    expect(readSse(state, bytes('\n\n')).events[0]?.data).toBe('on')
    expect(one.events[0]?.data).toBe('one!')
    expect(two.events[0]?.data).toBe('only?')
    expect(textOf(one.events[0])).toBe('data: one!\n\n')
    expect(endSse(state)[0]?.data).toBe('on')
  })

  it('does not keep the memory of a chunk that its owner uses again', () => {
    const chunk = bytes('data: ab')
    const { state } = readSse(initialSse, chunk)
    chunk.fill(0)
    expect(readSse(state, bytes('\n\n')).events[0]?.data).toBe('ab')
  })

  it.each([1, 3, 7, 100])('stops at an event over the limit, in chunks of %i', (size) => {
    const input = bytes(`data: ok\n\ndata: ${'x'.repeat(20)}\n\ndata: later\n\n`)
    let state = sseWithLimit(20)
    const events: SseEvent[] = []
    for (let at = 0; at < input.length; at += size) {
      const step = readSse(state, input.subarray(at, at + size))
      state = step.state
      events.push(...step.events)
    }
    expect(events.map((event) => event.data)).toEqual(['ok'])
    expect(state.tooLarge).toBe(true)
    expect(endSse(state)).toEqual([])
  })

  it('takes an event of exactly the limit', () => {
    const step = readSse(sseWithLimit(9), bytes('data: 1\n\n'))
    expect(step.state.tooLarge).toBe(false)
    expect(step.events).toHaveLength(1)
  })
})
