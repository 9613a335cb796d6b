import { isAlphanumeric, isBullet, isDigit, isHangul, isLatin, isSpace, lower } from './characters.ts'
import type { View } from './view.ts'

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

/** A run becomes digits from so many digits on, of which so many are words: below, words are only words. */
const LEAST_DIGITS = 9
const LEAST_WORDS = 2
/** A run is cut here, so that the work on each is bounded. */
const MOST_TOKENS = 128
/** Between two tokens. */
const MOST_SPACE = 3
/** How far before a run's first word digits and dashes count as its own: `010-1234-오육칠팔`. */
const LOOK_BACK = 24

const SYLLABLES = 0xac00
const DIGIT_OF = new Int8Array(0xd7a4 - SYLLABLES).fill(-1)
for (const [syllable, digit] of Object.entries(KOREAN)) DIGIT_OF[syllable.charCodeAt(0) - SYLLABLES] = digit

interface Token {
  readonly at: number
  readonly end: number
  /** The digit's code, or that of a dash. */
  readonly code: number
  readonly kind: 'word' | 'digit' | 'dash'
}

const DASH = 45

/** The view with runs of digits that are written as words, Korean or English, as digits; the same view where there are none. */
export function withNumberWords(view: View): View {
  const { text } = view
  const runs: (readonly Token[])[] = []
  for (let at = 0, before = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    const begins = code < 128 ? BEGINS[code] === 1 && BEGINS[before] === 0 : koreanDigit(code) >= 0
    before = code < 128 ? code : 0
    if (!begins || !goesOn(text, at)) continue
    const run = readRun(text, at)
    if (isNumber(text, run)) runs.push(run)
    at = Math.max(at, (run.at(-1)?.end ?? 0) - 1)
    before = text.charCodeAt(at) & 127
  }
  return runs.length === 0 ? view : replaceRuns(view, runs)
}

/** Of each ASCII unit: 1 where a number's English word may begin with it, 2 for other letters. */
const BEGINS = new Uint8Array(128)
for (let code = 0; code < 128; code++)
  if (isLatin(code)) BEGINS[code] = 'zotfsen'.includes(String.fromCharCode(lower(code))) ? 1 : 2

function koreanDigit(code: number): number {
  return isHangul(code) ? (DIGIT_OF[code - SYLLABLES] ?? -1) : -1
}

/** A word alone is no number: most that are met in prose end here. */
function goesOn(text: string, at: number): boolean {
  const first = readToken(text, at, undefined)
  return first !== undefined && readToken(text, skipSpace(text, first.end, MOST_SPACE), first) !== undefined
}

/** The tokens of the longest run that begins here, with particles at its ends taken off. */
function readRun(text: string, start: number): readonly Token[] {
  const tokens: Token[] = []
  let at = start
  while (tokens.length < MOST_TOKENS) {
    const next = skipSpace(text, at, tokens.length === 0 ? 0 : MOST_SPACE)
    const token = readToken(text, next, tokens.at(-1))
    if (token === undefined || (token.code === DASH && isBullet(text, next))) break
    tokens.push(token)
    at = token.end
  }
  while (tokens.at(-1)?.kind === 'dash') tokens.pop()
  return withoutParticles(text, tokens)
}

function skipSpace(text: string, from: number, most: number): number {
  let at = from
  while (at < from + most && (isSpace(text.charCodeAt(at)) || text[at] === ',')) at++
  return at
}

function readToken(text: string, at: number, before: Token | undefined): Token | undefined {
  const code = text.charCodeAt(at)
  if (isDigit(code)) return { at, end: at + 1, code, kind: 'digit' }
  if (code === DASH) return { at, end: at + 1, code, kind: 'dash' }
  if (isHangul(code)) return readKorean(text, at, before)
  return isLatin(code) ? readEnglish(text, at) : undefined
}

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

/** Syllables that are digits and particles, verbs' beginnings or counters too: `사람이 010`, `5678이고`, `오육칠팔이에요`. */
const PARTICLES = '이일사구'
const VERBS = '에고며야다라었였지니거'

function withoutParticles(text: string, tokens: readonly Token[]): readonly Token[] {
  const [first, second] = tokens
  const leading =
    first !== undefined &&
    PARTICLES.includes(text[first.at] ?? '') &&
    second?.kind === 'digit' &&
    followsHangul(text, first)
  const kept = leading ? tokens.slice(1) : tokens
  const last = kept.at(-1)
  if (last === undefined || !PARTICLES.includes(text[last.at] ?? '')) return kept
  const before = kept.at(-2)
  const particle =
    isOneTooMany(text, kept, last) ||
    (before?.kind === 'digit' && before.end === last.at) ||
    (text[last.at] === '이' && before?.end === last.at && VERBS.includes(text[last.end] ?? ' ')) ||
    (text[last.at] === '구' && before?.end === last.at && text[last.end] === '요')
  return particle ? kept.slice(0, -1) : kept
}

/** A mobile telephone's eleven digits and the particle that is a 2: `공일공 일이삼사 오육칠팔이 제 번호`. */
function isOneTooMany(text: string, tokens: readonly Token[], last: Token): boolean {
  if (text[last.at] !== '이' || isHangul(text.charCodeAt(last.end)) || tokens[0]?.code !== ZERO) return false
  return tokens.filter(({ kind }) => kind !== 'dash').length === 12
}

const ZERO = 48

function followsHangul(text: string, { at }: Token): boolean {
  return isHangul(text.charCodeAt(at - 1))
}

function isNumber(text: string, tokens: readonly Token[]): boolean {
  const words = tokens.filter(({ kind }) => kind === 'word').length
  if (words < LEAST_WORDS) return false
  const digits = tokens.filter(({ kind }) => kind === 'digit').length
  return words + digits + digitsBefore(text, tokens[0]?.at ?? 0) >= LEAST_DIGITS
}

function digitsBefore(text: string, end: number): number {
  let digits = 0
  for (let at = end - 1; at >= 0 && at >= end - LOOK_BACK; at--) {
    const code = text.charCodeAt(at)
    if (isDigit(code)) digits++
    else if (code !== DASH && !isSpace(code)) break
  }
  return digits
}

function replaceRuns(view: View, runs: readonly (readonly Token[])[]): View {
  const offsets: number[] = []
  const parts: string[] = []
  let from = 0
  const keep = (to: number): void => {
    parts.push(view.text.slice(from, to))
    for (let at = from; at < to; at++) offsets.push(view.offsets?.[at] ?? at)
  }
  for (const run of runs) {
    keep(run[0]?.at ?? from)
    for (const { code, at } of spelled(run)) {
      parts.push(String.fromCharCode(code))
      offsets.push(view.offsets?.[at] ?? at)
    }
    from = run.at(-1)?.end ?? from
  }
  keep(view.text.length)
  offsets.push(view.offsets?.[view.text.length] ?? view.text.length)
  return { text: parts.join(''), offsets: Int32Array.from(offsets) }
}

/** Digits of words that only spaces part are one number; a space next to a written digit stays. */
function spelled(run: readonly Token[]): readonly Pick<Token, 'at' | 'code'>[] {
  return run.flatMap((token, index) => {
    const before = run[index - 1]
    const parted = before !== undefined && before.end < token.at && before.kind !== 'dash' && token.kind !== 'dash'
    return parted && (before.kind === 'digit' || token.kind === 'digit')
      ? [{ at: before.end, code: 32 }, token]
      : [token]
  })
}
