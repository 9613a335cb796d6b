import type { Json, JsonObject } from '#src/core/json.ts'
import { arrayAt, isObject, numberAt, objectAt, stringAt } from '#src/core/json.ts'

const DEEPEST = 16

/** A small value that fits a JSON schema: required members only, the first of what may be chosen. */
export function sampleOf(schema: Json | undefined): Json {
  return sample(schema, isObject(schema) ? schema : {}, 0)
}

function sample(schema: Json | undefined, root: JsonObject, depth: number): Json {
  if (!isObject(schema) || depth > DEEPEST) return {}
  const reference = stringAt(schema, '$ref')
  if (reference !== undefined) return sample(resolve(reference, root), root, depth + 1)
  if (schema['const'] !== undefined) return schema['const']
  const [first] = arrayAt(schema, 'enum') ?? []
  if (first !== undefined) return first
  const [choice] = arrayAt(schema, 'anyOf') ?? arrayAt(schema, 'oneOf') ?? arrayAt(schema, 'allOf') ?? []
  if (choice !== undefined) return sample(choice, root, depth + 1)
  return sampleOfType(schema, root, depth)
}

function sampleOfType(schema: JsonObject, root: JsonObject, depth: number): Json {
  switch (typeName(schema)) {
    case 'object':
      return sampleObject(schema, root, depth)
    case 'array': {
      const size = Math.min(Math.max(1, numberAt(schema, 'minItems') ?? 1), 64)
      return Array.from({ length: size }, () => sample(schema['items'], root, depth + 1))
    }
    case 'number':
    case 'integer':
      return numberAt(schema, 'minimum') ?? Math.min(21, numberAt(schema, 'maximum') ?? 21)
    case 'boolean':
      return true
    case 'null':
      return null
    default:
      return '서울'.padEnd(Math.min(numberAt(schema, 'minLength') ?? 0, 1024), '.')
  }
}

/** Gemini writes types in capitals. */
function typeName(schema: JsonObject): string | undefined {
  const named = stringAt(schema, 'type')
  if (named !== undefined) return named.toLowerCase()
  const listed = arrayAt(schema, 'type')?.find((each) => each !== 'null')
  if (typeof listed === 'string') return listed
  return objectAt(schema, 'properties') === undefined ? undefined : 'object'
}

function sampleObject(schema: JsonObject, root: JsonObject, depth: number): JsonObject {
  const properties = objectAt(schema, 'properties') ?? {}
  const required = arrayAt(schema, 'required')
  const names = Object.keys(properties).filter((name) => required === undefined || required.includes(name))
  return Object.fromEntries(names.map((name) => [name, sample(properties[name], root, depth + 1)]))
}

function resolve(reference: string, root: JsonObject): Json | undefined {
  let found: Json | undefined = root
  for (const part of reference.split('/').slice(1)) found = isObject(found) ? found[part] : undefined
  return found
}
