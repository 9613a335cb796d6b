import { isAlphanumeric, isBullet, isDigit, isLatin, isSpace } from './characters.ts'

/** What stands between two groups of digits of one number, as bits. */
export const SPACE = 1
export const DASH = 2
export const DOT = 4
export const SLASH = 8
export const BRACKET = 16
/** A dash that seems to begin a line of a list: between two numbers of it, or a number that was broken there. */
export const BULLET = 32

/** White space on each side of a separator: numbers are broken over lines and typed in odd ways. */
const MOST_SPACE = 3

/** The runs of digits of a view, and what joins each to the next one: a bit, or 0 where nothing does. */
export interface Groups {
  readonly text: string
  readonly starts: readonly number[]
  readonly ends: readonly number[]
  readonly separators: readonly number[]
}

/** All groups of a view. Linear: behind each, at most eight units are looked at twice. */
export function groupsOf(text: string): Groups {
  const starts: number[] = []
  const ends: number[] = []
  const separators: number[] = []
  for (let at = 0; at < text.length; at++) {
    if (!isDigit(text.charCodeAt(at))) continue
    starts.push(at)
    do at++
    while (isDigit(text.charCodeAt(at)))
    ends.push(at)
    separators.push(separatorAt(text, at))
  }
  return { text, starts, ends, separators }
}

function separatorAt(text: string, from: number): number {
  const left = skipSpace(text, from)
  const code = text.charCodeAt(left)
  if (isDigit(code)) return SPACE
  const kind = KINDS.get(code) ?? 0
  if (kind === 0) return 0
  // A dot that a space follows or precedes ends a sentence.
  if (kind === DOT) return left === from && isDigit(text.charCodeAt(left + 1)) ? DOT : 0
  const double = text.charCodeAt(left + 1) === code && kind === DASH ? left + 2 : left + 1
  if (!isDigit(text.charCodeAt(skipSpace(text, double)))) return 0
  return kind === DASH && left > from && isBullet(text, left) ? BULLET : kind
}

const KINDS = new Map([
  [45, DASH],
  [46, DOT],
  [47, SLASH],
  [95, SLASH],
  [40, BRACKET],
  [41, BRACKET],
])

function skipSpace(text: string, from: number): number {
  let at = from
  while (at < from + MOST_SPACE && isSpace(text.charCodeAt(at))) at++
  return at
}

/** True where a number stands for itself: no Latin letter touches it, and it is no part of a longer number or name with dashes or dots. */
export function standsAlone(text: string, start: number, end: number): boolean {
  const before = text.charCodeAt(start - 1)
  if (isLatin(before) || (before === 45 && isAlphanumeric(text.charCodeAt(start - 2)))) return false
  return !(before === 46 && isDigit(text.charCodeAt(start - 2))) && endsAlone(text, end)
}

/** The same of its end only. */
export function endsAlone(text: string, end: number): boolean {
  const after = text.charCodeAt(end)
  if (isLatin(after) || (after === 45 && isAlphanumeric(text.charCodeAt(end + 1)))) return false
  return !(after === 46 && isDigit(text.charCodeAt(end + 1)))
}
