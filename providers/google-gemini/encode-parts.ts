import type { MediaPart, Part, Signature, ToolCallPart, ToolResultPart } from '#src/core/conversation.ts'
import { isObject, parseJson, type JsonObject } from '#src/core/json.ts'
import { documentText, GAP, inputObject } from '#src/core/parts.ts'
import { mediaTypeOf } from './media-type.ts'
import { defined, THIRD } from './wire.ts'

/** What is known of the model that a part is written for. */
export interface Target {
  readonly generation: number | undefined
  /** Calls and their results carry ids; the cloud's version of the API has no field for them. */
  readonly ids: boolean
}

/** A part as parts of a content. An empty text is none, unless it carries a signature. */
export function partsOf(part: Part, target: Target): readonly JsonObject[] {
  switch (part.type) {
    case 'text':
      return part.text === '' && !part.signature ? [] : [{ text: part.text, ...signed(part.signature) }]
    case 'refusal':
      return part.text === '' ? [] : [{ text: part.text }]
    case 'reasoning': {
      const text = part.text ?? part.summary?.join('\n\n') ?? ''
      return text === '' && !part.signature ? [] : [{ text, thought: true, ...signed(part.signature) }]
    }
    case 'tool-call':
      return [callOf(part, target)]
    case 'tool-result':
      return resultOf(part, target)
    case 'opaque':
      return [part.value]
    default:
      return mediaOf(part)
  }
}

function signed(signature: Signature | undefined): JsonObject {
  return signature ? { thoughtSignature: signature.value } : {}
}

function callOf(part: ToolCallPart, { ids }: Target): JsonObject {
  const call = { ...(ids && { id: part.id }), name: part.name, args: inputObject(part) }
  return { functionCall: call, ...signed(part.signature) }
}

/** Images of a result stand in it where the model knows that, else behind it; only bytes do, so that a file that is text is text. */
function resultOf({ id, name, parts, failed }: ToolResultPart, { generation, ids }: Target): readonly JsonObject[] {
  const files = parts.filter((part) => 'source' in part)
  const said = parts.map((part) => (part.type === 'text' ? part.text : '')).join('')
  const written = files.flatMap((part) => (part.source.kind === 'text' ? [documentText(part)] : []))
  const text = [said, ...written].filter((one) => one !== '').join(GAP)
  const media = files.flatMap((part) => (part.source.kind === 'text' ? [] : mediaOf(part)))
  const within = media.length > 0 && (generation ?? 0) >= THIRD
  const response = {
    ...(ids && { id }),
    name: name ?? id,
    response: failed === true ? { error: text } : responseOf(text),
    ...(within && { parts: media }),
  }
  return [{ functionResponse: response }, ...(within ? [] : media)]
}

/** An object is what the API wants; all else is its `output`, and so is what would not be the same as an object. */
function responseOf(text: string): JsonObject {
  const value = parseJson(text)
  return isObject(value) && !hasLongNumber(text) ? value : { output: text }
}

/** Digits of a number that always come through. */
const SAFE_DIGITS = 15

/** True for JSON text with a number, such as an id, that reading and writing it could round. */
function hasLongNumber(text: string): boolean {
  let digits = 0
  let quoted = false
  for (let at = 0; at < text.length; at++) {
    const char = text.charAt(at)
    if (quoted && char === '\\') at++
    else if (char === '"') quoted = !quoted
    else if (!quoted && char !== '.') digits = char >= '0' && char <= '9' ? digits + 1 : 0
    if (digits > SAFE_DIGITS) return true
  }
  return false
}

function mediaOf(part: MediaPart): readonly JsonObject[] {
  const { source, name, signature } = part
  switch (source.kind) {
    case 'text':
      return [{ text: documentText(part) }]
    case 'data': {
      const inlineData = defined({ mimeType: mediaTypeOf(part), data: source.data, displayName: name })
      return [{ inlineData, ...signed(signature) }]
    }
    case 'url':
    case 'id': {
      const fileUri = source.kind === 'url' ? source.url : source.id
      return [{ fileData: defined({ fileUri, mimeType: mediaTypeOf(part), displayName: name }), ...signed(signature) }]
    }
  }
}
