import { isObject, type Json, type JsonObject } from '#src/core/json.ts'

/** What the API's grammar of answers knows (https://platform.claude.com/docs/en/build-with-claude/structured-outputs); it refuses the rest. */
const KNOWN: ReadonlySet<string> = new Set([
  'type',
  'properties',
  'required',
  'items',
  'enum',
  'const',
  'anyOf',
  'allOf',
  '$ref',
  '$defs',
  'definitions',
  'title',
  'description',
  'default',
])
const FORMATS: ReadonlySet<string> = new Set([
  'date-time',
  'time',
  'date',
  'duration',
  'email',
  'hostname',
  'uri',
  'ipv4',
  'ipv6',
  'uuid',
])
/** Members that hold schemas by name, and those that hold lists of them. */
const MAPS: ReadonlySet<string> = new Set(['properties', '$defs', 'definitions'])
const LISTS: ReadonlySet<string> = new Set(['anyOf', 'allOf'])

/** A JSON Schema as the API takes it, and whether it says more than that: such constraints are told to the model in the description. */
export function schemaFor(schema: JsonObject): { readonly schema: JsonObject; readonly changed: boolean } {
  const told = { changed: false }
  return { schema: adapted(schema, told), changed: told.changed }
}

interface Told {
  changed: boolean
}

function adapted(schema: JsonObject, told: Told): JsonObject {
  const kept: Record<string, Json> = {}
  const constraints: string[] = []
  for (const [key, value] of Object.entries(schema)) {
    if (value === undefined || key === '$schema' || key === 'additionalProperties') continue
    if (key === 'oneOf') kept['anyOf'] = each(value, told)
    else if (isKnown(key, value)) kept[key] = inner(key, value, told)
    else constraints.push(`${key}: ${JSON.stringify(value)}`)
  }
  if (isObjectSchema(schema)) {
    kept['additionalProperties'] = false
    told.changed ||= schema['additionalProperties'] !== false
  }
  if (constraints.length === 0) return kept
  told.changed = true
  const before = typeof kept['description'] === 'string' ? `${kept['description']}\n\n` : ''
  return { ...kept, description: `${before}{${constraints.join(', ')}}` }
}

function isKnown(key: string, value: Json): boolean {
  if (key === 'format') return typeof value === 'string' && FORMATS.has(value)
  if (key === 'minItems') return value === 0 || value === 1
  return KNOWN.has(key)
}

function isObjectSchema({ type, properties }: JsonObject): boolean {
  return type === 'object' || isObject(properties) || (Array.isArray(type) && type.includes('object'))
}

function inner(key: string, value: Json, told: Told): Json {
  if (MAPS.has(key) && isObject(value)) {
    const entries = Object.entries(value).map(([name, own]): [string, Json | undefined] => [
      name,
      isObject(own) ? adapted(own, told) : own,
    ])
    return Object.fromEntries(entries)
  }
  if (LISTS.has(key)) return each(value, told)
  return key === 'items' && isObject(value) ? adapted(value, told) : value
}

function each(value: Json, told: Told): Json {
  return Array.isArray(value) ? value.map((own: Json) => (isObject(own) ? adapted(own, told) : own)) : value
}
