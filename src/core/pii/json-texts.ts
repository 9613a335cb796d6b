import { parseJson } from '../json.ts'
import { scanObject, splice, stringEnd, type Replacement } from '../json-scan.ts'

/** What is done with the texts of a JSON text. */
export interface TextVisitor {
  /** Gives what is to stand in a text's place: itself, or something else. */
  text(text: string): string
  /** Told of each text that holds no words: a picture, a sound, a file. */
  opaque(text: string): void
  /** Told that such a thing stands among the words of a text. */
  mixed?(): void
}

/** JSON inside of strings of JSON: arguments of a call, and what stands in them. */
const MAX_NESTED = 4
/** Shorter whole numbers are no number of a person. */
const LEAST_DIGITS = 8

/** A request's text with each of its texts as the visitor wants it, keys included, but for its `model`; the very text where it wants no other. Linear. */
export function rewriteRequest(json: string, visitor: TextVisitor): string {
  const replacements = scanObject(json).flatMap(({ key, keyStart: start, end }) => {
    if (key === 'model') return []
    const before = json.slice(start, end)
    const text = rewriteJson(before, visitor)
    return text === before ? [] : [{ start, end, text }]
  })
  return replacements.length === 0 ? json : splice(json, replacements)
}

/** As `rewriteRequest`, of any JSON text and all that is in it, keys and long whole numbers included. */
export function rewriteJson(json: string, visitor: TextVisitor, nested = 0): string {
  const replacements: Replacement[] = []
  let at = 0
  while (at < json.length) {
    const start = at
    const code = json.charCodeAt(at)
    at = code === QUOTE ? stringEnd(json, at) : isNumeric(code) ? numberEnd(json, at) : at + 1
    if (code !== QUOTE && !isLongWhole(json, start, at)) continue
    const before = code === QUOTE ? decoded(json, start, at) : json.slice(start, at)
    const after = rewritten(before, visitor, nested)
    if (after !== before) replacements.push({ start, end: at, text: JSON.stringify(after) })
  }
  return replacements.length === 0 ? json : splice(json, replacements)
}

/** Texts that are JSON again are looked into: what is escaped there is escaped twice outside. */
function rewritten(text: string, visitor: TextVisitor, nested: number): string {
  const bytes = opaqueFrom(text)
  if (bytes !== undefined) {
    visitor.opaque(text)
    return bytes === 0 ? text : visitor.text(text.slice(0, bytes)) + text.slice(bytes)
  }
  if (visitor.mixed && holdsOpaque(text)) visitor.mixed()
  const inner = nested < MAX_NESTED && isJson(text)
  return inner ? rewriteJson(text, visitor, nested + 1) : visitor.text(text)
}

function isJson(text: string): boolean {
  const start = text.trimStart().charAt(0)
  return (start === '{' || start === '[') && typeof parseJson(text) === 'object'
}

/** Base64 of this many units without a space is no text that anybody wrote. */
const LEAST_OPAQUE = 256
/** What stands between the head of a data URL and its bytes. */
const BASE64 = ';base64,'

/** Where what holds no words begins: what stands before it is a text. undefined: all of it is one. */
function opaqueFrom(text: string): number | undefined {
  const mark = text.startsWith('data:') ? text.indexOf(BASE64) : -1
  const from = mark < 0 ? 0 : mark + BASE64.length
  if (mark < 0 && text.length < LEAST_OPAQUE) return undefined
  for (let at = from; at < text.length; at++) if (!isBase64(text.charCodeAt(at))) return undefined
  return from
}

/** A picture in the middle of words, as Markdown has it. */
function holdsOpaque(text: string): boolean {
  for (let mark = text.indexOf(BASE64); mark >= 0; mark = text.indexOf(BASE64, mark + 1)) {
    let at = mark + BASE64.length
    while (at < text.length && isBase64(text.charCodeAt(at))) at++
    if (at - mark - BASE64.length >= LEAST_OPAQUE) return true
  }
  return false
}

/** Of either alphabet, with its padding. */
function isBase64(code: number): boolean {
  return (
    (code >= 97 && code <= 122) ||
    (code >= 65 && code <= 90) ||
    (code >= 47 && code <= 57) ||
    code === 43 ||
    code === 45 ||
    code === 61 ||
    code === 95
  )
}

const QUOTE = 34

const MINUS = 45

function isNumeric(code: number): boolean {
  return isDigit(code) || code === MINUS
}

function isDigit(code: number): boolean {
  return code >= 48 && code <= 57
}

/** Behind the number that begins here: a fraction's digits are no number of their own. */
function numberEnd(json: string, from: number): number {
  let at = from
  while (at < json.length && (isDigit(json.charCodeAt(at)) || '.eE+-'.includes(json.charAt(at)))) at++
  return at
}

/** A sign belongs to its number: what stands in the place of both is one text. */
function isLongWhole(json: string, start: number, end: number): boolean {
  if (end - start < LEAST_DIGITS) return false
  for (let at = json.charCodeAt(start) === MINUS ? start + 1 : start; at < end; at++)
    if (!isDigit(json.charCodeAt(at))) return false
  return true
}

function decoded(json: string, start: number, end: number): string {
  const raw = json.slice(start + 1, end - 1)
  return raw.includes('\\') ? String(JSON.parse(json.slice(start, end))) : raw
}
