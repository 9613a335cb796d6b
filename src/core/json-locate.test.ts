import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseJson } from './json.ts'
import { locateJsonError } from './json-locate.ts'

test('it finds an error exactly where JSON.parse refuses', () => {
  const pieces = fc.constantFrom(
    '{',
    '}',
    '[',
    ']',
    '"a"',
    ':',
    ',',
    '1',
    '-0.5e+3',
    '01',
    'true',
    'nul',
    ' ',
    '\n',
    '"\\u00',
    '\\',
    '"',
  )
  fc.assert(
    fc.property(
      fc.oneof(
        fc.json(),
        fc.array(pieces, { maxLength: 9 }).map((list) => list.join('')),
      ),
      (text) => {
        expect(locateJsonError(text) === undefined, text).toBe(parseJson(text) !== undefined)
      },
    ),
    { numRuns: 2000 },
  )
})

test.each([
  ['{\n  "model": "x",\n}', 3, 1],
  ['{"a": tru}', 1, 7],
  ['', 1, 1],
  ['{"a":1} x', 1, 9],
  ['{"a":"\n"}', 1, 7],
  ['[1,2', 1, 5],
])('%j stops being JSON at line %i column %i', (text, line, column) => {
  expect(locateJsonError(text)).toMatchObject({ line, column })
})
