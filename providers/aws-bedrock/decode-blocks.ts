import type { Citation, Part } from '#src/core/conversation.ts'
import { arrayAt, isObject, objectAt, stringAt, type Json, type JsonObject } from '#src/core/json.ts'
import { VENDOR } from './wire.ts'

/** A content block of an answer as a part; undefined: it says nothing (a cache point). */
export function partOf(block: Json): Part | undefined {
  const text = stringAt(block, 'text')
  if (text !== undefined) return { type: 'text', text }
  const call = objectAt(block, 'toolUse')
  if (call && !isServerTool(call)) return callOf(call)
  const reasoning = objectAt(block, 'reasoningContent')
  if (reasoning) return reasoningOf(reasoning)
  const cited = objectAt(block, 'citationsContent')
  if (cited) return citedOf(cited)
  const image = objectAt(block, 'image')
  if (image) return mediaOf('image', image)
  const audio = objectAt(block, 'audio')
  if (audio) return mediaOf('audio', audio)
  return opaqueOf(block)
}

/** A tool that the provider runs itself. */
export function isServerTool(call: JsonObject): boolean {
  return stringAt(call, 'type') === 'server_tool_use'
}

export function callOf(call: JsonObject): Extract<Part, { type: 'tool-call' }> {
  return {
    type: 'tool-call',
    id: stringAt(call, 'toolUseId') ?? '',
    name: stringAt(call, 'name') ?? '',
    input: JSON.stringify(objectAt(call, 'input') ?? {}),
  }
}

function reasoningOf(reasoning: JsonObject): Part {
  const redacted = stringAt(reasoning, 'redactedContent')
  if (redacted !== undefined) return redactedThoughts(redacted)
  const said = objectAt(reasoning, 'reasoningText')
  const signature = stringAt(said, 'signature') ?? ''
  return {
    type: 'reasoning',
    text: stringAt(said, 'text') ?? '',
    ...(signature !== '' && { signature: { vendor: VENDOR, value: signature } }),
  }
}

/** Thoughts that the model keeps to itself, as base64. */
export function redactedThoughts(value: string): Part {
  return { type: 'reasoning', redacted: true, signature: { vendor: VENDOR, value } }
}

function citedOf(cited: JsonObject): Part {
  const text = (arrayAt(cited, 'content') ?? []).map((piece) => stringAt(piece, 'text') ?? '').join('')
  const citations = (arrayAt(cited, 'citations') ?? []).flatMap((one) => citationOf(one) ?? [])
  return { type: 'text', text, ...(citations.length > 0 && { citations }) }
}

/** A source; undefined: it is none. */
export function citationOf(raw: Json | undefined): Citation | undefined {
  if (!isObject(raw)) return undefined
  const quote = (arrayAt(raw, 'sourceContent') ?? []).map((piece) => stringAt(piece, 'text') ?? '').join('')
  const title = stringAt(raw, 'title')
  const url = stringAt(objectAt(objectAt(raw, 'location'), 'web'), 'url')
  return {
    ...(url !== undefined && { url }),
    ...(title !== undefined && { title }),
    ...(quote !== '' && { quote }),
    vendor: VENDOR,
    raw,
  }
}

function mediaOf(type: 'image' | 'audio', media: JsonObject): Part {
  const data = stringAt(objectAt(media, 'source'), 'bytes')
  if (data === undefined) return { type: 'opaque', vendor: VENDOR, kind: type, value: { [type]: media } }
  return { type, source: { kind: 'data', mediaType: mediaTypeOf(type, media), data } }
}

export function mediaTypeOf(type: 'image' | 'audio', media: JsonObject): string {
  const format = stringAt(media, 'format')
  return format === undefined ? '' : `${type}/${format === 'mp3' ? 'mpeg' : format}`
}

function opaqueOf(block: Json): Part | undefined {
  if (!isObject(block)) return undefined
  const [kind] = Object.keys(block)
  return kind === undefined || kind === 'cachePoint'
    ? undefined
    : { type: 'opaque', vendor: VENDOR, kind, value: block }
}
