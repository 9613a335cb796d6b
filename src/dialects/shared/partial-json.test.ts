import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parsePartial } from './partial-json.ts'

test.each([
  ['', undefined],
  ['{', {}],
  ['{"a"', {}],
  ['{"a":', {}],
  ['{"a":"b', {}],
  ['{"a":"b"', { a: 'b' }],
  ['{"a":"b","c', { a: 'b' }],
  ['{"a":1', {}],
  ['{"a":1,', { a: 1 }],
  ['{"a":[1,2', { a: [1] }],
  ['{"a":["x","y"', { a: ['x', 'y'] }],
  ['{"a":["x\\"', { a: [] }],
  ['{"a":{"b":true}', { a: { b: true } }],
  ['{"a":{"b":tru', { a: {} }],
  ['{"a":"}]","b":[', { a: '}]', b: [] }],
])('%s', (text, value) => {
  expect(parsePartial(text)).toEqual(value)
})

test('whole JSON is itself, and every beginning of an object is an object', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), fc.nat(), (value, cut) => {
      const text = JSON.stringify(value)
      expect(parsePartial(text)).toEqual(JSON.parse(text))
      const begun = text.slice(0, 1 + (cut % text.length))
      expect(parsePartial(begun)).toBeTypeOf('object')
    }),
  )
})

test('what is not JSON is nothing', () => {
  expect(parsePartial('no')).toBeUndefined()
})
