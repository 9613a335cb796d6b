import { isObject, type Json, type JsonObject } from '#src/core/json.ts'

/** Google's own schemas write types in capitals and nullability as a flag; JSON Schema does not. */
export function jsonSchemaOf(schema: JsonObject): JsonObject {
  const { nullable, ...members } = schema
  const own = Object.fromEntries(Object.entries(members).map(([name, value]) => [name, converted(name, value ?? null)]))
  if (nullable !== true || typeof own['type'] !== 'string') return own
  return { ...own, type: [own['type'], 'null'] }
}

function converted(name: string, value: Json): Json {
  if (name === 'type' && typeof value === 'string') return value.toLowerCase()
  if (name === 'properties' && isObject(value))
    return Object.fromEntries(
      Object.entries(value).map(([key, own]) => [key, isObject(own) ? jsonSchemaOf(own) : (own ?? null)]),
    )
  if ((name === 'items' || name === 'additionalProperties') && isObject(value)) return jsonSchemaOf(value)
  if (name === 'anyOf' && Array.isArray(value))
    return value.map((own: Json) => (isObject(own) ? jsonSchemaOf(own) : own))
  return value
}
