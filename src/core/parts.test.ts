import { expect, test } from 'vitest'
import type { Part, Turn } from './conversation.ts'
import { inputObject, markedLast, namedResults } from './parts.ts'

test.each([
  ['{"a":1}', { a: 1 }],
  ['', {}],
  [' ', {}],
  ['{"a":"서', { input: '{"a":"서' }],
  ['[1]', { input: '[1]' }],
  ['null', { input: 'null' }],
])('the input %j as an object: nothing that a model wrote is lost', (input, wanted) => {
  expect(inputObject({ input })).toEqual(wanted)
})

test('plain text of a custom tool is its only member, an object too', () => {
  expect(inputObject({ input: '{"a":1}', custom: true })).toEqual({ input: '{"a":1}' })
  expect(inputObject({ input: '', custom: true })).toEqual({ input: '' })
})

const call = (name: string): Turn => ({
  role: 'assistant',
  parts: [{ type: 'tool-call', id: 'call_0', name, input: '{}' }],
})
const answered: Turn = { role: 'tool', parts: [{ type: 'tool-result', id: 'call_0', parts: [] }] }

test('a result has the name of the last call of its id before it', () => {
  const turns = namedResults([call('f'), answered, call('g'), answered])
  expect(turns.flatMap(({ parts }) => parts.map((part) => 'name' in part && part.name))).toEqual(['f', 'f', 'g', 'g'])
})

test('a name that is there stays, and a result without a call has none', () => {
  const own: Turn = { role: 'tool', parts: [{ type: 'tool-result', id: 'call_0', name: 'own', parts: [] }] }
  expect(namedResults([call('f'), own])[1]).toEqual(own)
  expect(namedResults([answered])).toEqual([answered])
})

const said = (...parts: readonly Part[]): readonly Turn[] => [{ role: 'user', parts }]
const text: Part = { type: 'text', text: 'a' }

test.each<[string, readonly Turn[], readonly Turn[]]>([
  ['the last part', said(text, text), said(text, { ...text, cache: { ttl: '5m' } })],
  ['one that is there', said({ ...text, cache: { ttl: '1h' } }), said({ ...text, cache: { ttl: '1h' } })],
  ['what takes none', said(text, { type: 'refusal', text: 'no' }), said(text, { type: 'refusal', text: 'no' })],
  ['nothing', [], []],
])('a mark for a cache on %s', (_, turns, marked) => {
  expect(markedLast(turns, { ttl: '5m' })).toEqual(marked)
})
