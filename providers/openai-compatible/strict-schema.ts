import { isObject, type Json, type JsonObject } from '#src/core/json.ts'

/** What OpenAI's strict schemas do not know (https://platform.openai.com/docs/guides/structured-outputs): with these it answers 400. */
const UNKNOWN = [
  'allOf',
  'oneOf',
  'not',
  'if',
  'then',
  'else',
  'dependentRequired',
  'dependentSchemas',
  'patternProperties',
] as const
/** Members that hold schemas by name. */
const MAPS = ['properties', '$defs', 'definitions'] as const

/** Whether a schema may be sent as strict: every object has to be closed and to demand all of its properties, the outermost included. */
export function fitsStrict(schema: JsonObject): boolean {
  return schema['type'] === 'object' && !('anyOf' in schema) && fits(schema)
}

function fits(schema: Json | undefined): boolean {
  if (!isObject(schema)) return true
  if (UNKNOWN.some((name) => name in schema)) return false
  if (isObjectSchema(schema) && !isClosed(schema)) return false
  const { items, anyOf } = schema
  const inner = [items, ...(Array.isArray(anyOf) ? anyOf : []), ...MAPS.flatMap((name) => valuesOf(schema[name]))]
  return inner.every(fits)
}

function isObjectSchema({ type, properties }: JsonObject): boolean {
  return type === 'object' || isObject(properties) || (Array.isArray(type) && type.includes('object'))
}

function isClosed({ properties, required, additionalProperties }: JsonObject): boolean {
  const demanded: readonly Json[] = Array.isArray(required) ? required : []
  return additionalProperties === false && namesOf(properties).every((name) => demanded.includes(name))
}

const namesOf = (value: Json | undefined): readonly string[] => (isObject(value) ? Object.keys(value) : [])
const valuesOf = (value: Json | undefined): readonly (Json | undefined)[] =>
  isObject(value) ? Object.values(value) : []
