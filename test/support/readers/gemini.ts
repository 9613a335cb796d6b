import { arrayAt, isObject, numberAt, objectAt, stringAt, type Json, type JsonObject } from '#src/core/json.ts'
import {
  joined,
  last,
  objects,
  objectsAt,
  sum,
  usageOf,
  type PlainCall,
  type PlainFinish,
  type Reader,
} from './plain.ts'

const FINISH: Readonly<Record<string, PlainFinish>> = {
  STOP: 'stop',
  SAFETY: 'content_filter',
  RECITATION: 'content_filter',
  BLOCKLIST: 'content_filter',
  PROHIBITED_CONTENT: 'content_filter',
  SPII: 'content_filter',
  IMAGE_SAFETY: 'content_filter',
  MODEL_ARMOR: 'content_filter',
  MAX_TOKENS: 'length',
  MALFORMED_FUNCTION_CALL: 'error',
  UNEXPECTED_TOOL_CALL: 'error',
  OTHER: 'error',
  NO_IMAGE: 'error',
}

/** Gemini, whole or in chunks: each chunk holds what is new. */
export const readGemini: Reader = (values) => {
  const candidates = values.flatMap((value) =>
    objects(value['candidates']).filter((own) => (numberAt(own, 'index') ?? 0) === 0),
  )
  const parts = candidates.flatMap((own) => objects(arrayAt(objectAt(own, 'content'), 'parts')))
  const finish = candidates.map((own) => stringAt(own, 'finishReason')).findLast((own) => own !== undefined)
  const blocked = candidates.length === 0 && values.some((value) => 'promptFeedback' in value)
  const usages = values.map((value) => objectAt(value, 'usageMetadata'))
  const thoughts = last(usages, 'thoughtsTokenCount')
  const ended = finish === undefined ? undefined : (FINISH[finish] ?? 'stop')
  return {
    text: joined(
      parts.filter((part) => part['thought'] !== true),
      'text',
    ),
    refusal: '',
    reasoning: joined(
      parts.filter((part) => part['thought'] === true),
      'text',
    ),
    calls: callsOf(parts),
    finish: blocked ? 'content_filter' : ended,
    usage: usageOf({
      input: sum(last(usages, 'promptTokenCount'), last(usages, 'toolUsePromptTokenCount')),
      output: sum(last(usages, 'candidatesTokenCount'), thoughts),
      cached: last(usages, 'cachedContentTokenCount'),
      reasoning: thoughts,
    }),
  }
}

/** A call is whole, or comes in pieces that each say where in its arguments they belong. */
function callsOf(parts: readonly JsonObject[]): readonly PlainCall[] {
  const found: { name: string; input: JsonObject }[] = []
  for (const call of objectsAt(parts, 'functionCall')) {
    const name = stringAt(call, 'name')
    if (name !== undefined) found.push({ name, input: objectAt(call, 'args') ?? {} })
    const open = found.at(-1)
    for (const piece of objects(call['partialArgs'])) if (open) open.input = withPiece(open.input, piece)
  }
  return found
}

/** `$.a.b[0]`, and a value there; texts go on. */
function withPiece(input: JsonObject, piece: JsonObject): JsonObject {
  const path = (stringAt(piece, 'jsonPath') ?? '$').replaceAll('[', '.').replaceAll(']', '').split('.').slice(1)
  const key = Object.keys(piece).find((name) => name.endsWith('Value')) ?? ''
  return asObject(put(input, path, key === 'nullValue' ? null : (piece[key] ?? null)))
}

function put(owner: Json | undefined, path: readonly string[], value: Json): Json {
  const [name, ...rest] = path
  if (name === undefined) return typeof owner === 'string' && typeof value === 'string' ? owner + value : value
  const plain = name.replaceAll("'", '').replaceAll('"', '')
  const at = Number(plain)
  if (plain !== '' && Number.isInteger(at)) {
    const items = Array.isArray(owner) ? owner : []
    const next: Json[] = [...items]
    next[at] = put(items[at], rest, value)
    return next
  }
  const object = asObject(owner)
  return { ...object, [plain]: put(object[plain], rest, value) }
}

const asObject = (value: Json | undefined): JsonObject => (isObject(value) ? value : {})
