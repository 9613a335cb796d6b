import { isBullet, isDigit, isHangul, isSpace } from './characters.ts'
import { DASH, MOST_SPACE, mayBegin, readToken, skipSpace, type Token } from './number-tokens.ts'
import type { View } from './types.ts'

/** A run becomes digits from so many digits on, of which so many are words, or all stand apart: below, words are only words. */
const LEAST_DIGITS = 9
const LEAST_WORDS = 2
/** A run is cut here, so that the work on each is bounded. */
const MOST_TOKENS = 128
/** How far before a run's first word digits and dashes count as its own: `010-1234-오육칠팔`. */
const LOOK_BACK = 24

/** The view with runs of digits that are written as words, Korean or English, as digits; the same view where there are none. */
export function withNumberWords(view: View): View {
  const { text } = view
  const runs: (readonly Token[])[] = []
  for (let at = 0, before = 0; at < text.length; at++) {
    const begins = mayBegin(text, at, before)
    before = text.charCodeAt(at)
    if (!begins || !goesOn(text, at)) continue
    const run = readRun(text, at)
    if (isNumber(text, run)) runs.push(run)
    at = Math.max(at, (run.at(-1)?.end ?? 0) - 1)
    before = text.charCodeAt(at)
  }
  return runs.length === 0 ? view : replaceRuns(view, runs)
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
    // On the next line a written number is another one.
    if (token.kind !== 'word' && token.kind !== 'dash' && text.slice(at, next).includes('\n')) break
    tokens.push(token)
    at = token.end
  }
  while (tokens.at(-1)?.kind === 'dash') tokens.pop()
  return withoutParticles(text, tokens)
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
  let [words, singles, digits] = [0, 0, 0]
  for (const { kind } of tokens) {
    if (kind === 'word') words++
    if (kind === 'single') singles++
    if (kind !== 'dash') digits++
  }
  if (words < LEAST_WORDS) return words + singles >= LEAST_DIGITS
  return digits + digitsBefore(text, tokens[0]?.at ?? 0) >= LEAST_DIGITS
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
  const units: Pick<Token, 'at' | 'code'>[] = []
  let before: Token | undefined
  for (const token of run) {
    const parted = before !== undefined && before.end < token.at && before.kind !== 'dash' && token.kind !== 'dash'
    if (parted && (before?.kind === 'digit' || token.kind === 'digit'))
      units.push({ at: before?.end ?? token.at, code: 32 })
    units.push(token)
    before = token
  }
  return units
}
