// Writes tutti.schema.json from the schema of the configuration, for editors: `node scripts/generate-schema.ts`.
import { writeFileSync } from 'node:fs'
import * as z from 'zod/mini'
import { isObject, parseJson, type Json, type JsonObject } from '#src/core/json.ts'
import { DESCRIPTIONS } from '#src/config/schema-descriptions.ts'
import { fileSchema } from '#src/config/schema.ts'

/** The text of tutti.schema.json. Draft 7 is what editors' YAML and JSON modes read best. Throws for a description of no field. */
export function schemaText(descriptions = DESCRIPTIONS): string {
  const { $schema, ...schema } = z.toJSONSchema(fileSchema, { target: 'draft-7', io: 'input' })
  const unused = new Set(Object.keys(descriptions))
  const plain = parseJson(JSON.stringify(schema, withoutRefused)) ?? null
  const whole = described(plain, [], (path) => {
    const key = spellings(path).find((name) => Object.hasOwn(descriptions, name))
    if (key === undefined) return undefined
    unused.delete(key)
    return descriptions[key]
  })
  if (unused.size > 0) throw new Error(`descriptions of no field: ${[...unused].join(', ')}`)
  const head = { $schema, title: 'tutti', description: "tutti's configuration: tutti.yaml" }
  return `${JSON.stringify({ ...head, ...(isObject(whole) && whole) }, undefined, 2)}\n`
}

type Describe = (path: readonly string[]) => string | undefined

/** The schema with a description on each field of which there is one. */
function described(schema: Json, path: readonly string[], describe: Describe): Json {
  if (Array.isArray(schema)) return schema.map((part) => described(part, path, describe))
  if (!isObject(schema)) return schema
  return mapValues(schema, (value, keyword) =>
    keyword === 'properties' && isObject(value)
      ? mapValues(value, (field, name) => describedField(field, [...path, name], describe))
      : described(value, path, describe),
  )
}

function describedField(schema: Json, path: readonly string[], describe: Describe): Json {
  const description = describe(path)
  const field = described(schema, path, describe)
  return description !== undefined && isObject(field) ? { description, ...field } : field
}

/** A path as a description may name it, the longest first: `a.b.c`, `*.b.c`, `*.c`. */
function spellings(path: readonly string[]): readonly string[] {
  return path.map((_, at) => (at === 0 ? path : ['*', ...path.slice(at)]).join('.'))
}

function mapValues(object: JsonObject, change: (value: Json, name: string) => Json): JsonObject {
  return Object.fromEntries(Object.entries(object).map(([name, value]) => [name, change(value ?? null, name)]))
}

/** A field that this version refuses is one that an editor need not offer. */
function withoutRefused(name: string, value: unknown): unknown {
  if (name !== 'properties' || typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).filter(([, field]: [string, unknown]) => !isRefused(field)))
}

function isRefused(field: unknown): boolean {
  return typeof field === 'object' && field !== null && 'not' in field
}

if (import.meta.main) writeFileSync(new URL('../tutti.schema.json', import.meta.url), schemaText())
