import fc from 'fast-check'
import { expect, test } from 'vitest'
import { rewriteJson, rewriteRequest, type TextVisitor } from './json-texts.ts'

const seen: string[] = []
const upper: TextVisitor = { text: (text) => text.toUpperCase(), opaque: (text) => void seen.push(text) }
const same: TextVisitor = { text: (text) => text, opaque: () => {} }

test.each([
  ['{"a":"x"}', '{"A":"X"}'],
  ['{ "a" : [ "x", 1.0, true, null ] }', '{ "A" : [ "X", 1.0, true, null ] }'],
  // What is JSON inside of a text is looked into, and written as it was but for its texts.
  ['{"a":"{\\"b\\": \\"x\\"}"}', '{"A":"{\\"B\\": \\"X\\"}"}'],
  ['["\\u0061"]', '["A"]'],
  ['["a{"]', '["A{"]'],
])('%s becomes %s', (json, wanted) => expect(rewriteJson(json, upper)).toBe(wanted))

test('long whole numbers are read as they are written, parts of other numbers are not', () => {
  const read: string[] = []
  const visitor: TextVisitor = { ...same, text: (text) => (read.push(text), text) }
  rewriteJson('[12345678,1234567,0.12345678,123456789e3,-12345678,1234567890123456789012]', visitor)
  expect(read).toEqual(['12345678', '-12345678', '1234567890123456789012'])
})

test('a number that is taken out is a text, with its sign', () => {
  expect(rewriteJson('[-9001011234568]', { ...same, text: () => '[X]' })).toBe('["[X]"]')
  expect(rewriteJson('{"id":9001011234568}', { ...same, text: (text) => (text.length > 9 ? '[X]' : text) })).toBe(
    '{"id":"[X]"}',
  )
})

test('the name of the model stays; names of fields are texts', () => {
  expect(rewriteRequest('{"model":"abc","user":"abc"}', upper)).toBe('{"model":"abc","USER":"ABC"}')
})

test('what is no text is told of and left', () => {
  seen.splice(0)
  const picture = `data:image/png;base64,${'A'.repeat(20)}`
  const json = JSON.stringify([picture, 'A'.repeat(256), 'A'.repeat(255)])
  // What stands before its bytes is a text like any other.
  expect(rewriteJson(json, upper)).toBe(json.replace('data:image/png;base64,', 'DATA:IMAGE/PNG;BASE64,'))
  expect(seen).toEqual([picture, 'A'.repeat(256)])
  // Words behind a picture are words.
  expect(rewriteJson(JSON.stringify(`${picture} hi`), upper)).toBe(JSON.stringify(`${picture} hi`.toUpperCase()))
})

test('whatever nobody changes stays byte for byte, and what somebody does is JSON', () => {
  fc.assert(
    fc.property(fc.json({ maxDepth: 4 }), fc.nat(3), (json, spaces) => {
      const text = JSON.stringify(JSON.parse(json), null, spaces)
      expect(rewriteJson(text, same)).toBe(text)
      expect(() => JSON.parse(rewriteJson(text, { ...same, text: (own) => `${own}"\\` }))).not.toThrow()
    }),
    { numRuns: 1000 },
  )
})
