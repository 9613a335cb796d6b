import { isObject, type Json, type JsonObject } from '#src/core/json.ts'

/** Google takes every name in camel case and in snake case: `systemInstruction` is `system_instruction`. The first is what tutti works with. */
export function camelCased(value: Json): Json {
  if (Array.isArray(value)) return value.map(camelCased)
  return isObject(value) ? camelObject(value) : value
}

/** Members whose own members are the caller's words: arguments, results, schemas, labels. */
const OPAQUE: ReadonlySet<string> = new Set([
  'args',
  'response',
  'parameters',
  'parametersJsonSchema',
  'responseSchema',
  'responseJsonSchema',
  'labels',
])

export function camelObject(object: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(object).map(([name, value]) => {
      const camel = camelName(name)
      return [camel, value === undefined || OPAQUE.has(camel) ? value : camelCased(value)]
    }),
  )
}

function camelName(name: string): string {
  if (!name.includes('_')) return name
  const [first = '', ...words] = name.split('_')
  return first + words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join('')
}
