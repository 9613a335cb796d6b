import type { Part, ReasoningPart } from '#src/core/conversation.ts'
import { arrayAt, isObject, parseJson, stringAt, type Json, type JsonObject } from '#src/core/json.ts'
import { jsonText } from '#src/core/parts.ts'

/** OpenRouter's `reasoning_details`: thoughts with the tokens of whoever thought them. They go back to it as they came, whole. */
export function detailsOf(message: JsonObject): readonly JsonObject[] {
  return (arrayAt(message, 'reasoning_details') ?? []).filter(isObject)
}

/** The details of one answer as a part that only OpenRouter understands: their text is told beside it already. */
export function detailsPart(details: readonly JsonObject[], vendor: string): ReasoningPart {
  return { type: 'reasoning', redacted: true, signature: { vendor, value: jsonText(mergeDetails(details)) } }
}

/** The details that parts hold. */
export function detailsIn(parts: readonly Part[]): readonly Json[] {
  return parts.flatMap((part) => {
    const details = part.type === 'reasoning' && part.signature ? parseJson(part.signature.value) : undefined
    return Array.isArray(details) ? details.filter(isObject) : []
  })
}

/** Pieces of one text, as a stream gives them, put together: those of one type and index that follow each other. Tokens come whole. */
function mergeDetails(pieces: readonly JsonObject[]): readonly JsonObject[] {
  const merged: JsonObject[] = []
  for (const piece of pieces) {
    const last = merged.at(-1)
    const same = last && last['type'] === piece['type'] && last['index'] === piece['index'] && !('data' in piece)
    if (same) {
      merged[merged.length - 1] = { ...last, ...known(piece), ...grown(last, piece) }
    } else merged.push(piece)
  }
  return merged
}

const GROWING = ['text', 'summary'] as const

function grown(last: JsonObject, piece: JsonObject): JsonObject {
  const names = GROWING.filter((name) => typeof last[name] === 'string' || typeof piece[name] === 'string')
  return Object.fromEntries(names.map((name) => [name, (stringAt(last, name) ?? '') + (stringAt(piece, name) ?? '')]))
}

function known(piece: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(piece).filter(([, value]) => value !== null && value !== undefined))
}
