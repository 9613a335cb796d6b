import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { schemaText } from '../../scripts/generate-schema.ts'

test('tutti.schema.json is what scripts/generate-schema.ts writes', () => {
  expect(readFileSync(new URL('../../tutti.schema.json', import.meta.url), 'utf8')).toBe(schemaText())
})

test('it forbids unknown fields, describes, and offers nothing that this version refuses', () => {
  const text = schemaText()
  expect(text).toContain('"additionalProperties": false')
  for (const name of ['hedge', 'cors']) expect(text).not.toContain(`"${name}"`)
  for (const name of ['when', 'onError', 'targets', 'derived', 'except', 'anyOf', 'sha256', 'heartbeat', 'lineage'])
    expect(text).toContain(`"${name}"`)
})

test('a description of no field is refused', () => {
  expect(() => schemaText({ 'server.host': 'described', 'server.hots': 'of nothing' })).toThrow(
    /no field: server\.hots$/,
  )
})
