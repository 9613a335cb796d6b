import { expect, test } from 'vitest'
import type { JsonObject } from '#src/core/json.ts'
import { fitsStrict } from './strict-schema.ts'

const closed = (properties: JsonObject, more: JsonObject = {}): JsonObject => ({
  type: 'object',
  properties,
  required: Object.keys(properties),
  additionalProperties: false,
  ...more,
})
const place = closed({ name: { type: 'string', minLength: 1 } })

test.each([
  ['closed', closed({ a: { type: ['string', 'null'] }, b: { $ref: '#/$defs/b' } }, { $defs: { b: place } }), true],
  ['without properties', closed({}), true],
  ['a list', closed({ a: { type: 'array', items: place } }), true],
  ['either of two', closed({ a: { anyOf: [place, { type: 'null' }] } }), true],
  ['an optional property', { ...closed({ a: {}, b: {} }), required: ['a'] }, false],
  ['open', { ...closed({ a: {} }), additionalProperties: true }, false],
  ['open within', closed({ a: { type: 'object', properties: {} } }), false],
  ['open in a list', closed({ a: { type: 'array', items: { type: 'object' } } }), false],
  ['open in a definition', closed({}, { $defs: { b: { type: ['object', 'null'] } } }), false],
  ['open in one of two', closed({ a: { anyOf: [{ properties: {} }] } }), false],
  ['of words that are not known', closed({ a: { allOf: [place] } }), false],
  ['no object', { type: 'array', items: place }, false],
  ['either of two, outermost', { ...place, anyOf: [place] }, false],
])('%s', (_name, schema, fits) => {
  expect(fitsStrict(schema)).toBe(fits)
})
