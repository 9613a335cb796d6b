import { isAlphanumeric, isDigit, isHangul, isLatin, isSpace, lower } from './characters.ts'

const KOREAN: Readonly<Record<string, number>> = {
  공: 0,
  영: 0,
  일: 1,
  이: 2,
  삼: 3,
  사: 4,
  오: 5,
  육: 6,
  륙: 6,
  칠: 7,
  팔: 8,
  구: 9,
}
const ENGLISH = new Map(
  'zero one two three four five six seven eight nine'.split(' ').map((word, digit): [string, number] => [word, digit]),
).set('oh', 0)
const KOREAN_DASHES = ['하이픈', '다시', '대시', '에']
const ENGLISH_DASHES = ['dash', 'hyphen']
const LONGEST_ENGLISH = 6

/** Between two tokens. */
export const MOST_SPACE = 3

const SYLLABLES = 0xac00
const DIGIT_OF = new Int8Array(0xd7a4 - SYLLABLES).fill(-1)
for (const [syllable, digit] of Object.entries(KOREAN)) DIGIT_OF[syllable.charCodeAt(0) - SYLLABLES] = digit

/** A digit or a dash, as a word or as it is. */
export interface Token {
  readonly at: number
  readonly end: number
  /** The digit's code, or that of a dash. */
  readonly code: number
  /** `single`: a written digit with no other beside it. */
  readonly kind: 'word' | 'single' | 'digit' | 'dash'
}

export const DASH = 45

/** Of each ASCII unit: 1 where a number's English word may begin with it, 2 for other letters. */
const BEGINS = new Uint8Array(128)
for (let code = 0; code < 128; code++)
  if (isLatin(code)) BEGINS[code] = 'zotfsen'.includes(String.fromCharCode(lower(code))) ? 1 : 2

/** True where a number's word, or digits that stand apart, may begin: what is read closer. */
export function mayBegin(text: string, at: number, before: number): boolean {
  const code = text.charCodeAt(at)
  if (code >= 128) return koreanDigit(code) >= 0
  if (isDigit(code)) return text[at + 1] === ' ' && isDigit(text.charCodeAt(at + 2)) && isSingle(text, at)
  return BEGINS[code] === 1 && (before >= 128 || BEGINS[before] === 0)
}

function koreanDigit(code: number): number {
  return isHangul(code) ? (DIGIT_OF[code - SYLLABLES] ?? -1) : -1
}

/** Behind at most `most` spaces and commas. */
export function skipSpace(text: string, from: number, most: number): number {
  let at = from
  while (at < from + most && (isSpace(text.charCodeAt(at)) || text[at] === ',')) at++
  return at
}

/** The token at a place, where one is. A dash is a word only behind a word. */
export function readToken(text: string, at: number, before: Token | undefined): Token | undefined {
  const code = text.charCodeAt(at)
  if (isDigit(code)) return { at, end: at + 1, code, kind: isSingle(text, at) ? 'single' : 'digit' }
  if (code === DASH) return { at, end: at + 1, code, kind: 'dash' }
  if (isHangul(code)) return readKorean(text, at, before)
  return isLatin(code) ? readEnglish(text, at) : undefined
}

/** Nothing touches it that would make it a part of something longer. */
function isSingle(text: string, at: number): boolean {
  return ![at - 1, at + 1].some(
    (place) => isAlphanumeric(text.charCodeAt(place)) || JOINTS.includes(text[place] ?? ' '),
  )
}

const JOINTS = '.:/@_+'

function readKorean(text: string, at: number, before: Token | undefined): Token | undefined {
  const digit = koreanDigit(text.charCodeAt(at))
  if (digit >= 0) return { at, end: at + 1, code: 48 + digit, kind: 'word' }
  if (before?.kind !== 'word') return undefined
  const dash = KOREAN_DASHES.find((word) => text.startsWith(word, at))
  return dash === undefined ? undefined : { at, end: at + dash.length, code: DASH, kind: 'dash' }
}

function readEnglish(text: string, at: number): Token | undefined {
  if (isAlphanumeric(text.charCodeAt(at - 1))) return undefined
  let end = at + 1
  while (end - at <= LONGEST_ENGLISH && isLatin(text.charCodeAt(end))) end++
  if (end - at < 2 || end - at > LONGEST_ENGLISH || isDigit(text.charCodeAt(end))) return undefined
  const word = text.slice(at, end).toLowerCase()
  const digit = ENGLISH.get(word)
  if (digit !== undefined) return { at, end, code: 48 + digit, kind: 'word' }
  return ENGLISH_DASHES.includes(word) ? { at, end, code: DASH, kind: 'dash' } : undefined
}
