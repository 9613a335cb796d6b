import { performance } from 'node:perf_hooks'
import { describe, expect, it } from 'vitest'
import { endJsonArray, JSON_ARRAY_START, readJsonArray, type JsonArrayState } from './json-array.ts'

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)

interface Reading {
  readonly data: readonly (string | undefined)[]
  readonly state: JsonArrayState
  readonly failure: string | undefined
}

function read(text: string): Reading {
  const { state, events, failure } = readJsonArray(JSON_ARRAY_START, bytes(text))
  return { data: events.map((event) => event.data), state, failure: failure ?? endJsonArray(state).failure }
}

describe('readJsonArray', () => {
  it.each([
    ['[]', []],
    [' \r\n[ \t]\n', []],
    ['\uFEFF[{}]', ['{}']],
    ['[{"a":"안녕 🎉"}]', ['{"a":"안녕 🎉"}']],
    ['[{"a":1}\n,\r\n{"b":[2]}\n]', ['{"a":1}', '{"b":[2]}']],
    ['[{"a":{"b":[{},[]]}},{}]', ['{"a":{"b":[{},[]]}}', '{}']],
    ['[{"a":"]}"},{"b":"[{\\"]"},{"c":"\\\\"}]', ['{"a":"]}"}', '{"b":"[{\\"]"}', '{"c":"\\\\"}']],
    ['[{\n  "a": 1\n}]', ['{\n  "a": 1\n}']],
    ['[[1,[2]],"a,]",-1.5e3,0,true , false,null]', ['[1,[2]]', '"a,]"', '-1.5e3', '0', 'true', 'false', 'null']],
  ])('%j', (text, data) => {
    const reading = read(text)
    expect(reading.failure).toBeUndefined()
    expect(reading.data).toEqual(data)
    expect(reading.state.closed).toBe(true)
  })

  it.each(['{"error":{"code":429,"message":"]"}}', ' {"error":{}}\n', '\uFEFF{"a":[{}]}'])(
    'an object in the place of the array is the one event: %j',
    (text) => {
      const reading = read(text)
      expect(reading.failure).toBeUndefined()
      expect(reading.data).toEqual([text.replace('\uFEFF', '').trim()])
      // Nothing said that an answer is whole.
      expect(reading.state.closed).toBe(false)
    },
  )

  it.each([
    ['x', [], 'it begins as neither an array nor an object'],
    ['"a"', [], 'it begins as neither an array nor an object'],
    ['<html>', [], 'it begins as neither an array nor an object'],
    ['data: {}', [], 'it begins as neither an array nor an object'],
    ['\uFEFF\uFEFF[]', [], 'it begins as neither an array nor an object'],
    ['[{}x', ['{}'], 'something stands between its elements'],
    ['[{}{}]', ['{}'], 'something stands between its elements'],
    ['[{},,{}]', ['{}'], 'something stands between its elements'],
    ['[{},]', ['{}'], 'something stands between its elements'],
    ['[,{}]', [], 'something stands between its elements'],
    ['[1}', ['1'], 'something stands between its elements'],
    ['[}', [], 'something stands between its elements'],
    ['[{}]{}', ['{}'], 'something follows its end'],
    ['[{}]]', ['{}'], 'something follows its end'],
    ['{}[', ['{}'], 'something follows its end'],
    ['{},{}', ['{}'], 'something follows its end'],
  ])('%j is damaged', (text, data, how) => {
    const reading = read(text)
    expect(reading.data).toEqual(data)
    expect(reading.failure).toBe(`the upstream's array of events is damaged: ${how}`)
  })

  it.each([
    ['', 'array'],
    ['[', 'array'],
    ['[{}', 'array'],
    ['[{},', 'array'],
    ['[{"a":', 'event'],
    ['[{"a":"}]', 'event'],
    ['[12', 'event'],
    ['{"error":{}', 'event'],
  ])('%j is cut', (text, where) => {
    const failures = {
      array: 'the upstream ended in the middle of its array of events',
      event: 'the upstream ended in the middle of an event',
    }
    expect(read(text).failure).toBe(where === 'array' ? failures.array : failures.event)
    expect(read(text).state.closed).toBe(false)
  })

  it('gives an element at its last byte, not with the next', () => {
    const step = readJsonArray(JSON_ARRAY_START, bytes('[{"a":1}'))
    expect(step.events).toEqual([{ bytes: bytes('{"a":1}'), data: '{"a":1}', comment: false }])
  })

  it('reads an element of 4 MiB byte by byte in linear time', () => {
    const time = (size: number): number => {
      const whole = bytes(`[{"a":"${'\\"x'.repeat(size / 3)}"}]`)
      const before = performance.now()
      let state = JSON_ARRAY_START
      let count = 0
      for (let at = 0; at < whole.length; at += 16) {
        const step = readJsonArray(state, whole.subarray(at, at + 16))
        state = step.state
        count += step.events.length
      }
      expect(count).toBe(1)
      return performance.now() - before
    }
    time(65_536)
    // Quadratic work would be sixteen times as much; the factor leaves room for a busy machine.
    expect(time(4 * 1024 * 1024)).toBeLessThan(12 * Math.max(20, time(1024 * 1024)))
  })
})
