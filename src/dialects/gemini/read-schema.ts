import { isObject, type Json, type JsonObject } from '#src/core/json.ts'
import { humped } from './spelling.ts'

type Members = Record<string, Json>

/** Google's OpenAPI schema as JSON Schema: types in lower case, `nullable` as a type, counts as numbers, properties in their order. */
export function jsonSchemaOf(schema: JsonObject): JsonObject {
  const out: Members = {}
  for (const [written, value] of Object.entries(schema)) {
    if (value === undefined || value === null) continue
    const name = humped(written)
    putMember(out, name, value)
  }
  const order = schema['propertyOrdering'] ?? schema['property_ordering']
  if (isList(order) && isObject(out['properties'])) out['properties'] = ordered(out['properties'], order)
  if (schema['nullable'] === true) putNull(out)
  return out
}

/** Counts, which Google's JSON writes as texts. */
const COUNTS: ReadonlySet<string> = new Set([
  'minItems',
  'maxItems',
  'minLength',
  'maxLength',
  'minProperties',
  'maxProperties',
])

function putMember(out: Members, name: string, value: Json): void {
  switch (name) {
    case 'nullable':
    case 'propertyOrdering':
      return
    case 'type':
      if (typeof value !== 'string') out[name] = value
      else if (value !== 'TYPE_UNSPECIFIED') out[name] = value.toLowerCase()
      return
    case 'properties':
      if (isObject(value))
        out[name] = Object.fromEntries(Object.entries(value).map(([key, own]) => [key, inner(own ?? null)]))
      return
    case 'anyOf':
      out[name] = isList(value) ? value.map(inner) : value
      return
    case 'items':
      out[name] = inner(value)
      return
    case 'example':
      out['examples'] = [value]
      return
    default:
      out[name] = COUNTS.has(name) && typeof value === 'string' ? Number(value) : value
  }
}

function inner(value: Json): Json {
  return isObject(value) ? jsonSchemaOf(value) : value
}

function ordered(properties: JsonObject, order: readonly Json[]): JsonObject {
  const place = (key: string): number => {
    const at = order.indexOf(key)
    return at < 0 ? order.length : at
  }
  return Object.fromEntries(Object.entries(properties).toSorted(([a], [b]) => place(a) - place(b)))
}

function putNull(out: Members): void {
  if (typeof out['type'] === 'string') out['type'] = [out['type'], 'null']
  const values = out['enum']
  if (isList(values) && !values.includes(null)) out['enum'] = [...values, null]
}

function isList(value: Json | undefined): value is readonly Json[] {
  return Array.isArray(value)
}
