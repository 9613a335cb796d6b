import { isObject, type Json, type JsonObject } from './json.ts'
import { editJson, fieldOf, scanObject } from './json-scan.ts'

/** What a rule may write into a request, by the rule's own names: each dialect that has it calls it something else. */
export const SETTINGS = [
  'temperature',
  'topP',
  'topK',
  'seed',
  'stop',
  'user',
  'store',
  'serviceTier',
  'reasoningEffort',
] as const

/** And what it may cap. */
export type Setting = (typeof SETTINGS)[number] | 'outputTokens'

/** Where a dialect has them: paths into its body. Of several the first is where one is written that is not there. */
export type Places = Readonly<Partial<Record<Setting, readonly Place[]>>>

export type Place = readonly string[]

/** The value at a place; undefined: nothing is there, or null. */
export function valueAt(body: JsonObject, place: Place): Json | undefined {
  let value: Json | undefined = body
  for (const name of place) value = isObject(value) ? value[name] : undefined
  return value ?? undefined
}

/** Where a setting stands in a body; where it does not stand, where it is to be written. */
export function placesIn(body: JsonObject, places: readonly Place[]): readonly Place[] {
  const there = places.filter((place) => valueAt(body, place) !== undefined)
  if (there.length > 0) return there
  // Beside what its owner wrote, in whatever spelling.
  const beside = places.find((place) => place.length > 1 && valueAt(body, place.slice(0, -1)) !== undefined)
  const first = beside ?? places[0]
  return first ? [first] : []
}

/** A JSON text with a value at a place, whatever stood there; objects on the way are made. All else stays byte for byte. */
export function writeAt(text: string, place: Place, value: Json): string {
  const [name, ...inner] = place
  if (name === undefined) return JSON.stringify(value)
  const field = inner.length > 0 ? fieldOf(scanObject(text), name) : undefined
  const own = field && text.slice(field.start, field.end)
  const within = own?.startsWith('{') === true ? own : '{}'
  const written = inner.length > 0 ? writeAt(within, inner, value) : JSON.stringify(value)
  return editJson(text, [{ op: 'set', key: name, value: written }])
}
