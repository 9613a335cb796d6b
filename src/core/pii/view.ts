import { codeAt } from '../code-at.ts'
import { isHangul, isLatin } from './characters.ts'
import { ESCAPE, LOOK_CLOSER, NOTHING, PERCENT, PLAIN } from './characters-table.ts'
import { withNumberWords } from './number-words.ts'
import type { View } from './types.ts'

/** The place in the original text. What has no width behind a unit belongs to it. */
export function originalOffset({ offsets }: View, at: number): number {
  return offsets?.[at] ?? at
}

/** The view of a text. Linear; a text in which nothing is to be changed is its own view. */
export function viewOf(text: string): View {
  return withNumberWords(plainView(text))
}

/** The view in which words stay words, whatever number they spell. */
export function plainView(text: string): View {
  return isPlain(text) ? { text } : rewrite(text)
}

/** True where a unit of the original stands for a digit as a word does: a letter or a syllable. */
export function isWord(code: number): boolean {
  return isHangul(code) || isLatin(code)
}

function isPlain(text: string): boolean {
  for (let at = 0; at < text.length; at++) {
    const code = codeAt(text, at)
    if (PLAIN[code] !== code) return false
  }
  return true
}

function rewrite(text: string): View {
  const codes = new Uint16Array(text.length)
  const offsets = new Int32Array(text.length + 1)
  let size = 0
  for (let at = 0; at < text.length;) {
    const plain = PLAIN[codeAt(text, at)] ?? NOTHING
    const unit = plain === LOOK_CLOSER ? readUnit(text, at) : plain + STEP
    const code = unit & NOTHING
    if (code !== NOTHING) {
      codes[size] = code
      offsets[size++] = at
    }
    at += unit >> 16
  }
  offsets[size] = text.length
  return { text: textOf(codes.subarray(0, size)), offsets: offsets.subarray(0, size + 1) }
}

/** A unit is its code and, times this, how many units of the original it takes. */
const STEP = 0x10000

function readUnit(text: string, at: number): number {
  const code = codeAt(text, at)
  if (code === ESCAPE) return readEscape(text, at)
  if (code === PERCENT) return readPercent(text, at)
  const next = codeAt(text, at + 1)
  // Mathematical digits, five alphabets of ten.
  if (code === 0xd835) return next >= 0xdfce && next <= 0xdfff ? 48 + ((next - 0xdfce) % 10) + 2 * STEP : code + STEP
  // Tags and variation selectors.
  if (code === 0xdb40) return next >= 0xdc00 && next <= 0xddef ? NOTHING + 2 * STEP : code + STEP
  return readSyllable(text, at)
}

/** Letters of a Hangul syllable that stand apart, as some file systems write them. */
function readSyllable(text: string, at: number): number {
  const vowel = codeAt(text, at + 1) - 0x1161
  if (!(vowel >= 0 && vowel <= 20)) return codeAt(text, at) + STEP
  const final = codeAt(text, at + 2) - 0x11a7
  const open = 0xac00 + ((codeAt(text, at) - 0x1100) * 21 + vowel) * 28
  return final > 0 && final < 28 ? open + final + 3 * STEP : open + 2 * STEP
}

/** Escapes of JSON and of Markdown: arguments of tools are JSON in a text. */
function readEscape(text: string, at: number): number {
  const next = text[at + 1] ?? ''
  if (next !== '' && 'nrt'.includes(next)) return 10 + 2 * STEP
  if (next !== '' && '-.@_()+'.includes(next)) return next.charCodeAt(0) + 2 * STEP
  const code = next === 'u' ? hexOf(text, at + 2) : -1
  if (code < 0) return ESCAPE + STEP
  const plain = PLAIN[code] ?? code
  return (plain === LOOK_CLOSER ? code : plain) + 6 * STEP
}

/** A space, a plus sign, a hyphen and an at sign as addresses of the web write them. */
function readPercent(text: string, at: number): number {
  const index = ['20', '2B', '2D', '40'].indexOf(text.slice(at + 1, at + 3).toUpperCase())
  return index < 0 ? PERCENT + STEP : ' +-@'.charCodeAt(index) + 3 * STEP
}

/** Four hexadecimal digits, or -1. */
function hexOf(text: string, at: number): number {
  let value = 0
  for (let index = at; index < at + 4; index++) {
    const digit = '0123456789abcdef'.indexOf((text[index] ?? '?').toLowerCase())
    if (digit < 0) return -1
    value = value * 16 + digit
  }
  return value
}

/** In pieces: an engine takes only so many arguments. */
const PIECE = 8192

function textOf(codes: Uint16Array): string {
  let text = ''
  for (let at = 0; at < codes.length; at += PIECE)
    text += Reflect.apply(String.fromCharCode, undefined, codes.subarray(at, at + PIECE))
  return text
}
