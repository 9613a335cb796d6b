import type { Field } from '#src/core/conversation.ts'
import { isObject, type Json, type JsonObject } from '#src/core/json.ts'
import { invalid } from './read-request.ts'

/**
 * An object of a caller's request on its way into the internal form. What is taken is known; what nobody has taken when it is `closed` goes to
 * `rest`, so that no member is lost in silence (law 8). Null counts as absent. A member of the wrong kind is a 400 that names it.
 */
export interface Members {
  readonly path: string
  readonly rest: Field[]
  has(name: string): boolean
  any(name: string): Json | undefined
  string(name: string): string | undefined
  number(name: string): number | undefined
  boolean(name: string): boolean | undefined
  object(name: string): JsonObject | undefined
  array(name: string): readonly Json[] | undefined
  /** A member that is an object, taken apart in its turn. */
  inner(name: string): Members | undefined
  /** The elements of a member, each an object to be taken apart. */
  each(name: string): readonly Members[]
  /** All of it, known as it is. */
  whole(): JsonObject
  /** Known, and of no consequence. */
  ignore(...names: readonly string[]): void
  /** The path of a member. */
  at(name: string): string
  close(): void
}

/** `path` is '' for the request itself. */
export function membersOf(object: JsonObject, path: string, rest: Field[]): Members {
  const taken = new Set<string>()
  const at = (name: string): string => (path === '' ? name : `${path}.${name}`)

  function any(name: string): Json | undefined {
    taken.add(name)
    return object[name] ?? undefined
  }

  function wrong(name: string, wanted: string): never {
    throw invalid(`invalid value for \`${at(name)}\`: expected ${wanted}`, at(name))
  }

  const members: Members = {
    path,
    rest,
    has: (name) => object[name] !== undefined && object[name] !== null,
    any,
    string(name) {
      const value = any(name)
      return value === undefined || typeof value === 'string' ? value : wrong(name, 'a string')
    },
    number(name) {
      const value = any(name)
      return value === undefined || typeof value === 'number' ? value : wrong(name, 'a number')
    },
    boolean(name) {
      const value = any(name)
      return value === undefined || typeof value === 'boolean' ? value : wrong(name, 'a boolean')
    },
    object(name) {
      const value = any(name)
      return value === undefined || isObject(value) ? value : wrong(name, 'an object')
    },
    array(name) {
      const value = any(name)
      return value === undefined || isList(value) ? value : wrong(name, 'an array')
    },
    inner(name) {
      const value = members.object(name)
      return value && membersOf(value, at(name), rest)
    },
    each(name) {
      return (members.array(name) ?? []).map((item, index) => {
        if (!isObject(item)) throw invalid(`invalid value for \`${at(name)}[${index}]\`: expected an object`, at(name))
        return membersOf(item, `${at(name)}[${index}]`, rest)
      })
    },
    whole() {
      members.ignore(...Object.keys(object))
      return object
    },
    ignore(...names) {
      for (const name of names) taken.add(name)
    },
    at,
    close() {
      for (const [name, value] of Object.entries(object))
        if (!taken.has(name) && value !== undefined && value !== null) rest.push({ param: at(name), value })
    },
  }
  return members
}

function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value)
}
