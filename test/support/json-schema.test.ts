import { expect, test } from 'vitest'
import type { Json } from '#src/core/json.ts'
import { explain, schemaChecker } from './json-schema.ts'

const DOCUMENT = {
  components: {
    schemas: {
      Answer: {
        type: 'object',
        required: ['id', 'item'],
        properties: {
          id: { type: 'string' },
          count: { type: 'integer', minimum: 0, nullable: true },
          tier: { anyOf: [{ type: 'string', enum: ['a', 'b'] }, { type: 'null' }] },
          item: { $ref: '#/components/schemas/Item' },
          more: { type: 'array', items: { $ref: '#/components/schemas/Item' }, minItems: 1 },
        },
      },
      Item: {
        oneOf: [{ $ref: '#/components/schemas/Text' }, { $ref: '#/components/schemas/Call' }],
        discriminator: { propertyName: 'type' },
      },
      Base: { type: 'object', required: ['type'], properties: { type: { type: 'string' } } },
      Text: {
        allOf: [
          { $ref: '#/components/schemas/Base' },
          { required: ['text'], properties: { type: { const: 'text' }, text: { type: 'string' } } },
        ],
      },
      Call: {
        type: 'object',
        required: ['type', 'name'],
        properties: { type: { enum: ['call'] }, name: { type: ['string', 'null'] }, input: {} },
        additionalProperties: false,
      },
      Loop: { allOf: [{ $ref: '#/components/schemas/Loop' }, { type: 'string' }] },
    },
  },
}

const TEXT = { type: 'text', text: 'x' }
const found = (value: Json, schema = 'Answer', closed = false) =>
  explain(schemaChecker(DOCUMENT, { closed })(schema, value))

test('what fits has no mismatch', () => {
  expect(found({ id: 'a', item: TEXT, count: null, tier: null, more: [{ type: 'call', name: null }] })).toEqual([])
  expect(found({ id: 'a', item: TEXT, tier: 'b' }, 'Answer', true)).toEqual([])
  expect(found('x', 'Loop')).toEqual([])
})

test.each<[string, Json, string]>([
  ['a member that must be there', { item: TEXT }, '(value): required: `id` is missing'],
  ['the type of a member', { id: 1, item: TEXT }, 'id: type: 1 is no string'],
  ['a whole number', { id: 'a', item: TEXT, count: 1.5 }, 'count: type: 1.5 is no integer'],
  ['a bound', { id: 'a', item: TEXT, count: -1 }, 'count: minimum: -1 where the limit is 0'],
  ['a word', { id: 'a', item: TEXT, tier: 'c' }, 'tier: enum: "c" is none of "a", "b"'],
  ['the branch that the discriminator names', { id: 'a', item: { type: 'text' } }, 'item: required: `text` is missing'],
  ['an element', { id: 'a', item: TEXT, more: [TEXT, { type: 'call' }] }, 'more[1]: required: `name` is missing'],
  ['no element', { id: 'a', item: TEXT, more: [] }, 'more: minItems: 0 where the limit is 1'],
  ['a refused member', { id: 'a', item: { type: 'call', name: 'n', x: 1 } }, 'item.x: false: nothing is allowed here'],
  ['a tag that nobody has', { id: 'a', item: { type: 'x', name: 'n' } }, 'item.type: enum: "x" is none of "call"'],
])('%s', (_what, value, line) => {
  expect(found(value)).toEqual([line])
})

test('a closed check names the members that no schema has, at every depth', () => {
  expect(found({ id: 'a', item: { ...TEXT, y: 1 }, z: 1 }, 'Answer', true)).toEqual([
    'item: closed: `y` is not in the schema',
    '(value): closed: `z` is not in the schema',
  ])
  expect(found({ id: 'a', item: { ...TEXT, y: 1 }, z: 1 })).toEqual([])
})

test('a schema that is not there is a mismatch, not a pass', () => {
  expect(found({}, 'Nowhere')).toEqual(['(value): $ref: `#/components/schemas/Nowhere` is not there'])
})
