import { codeAt } from './code-at.ts'
import { isObject, stringAt, type Json, type JsonObject } from './json.ts'
import { mediaOf } from './media-part.ts'
import { soundTokens } from './sound.ts'

/** What was counted of a request's input so far. */
export interface Measure {
  /** UTF-8 bytes of text. */
  bytes: number
  /** Estimated tokens. */
  tokens: number
  images: number
  sounds: number
  /** The most tokens of the images, and of the sounds whose size is known. */
  mediaWorst: number
  /** Sounds, videos and documents that may be of any length. */
  unmeasured: number
  /** Tokens of the longest of several inputs. */
  longest?: number
}

export function emptyMeasure(): Measure {
  return { bytes: 0, tokens: 0, images: 0, sounds: 0, mediaWorst: 0, unmeasured: 0 }
}

/** Tokens commonly taken by one image, by one asked for in low detail, and by a sound or a document of unknown length. */
const IMAGE_TOKENS = 1000
const LOW_DETAIL_TOKENS = 85
const SOUND_TOKENS = 1000
/** Of one image in the highest fidelity: more than any model of today takes. */
const IMAGE_WORST = 10_000

/**
 * Adds a text. The estimate knows the language by its bytes: about four ASCII letters are a token, and a letter that UTF-8 writes in three bytes
 * (Hangul, kana, Han) is 0.7 of one, which is what today's tokenizers need for Korean.
 */
export function addText(text: string, measure: Measure): void {
  const bytes = utf8Length(text)
  const extra = bytes - text.length
  // Three-byte letters have two bytes more than code units, so half of `extra` are letters beyond ASCII.
  measure.bytes += bytes
  measure.tokens += (text.length - extra / 2) / 4 + extra * 0.35
}

/** What a chat template adds around a message, at worst, in tokens (INTERFACE.md section 9, Hold), and commonly. */
export const MESSAGE_WORST = 64
export const MESSAGE_TOKENS = 4

/** More than any model writes; larger numbers are only ever abuse, and would leave the range of exact arithmetic. */
const MOST = 1_000_000_000

/** A number of tokens as it counts: whole, not negative, within reason. */
export function wholeCount(value: number | undefined): number | undefined {
  return value === undefined ? undefined : Math.min(MOST, Math.max(0, Math.ceil(value)))
}

/** What JSON adds to a member: quotes, colon, comma. */
const PUNCTUATION = 6

/** Adds a JSON value as a prompt would carry it: keys, texts, numbers and punctuation. Deep nesting cannot overflow it. */
export function addTree(root: Json | undefined, measure: Measure): void {
  const open: (Json | undefined)[] = [root]
  while (open.length > 0) {
    const value = open.pop()
    if (value === undefined) continue
    if (typeof value === 'string') addText(value, measure)
    else if (!isContainer(value)) addText(String(value), measure)
    else if (Array.isArray(value)) for (const item of value) open.push(item)
    else for (const key of Object.keys(value)) addMember(key, value, { measure, open })
    if (value !== root) measure.bytes += PUNCTUATION
  }
}

function isContainer(value: Json): value is readonly Json[] | JsonObject {
  return typeof value === 'object' && value !== null
}

function addMember(
  key: string,
  owner: Json,
  { measure, open }: { measure: Measure; open: (Json | undefined)[] },
): void {
  addText(key, measure)
  if (isObject(owner)) open.push(owner[key])
}

/** Fields of a message that stand for themselves in the 64 tokens a message is given. */
const ENVELOPE: ReadonlySet<string> = new Set(['role', 'type'])

/** Adds a message: its text wherever it stands, its images and sounds by number. */
export function measureMessage(message: Json, measure: Measure): void {
  if (!isObject(message)) return
  for (const key of Object.keys(message)) {
    const value = message[key]
    if (ENVELOPE.has(key) || value === null) continue
    if (typeof value === 'string') addText(value, measure)
    else if (key === 'content' && Array.isArray(value)) for (const part of value) measurePart(part, measure)
    else addTree(value, measure)
  }
}

function measurePart(part: Json, measure: Measure): void {
  if (!isObject(part)) return addTree(part, measure)
  const type = stringAt(part, 'type')
  const media = mediaOf(part)
  if (media === 'image') return addImageTokens(measure, stringAt(part['image_url'], 'detail') === 'low')
  if (media === 'video') return addVideo(measure)
  if (media === 'audio') return addSound(measure, stringAt(part['input_audio'] ?? part['audio_url'], 'data'))
  if (type === 'file') return addUnmeasured(measure)
  for (const key of Object.keys(part)) if (!ENVELOPE.has(key)) addTree(part[key], measure)
}

/** Adds an image, in low detail or as it is. */
export function addImageTokens(measure: Measure, low = false): void {
  measure.images++
  measure.mediaWorst += IMAGE_WORST
  measure.tokens += low ? LOW_DETAIL_TOKENS : IMAGE_TOKENS
}

/** Adds a video, which is asked of models that see. */
export function addVideo(measure: Measure): void {
  measure.images++
  addUnmeasured(measure)
}

/** Adds a sound: by its base64 where it is there, else of unknown length. */
export function addSound(measure: Measure, data?: string): void {
  measure.sounds++
  if (data === undefined) return addUnmeasured(measure)
  const { common, worst } = soundTokens((data.length / 4) * 3)
  measure.tokens += common
  measure.mediaWorst += worst
}

/** Adds a document or something else whose length nobody knows. */
export function addUnmeasured(measure: Measure): void {
  measure.unmeasured++
  measure.tokens += SOUND_TOKENS
}

const encoder = new TextEncoder()
/** Code units a step; each is at most three bytes. */
const STEP = 16_384
const scratch = new Uint8Array(STEP * 3)
/** Below this a loop is quicker than the encoder. */
const SHORT = 128

/** UTF-8 bytes of a text; half a surrogate pair counts three, as encoders write it. */
export function utf8Length(text: string): number {
  if (text.length < SHORT) return shortLength(text)
  let bytes = 0
  let at = 0
  while (at < text.length) {
    const { read, written } = encoder.encodeInto(stepOf(text, at), scratch)
    bytes += written
    at += read
  }
  return bytes
}

/** The next stretch, which never ends between the halves of a pair. */
function stepOf(text: string, at: number): string {
  const end = at + STEP
  return text.slice(at, end < text.length && isHigh(codeAt(text, end - 1)) ? end - 1 : end)
}

function shortLength(text: string): number {
  let bytes = 0
  for (let index = 0; index < text.length; index++) {
    const unit = codeAt(text, index)
    if (unit < 0x80) bytes++
    else if (unit < 0x800) bytes += 2
    else if (isHigh(unit) && isLow(codeAt(text, index + 1))) {
      bytes += 4
      index++
    } else bytes += 3
  }
  return bytes
}

function isHigh(unit: number): boolean {
  return unit >= 0xd800 && unit < 0xdc00
}

function isLow(unit: number): boolean {
  return unit >= 0xdc00 && unit < 0xe000
}
