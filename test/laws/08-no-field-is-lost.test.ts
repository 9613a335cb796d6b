// Law 8. No field is lost in silence: every field of every dialect is carried, emulated, refused with 400, or named in `x-tutti-warnings`; null stays null, absent stays absent.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { isObject, objectAt, parseJson, type JsonObject } from '#src/core/json.ts'
import { adapters } from '#providers/registry.ts'
import { FIELDS, TUTTIS } from '../support/documented-fields.ts'
import { reached } from '../support/law.ts'
import { corpusAbsent, SHARED } from '../support/require.ts'
import { fateOf, type Inbound } from '../support/totality.ts'

const inbounds = Object.keys(FIELDS).filter((name): name is Inbound => name in FIELDS)

/** Each form of each vendor, once with a name that says nothing and once with one that thinks. */
const spoken = [...adapters.values()].flatMap((adapter) =>
  (adapter.codecs ?? []).flatMap((codec) =>
    ['some-model', 'gpt-6-luna'].map((model) => ({ name: `${adapter.type}, ${codec.wire}, ${model}`, codec, model })),
  ),
)

test('there are forms to try', () => {
  expect(new Set(spoken.map(({ codec }) => codec.wire)).size).toBeGreaterThanOrEqual(5)
})

describe.for(inbounds)('%s', (inbound) => {
  test.for(spoken)('to $name', (target) => {
    const lost = FIELDS[inbound].filter((field) => fateOf(inbound, field, target) === 'lost')
    expect(lost.map(({ field, set }) => `${field}: ${JSON.stringify(set)}`)).toEqual([])
    reached(FIELDS[inbound].length)
  })
})

const SPEC = [
  ['chat', 'CreateChatCompletionRequest'],
  ['responses', 'CreateResponse'],
] as const

describe.skipIf(corpusAbsent())('the documents (skipped where ../shared is absent)', () => {
  test.for(SPEC)('%s: the list has every field of %s', ([inbound, schema]) => {
    const listed = new Set([...FIELDS[inbound].flatMap(({ set }) => Object.keys(set)), ...TUTTIS[inbound]])
    expect(propertiesOf(schema).filter((name) => !listed.has(name))).toEqual([])
  })
})

/** The names of a schema's members, those of the schemas that it is made of included. */
function propertiesOf(name: string): readonly string[] {
  const schema = schemas()[name]
  const own = Object.keys(objectAt(schema, 'properties') ?? {})
  const more = isObject(schema) && Array.isArray(schema['allOf']) ? schema['allOf'] : []
  return [
    ...own,
    ...more.flatMap((part: JsonObject) => {
      const reference = part['$ref']
      return typeof reference === 'string'
        ? propertiesOf(reference.slice(reference.lastIndexOf('/') + 1))
        : Object.keys(objectAt(part, 'properties') ?? {})
    }),
  ]
}

function schemas(): JsonObject {
  const document = parseJson(readFileSync(join(SHARED, 'spec/openai-openapi.json'), 'utf8'))
  return objectAt(objectAt(document, 'components'), 'schemas') ?? {}
}
