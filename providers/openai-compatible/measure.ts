import { isObject, type Json, type JsonObject } from '#src/core/json.ts'
import { utf8Length } from '#src/core/measure.ts'
import { REASONING_TEXT } from './wire.ts'

/** Whether something that a caller would miss is there, and how many UTF-8 bytes a model wrote for it. */
export interface Measure {
  readonly content: boolean
  readonly bytes: number
}

/** Parts inside parts deeper than this are none that anybody writes. */
const MAX_LEVELS = 4

export const NOTHING: Measure = { content: false, bytes: 0 }

/** A `delta` or a `message`. */
export function measureMessage(message: JsonObject): Measure {
  let bytes = contentBytes(message['content']) + textBytes(message['refusal']) + reasoningBytes(message)
  let content = bytes > 0
  const calls = message['tool_calls']
  if (Array.isArray(calls)) {
    for (const call of calls) {
      if (!isObject(call)) continue
      content = true
      bytes += callBytes(call['function'])
    }
  }
  const call = callBytes(message['function_call'])
  const sound = message['audio']
  const transcript = isObject(sound) ? textBytes(sound['transcript']) : 0
  bytes += call + transcript
  content ||= call > 0 || transcript > 0 || (isObject(sound) && isText(sound['data'])) || isFilled(message['images'])
  return { content, bytes }
}

/** The `text` of a completion. */
export function measureText(text: Json | undefined): Measure {
  const bytes = textBytes(text)
  return bytes === 0 ? NOTHING : { content: true, bytes }
}

/** Text, a list of parts (Mistral's thinking), or an object (structured output on Workers AI). */
function contentBytes(content: Json | undefined, levels = MAX_LEVELS): number {
  if (typeof content === 'string') return utf8Length(content)
  if (Array.isArray(content)) return content.reduce((sum: number, part: Json) => sum + partBytes(part, levels), 0)
  return isObject(content) ? jsonLength(content) : 0
}

function partBytes(part: Json, levels: number): number {
  if (typeof part === 'string') return utf8Length(part)
  if (!isObject(part) || levels === 0) return 0
  return textBytes(part['text']) + contentBytes(part['thinking'], levels - 1)
}

/** Of an object that stands where text does; an empty one says nothing. */
function jsonLength(value: JsonObject): number {
  try {
    const text = JSON.stringify(value)
    return text === '{}' ? 0 : utf8Length(text)
  } catch {
    // Nested deeper than the engine's stack: there is something, how much is not known.
    return 1
  }
}

/** The first name that carries any: some send the same text under two. */
function reasoningBytes(message: JsonObject): number {
  for (const name of REASONING_TEXT) {
    const bytes = contentBytes(message[name])
    if (bytes > 0) return bytes
  }
  const details = message['reasoning_details']
  if (!Array.isArray(details)) return 0
  return details.reduce(
    (sum: number, part: Json) =>
      isObject(part) ? sum + textBytes(part['text']) + textBytes(part['summary']) + textBytes(part['data']) : sum,
    0,
  )
}

function callBytes(call: Json | undefined): number {
  if (!isObject(call)) return 0
  const args = call['arguments']
  return textBytes(call['name']) + (isObject(args) ? jsonLength(args) : textBytes(args))
}

function textBytes(text: Json | undefined): number {
  return typeof text === 'string' ? utf8Length(text) : 0
}

function isText(value: Json | undefined): boolean {
  return typeof value === 'string' && value !== ''
}

function isFilled(value: Json | undefined): boolean {
  return Array.isArray(value) && value.length > 0
}
