import { describe, expect, it } from 'vitest'
import { endNdjson, NDJSON_START, readNdjson } from './ndjson.ts'

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)

describe('readNdjson', () => {
  it.each([
    ['{"a":"안녕"}\n', '{"a":"안녕"}'],
    ['{"a":"🎉"}\r\n', '{"a":"🎉"}'],
    ['\uFEFF{}\n', '{}'],
    ['\uFEFF{}\r\n', '{}'],
    ['"\uFEFF"\n', '"\uFEFF"'],
    // A CR alone ends nothing, and only one belongs to the line end.
    ['{}\r\r\n', '{}\r'],
    ['{"a":\r1}\n', '{"a":\r1}'],
    [' {} \n', ' {} '],
    ['\u00A0\n', '\u00A0'],
  ])('%j', (text, data) => {
    expect(readNdjson(NDJSON_START, bytes(text)).events).toEqual([{ bytes: bytes(text), data, comment: false }])
  })

  it.each(['\n', '\r\n', ' \t\n', '\uFEFF\n', '\r\r\n'])('%j is only a comment', (text) => {
    expect(readNdjson(NDJSON_START, bytes(text)).events).toEqual([{ bytes: bytes(text), comment: true }])
  })

  it('takes a byte order mark at the beginning only', () => {
    const { events } = readNdjson(NDJSON_START, bytes('{}\n\uFEFF{}\n'))
    expect(events.map((event) => event.data)).toEqual(['{}', '\uFEFF{}'])
  })

  it('gives whole lines in one chunk as views of it', () => {
    const chunk = bytes('{"a":1}\n{"b":2}\n')
    expect(readNdjson(NDJSON_START, chunk).events.map((event) => event.bytes.buffer)).toEqual([
      chunk.buffer,
      chunk.buffer,
    ])
  })

  it('does not keep the memory of a chunk that its owner uses again', () => {
    const chunk = bytes('{"a"')
    const { state } = readNdjson(NDJSON_START, chunk)
    chunk.fill(0)
    expect(readNdjson(state, bytes(':1}\n')).events[0]?.data).toBe('{"a":1}')
  })

  it('leaves old states valid', () => {
    const { state } = readNdjson(NDJSON_START, bytes('[1'))
    const one = readNdjson(readNdjson(state, bytes(',2')).state, bytes(']\n'))
    const two = readNdjson(readNdjson(state, bytes(',3')).state, bytes(']\n'))
    expect([one, two].map(({ events }) => events[0]?.data)).toEqual(['[1,2]', '[1,3]'])
    expect(endNdjson(state).events[0]?.data).toBe('[1')
  })
})

describe('endNdjson', () => {
  it.each(['{"b":2}', '{"b":2}\r'])('counts a last line without its line end: %j', (last) => {
    const { state, events } = readNdjson(NDJSON_START, bytes(`{"a":1}\n${last}`))
    expect(events).toHaveLength(1)
    expect(endNdjson(state)).toEqual({ events: [{ bytes: bytes(last), data: '{"b":2}', comment: false }] })
  })

  it('gives nothing behind the last line end', () => {
    expect(endNdjson(readNdjson(NDJSON_START, bytes('{}\n')).state)).toEqual({ events: [] })
    expect(endNdjson(NDJSON_START)).toEqual({ events: [] })
  })
})
