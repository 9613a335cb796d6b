import type { Citation } from '#src/core/conversation.ts'
import { arrayAt, isObject, numberAt, objectAt, stringAt, type Json, type JsonObject } from '#src/core/json.ts'
import { VENDOR } from './wire.ts'

/** Where a candidate's statements are from. `text`: what it said, for places that are counted in bytes of UTF-8. */
export function citationsOf(candidate: JsonObject, text: () => string | undefined): readonly Citation[] {
  const grounding = objectAt(candidate, 'groundingMetadata')
  const cited = arrayAt(objectAt(candidate, 'citationMetadata'), 'citations') ?? []
  if (!grounding && cited.length === 0) return []
  const place = placesIn(text)
  return [
    ...(grounding ? groundedOf(grounding, place) : []),
    ...cited.flatMap((one) => (isObject(one) && Object.keys(one).length > 0 ? [recitedOf(one, place)] : [])),
  ]
}

type Place = (bytes: number) => number | undefined

/** Bytes as UTF-16 units. The text is put together once, and only where somebody asks. */
function placesIn(text: () => string | undefined): Place {
  let encoded: Uint8Array | undefined
  let known = true
  return (bytes) => {
    if (known && !encoded) {
      const whole = text()
      if (whole === undefined) known = false
      else encoded = new TextEncoder().encode(whole)
    }
    return encoded && bytes <= encoded.length ? new TextDecoder().decode(encoded.subarray(0, bytes)).length : undefined
  }
}

/** Each statement with each of its sources; sources that no statement names stand alone. */
function groundedOf(grounding: JsonObject, place: Place): readonly Citation[] {
  const chunks = arrayAt(grounding, 'groundingChunks') ?? []
  const named = new Set<number>()
  const supported = (arrayAt(grounding, 'groundingSupports') ?? []).flatMap((support) =>
    (arrayAt(support, 'groundingChunkIndices') ?? []).flatMap((index) => {
      const chunk = typeof index === 'number' ? chunks[index] : undefined
      if (typeof index !== 'number' || !isObject(chunk) || !isObject(support)) return []
      named.add(index)
      return [
        {
          ...sourceOf(chunk),
          ...segmentOf(objectAt(support, 'segment'), place),
          vendor: VENDOR,
          raw: { chunk, support },
        },
      ]
    }),
  )
  const alone = chunks.flatMap((chunk, index) =>
    isObject(chunk) && !named.has(index) ? [{ ...sourceOf(chunk), vendor: VENDOR, raw: { chunk } }] : [],
  )
  return [...supported, ...alone]
}

/** Web pages, documents of a store, places on a map, pictures. */
function sourceOf(chunk: JsonObject): Pick<Citation, 'url' | 'title'> {
  const source = ['web', 'retrievedContext', 'maps', 'image'].map((kind) => objectAt(chunk, kind)).find(isObject)
  return described(source, stringAt(source, 'uri') ?? stringAt(source, 'sourceUri'))
}

function described(source: JsonObject | undefined, url: string | undefined): Pick<Citation, 'url' | 'title'> {
  const title = stringAt(source, 'title')
  return { ...(url !== undefined && { url }), ...(title !== undefined && { title }) }
}

function segmentOf(segment: JsonObject | undefined, place: Place): Pick<Citation, 'quote' | 'start' | 'end'> {
  const quote = stringAt(segment, 'text')
  return { ...(quote !== undefined && { quote }), ...rangeOf(segment, place) }
}

function recitedOf(one: JsonObject, place: Place): Citation {
  return { ...described(one, stringAt(one, 'uri')), ...rangeOf(one, place), vendor: VENDOR, raw: one }
}

/** A start that is not written is 0. */
function rangeOf(range: Json | undefined, place: Place): Pick<Citation, 'start' | 'end'> {
  const last = numberAt(range, 'endIndex')
  if (last === undefined) return {}
  const [start, end] = [place(numberAt(range, 'startIndex') ?? 0), place(last)]
  return start === undefined || end === undefined ? {} : { start, end }
}
