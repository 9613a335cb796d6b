/** A JSON value as `JSON.parse` gives it. */
export type Json = null | boolean | number | string | readonly Json[] | JsonObject
export interface JsonObject {
  readonly [key: string]: Json | undefined
}

/** True for a plain JSON object: not null, not an array. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The member as an object, or undefined when it is anything else. */
export function objectAt(value: Json | undefined, key: string): JsonObject | undefined {
  const member = isObject(value) ? value[key] : undefined
  return isObject(member) ? member : undefined
}

/** The member as an array, or undefined when it is anything else. */
export function arrayAt(value: Json | undefined, key: string): readonly Json[] | undefined {
  const member = isObject(value) ? value[key] : undefined
  return isArray(member) ? member : undefined
}

/** The member as a string, or undefined when it is anything else. */
export function stringAt(value: Json | undefined, key: string): string | undefined {
  const member = isObject(value) ? value[key] : undefined
  return typeof member === 'string' ? member : undefined
}

/** The member as a finite number, or undefined when it is anything else. */
export function numberAt(value: Json | undefined, key: string): number | undefined {
  const member = isObject(value) ? value[key] : undefined
  return typeof member === 'number' && Number.isFinite(member) ? member : undefined
}

/** The member as `true` or `false`, or undefined when it is anything else. */
export function booleanAt(value: Json | undefined, key: string): boolean | undefined {
  const member = isObject(value) ? value[key] : undefined
  return typeof member === 'boolean' ? member : undefined
}

/** `JSON.parse` that answers undefined instead of throwing. */
export function parseJson(text: string): Json | undefined {
  try {
    const value: Json = JSON.parse(text)
    return value
  } catch {
    return undefined
  }
}

/** Members of all objects in it, itself among them. For values of bounded depth. */
export function countMembers(value: Json | undefined): number {
  if (isArray(value)) return value.reduce((sum: number, inner) => sum + countMembers(inner), 0)
  if (!isObject(value)) return 0
  return Object.values(value).reduce((sum: number, inner) => sum + 1 + countMembers(inner), 0)
}

function isArray(value: unknown): value is readonly Json[] {
  return Array.isArray(value)
}
