import fc from 'fast-check'
import { expect, test } from 'vitest'
import { editJson, fieldOf, scanArray, scanObject, splice, type Edit } from './json-scan.ts'

const KEYS = ['model', 'a', 'b"\\', '한', '', '__proto__', 'toString']
const entries = fc.uniqueArray(fc.tuple(fc.oneof(fc.constantFrom(...KEYS), fc.string()), fc.jsonValue()), {
  selector: ([key]) => key,
  maxLength: 6,
})
const space = fc.constantFrom('', ' ', '\n\t', '\r\n  ')
const edits = fc.array(
  fc.oneof(
    fc.record({ op: fc.constant('set' as const), key: fc.constantFrom(...KEYS), value: fc.json() }),
    fc.record({ op: fc.constant('remove' as const), key: fc.constantFrom(...KEYS) }),
  ),
  { maxLength: 4 },
)

/** An object as text, with spacing that `JSON.stringify` would not write. */
function write(members: readonly (readonly [string, unknown])[], gap: string): string {
  const body = members.map(([key, value]) => `${gap}${JSON.stringify(key)}${gap}:${gap}${JSON.stringify(value)}${gap}`)
  return `${gap}{${gap}${body.join(',')}}${gap}`
}

test('a scan finds each member and its exact text', () => {
  fc.assert(
    fc.property(entries, space, (members, gap) => {
      const text = write(members, gap)
      const fields = scanObject(text)
      expect(fields.map((field) => [field.key, text.slice(field.start, field.end)])).toEqual(
        members.map(([key, value]) => [key, JSON.stringify(value)]),
      )
      for (const field of fields) expect(JSON.parse(text.slice(field.keyStart, field.keyEnd))).toBe(field.key)
    }),
  )
})

test('editing text is editing the object, and what no edit names stays as it was written', () => {
  fc.assert(
    fc.property(entries, space, edits, (members, gap, changes) => {
      const text = write(members, gap)
      const expected = new Map(members)
      const last = new Map<string, Edit>(changes.map((change) => [change.key, change]))
      for (const [key, edit] of last) {
        if (edit.op === 'remove') expected.delete(key)
        else if (edit.op === 'set') expected.set(key, JSON.parse(edit.value))
      }
      const edited = editJson(text, changes)
      const parsed: Record<string, unknown> = JSON.parse(edited)
      expect(new Map(Object.entries(parsed))).toEqual(new Map(normal(expected)))
      for (const field of scanObject(text)) {
        if (!last.has(field.key)) expect(edited).toContain(text.slice(field.keyStart, field.end))
      }
    }),
  )
})

function normal(members: ReadonlyMap<string, unknown>): [string, unknown][] {
  const parsed: Record<string, unknown> = JSON.parse(write([...members], ''))
  return Object.entries(parsed)
}

test('numbers, escapes and spacing outside an edit are not touched', () => {
  const text = '{ "n" : 1e400,\t"big":9007199254740993, "e":"\\u00e9\\/" ,"model":"x","z":-0.0 }'
  expect(editJson(text, [{ op: 'set', key: 'model', value: '"y"' }])).toBe(text.replace('"x"', '"y"'))
  expect(editJson(text, [{ op: 'remove', key: 'n' }])).toBe(
    '{ "big":9007199254740993, "e":"\\u00e9\\/" ,"model":"x","z":-0.0 }',
  )
  expect(editJson(text, [{ op: 'rename', key: 'z', to: 'zz' }])).toBe(text.replace('"z"', '"zz"'))
})

test('duplicates are seen, also behind escapes, and each is replaced', () => {
  const text = '{"model":"a","mod\\u0065l":"b"}'
  expect(scanObject(text).map((field) => field.key)).toEqual(['model', 'model'])
  expect(editJson(text, [{ op: 'set', key: 'model', value: '"c"' }])).toBe('{"model":"c","mod\\u0065l":"c"}')
  expect(fieldOf(scanObject(text), 'model')?.start).toBe(text.indexOf('"b"'))
})

test('members are added to an empty object', () => {
  expect(editJson('{ }', [{ op: 'set', key: 'a', value: '1' }])).toBe('{"a":1 }')
  expect(
    editJson('{"b":2}', [
      { op: 'remove', key: 'b' },
      { op: 'set', key: 'a', value: '1' },
    ]),
  ).toBe('{"a":1}')
})

test('a nested object is edited by its span', () => {
  const text = '{"stream_options":{"x":1},"z":[1, {"a":"]"}, "}"]}'
  const options = fieldOf(scanObject(text), 'stream_options')
  const z = fieldOf(scanObject(text), 'z')
  expect(options?.depth).toBe(1)
  expect(z?.depth).toBe(2)
  expect(scanObject(text, options?.start).map((field) => field.key)).toEqual(['x'])
  expect(scanArray(text, z?.start).map((span) => text.slice(span.start, span.end))).toEqual(['1', '{"a":"]"}', '"}"'])
})

test('replacements leave the rest', () => {
  expect(
    splice('abcdef', [
      { start: 1, end: 2, text: 'X' },
      { start: 4, end: 4, text: '-' },
    ]),
  ).toBe('aXcd-ef')
})

test('what is not JSON is refused, never looped over', () => {
  for (const text of ['', '[', '{', '{"a"', '{"a":', '{"a":1', '{"a":"', '{"a":[', '{"a":1 "b":2}', '{,}', '{"a":}']) {
    expect(() => scanObject(text), text).toThrow(SyntaxError)
  }
})

test('a long string is jumped over, an escaped quote at its end is not its end', () => {
  const long = 'A'.repeat(4_000_000)
  const text = `{"a":"${long}\\\\\\"","b":"\\\\"}`
  const fields = scanObject(text)
  expect(fields.map((field) => field.key)).toEqual(['a', 'b'])
  expect(fields[1]?.end).toBe(text.length - 1)
})
