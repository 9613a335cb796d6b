import { isObject, type Json, type JsonObject } from '#src/core/json.ts'
import { membersOf, type Members } from '../shared/members.ts'

/** Google takes every name with humps and with underscores: `systemInstruction` and `system_instruction`. */
export function underscored(name: string): string {
  let out = ''
  for (const char of name) out += char >= 'A' && char <= 'Z' ? `_${char.toLowerCase()}` : char
  return out
}

/** The other way round. */
export function humped(name: string): string {
  const [first = '', ...words] = name.split('_')
  return first + words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join('')
}

/** A member under either spelling. */
export function memberOf(value: Json | undefined, name: string): Json | undefined {
  return isObject(value) ? (value[name] ?? value[underscored(name)] ?? undefined) : undefined
}

/** A list; one object stands for a list of it, as Google has it. */
export function listOf(value: Json | undefined, name: string): readonly Json[] {
  const member = memberOf(value, name)
  if (isObject(member)) return [member]
  return isList(member) ? member : []
}

function isList(value: Json | undefined): value is readonly Json[] {
  return Array.isArray(value)
}

/** Members that are asked for with humps and found under either spelling; errors and warnings name them as they were written. */
export function eitherWay(members: Members): Members {
  const as = (name: string): string => {
    const other = underscored(name)
    return !members.has(name) && members.has(other) ? other : name
  }
  return {
    path: members.path,
    rest: members.rest,
    has: (name) => members.has(as(name)),
    any: (name) => members.any(as(name)),
    string: (name) => members.string(as(name)),
    number: (name) => members.number(as(name)),
    boolean: (name) => members.boolean(as(name)),
    object: (name) => members.object(as(name)),
    array: (name) => members.array(as(name)),
    inner(name) {
      const inner = members.inner(as(name))
      return inner && eitherWay(inner)
    },
    each(name) {
      const own = as(name)
      const value = members.any(own)
      const all = isObject(value) ? [membersOf(value, members.at(own), members.rest)] : members.each(own)
      return all.map(eitherWay)
    },
    ignore: (...names) => members.ignore(...names, ...names.map(underscored)),
    whole: () => members.whole(),
    at: (name) => members.at(as(name)),
    close: () => members.close(),
  }
}

/** The members of an object that may be called anything, by their names with humps. */
export function namesOf(object: JsonObject): readonly (readonly [name: string, written: string])[] {
  return Object.keys(object).map((written) => [humped(written), written])
}
