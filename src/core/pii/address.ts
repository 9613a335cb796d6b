import { isDigit, isHangul, isSpace } from './characters.ts'
import { NOT_DISTRICTS, NOT_ROADS, PROVINCES } from './address-words.ts'
import type { Scan } from './window.ts'

/** How far an address may go before its house number, in units of the view. */
const MOST_BEFORE = 50
const MOST_AREAS = 5
const MOST_DETAILS = 4
const LONGEST_NAME = 20

interface Token {
  readonly start: number
  readonly end: number
}

/** Last syllables: of what a house number follows, of the areas before it, of the details behind it. */
const STREETS = '로길동리가'
const DISTRICTS = '구군시읍면'
const AREAS = '구군시도읍면동'
const DETAILS = ['동', '호실', '호', '층']
/** What may follow a house number directly: particles and parts of addresses, no counters (명, 개, 년, 원). */
const AFTER_NUMBER = '에으이입은는을를의와과번호층인야로'

/**
 * A Korean address whose house number is group `first`: road or lot, after a district, or after a province, or near a word that says
 * that it is one. It begins at its first area and ends behind the last detail (`101동 1203호`).
 */
export function scanAddress(scan: Scan, first: number): void {
  const { text, starts } = scan.groups
  const number = starts[first] ?? 0
  const street = tokenBefore(text, number)
  if (street === undefined || !isStreet(text, street)) return
  const end = houseEnd(scan, first)
  if (isHangul(text.charCodeAt(end)) && !AFTER_NUMBER.includes(text[end] ?? '')) return
  const areas = areasBefore(text, street, number - MOST_BEFORE)
  const start = areas.at(-1)?.start ?? street.start
  const sure = areas.some((area) => PROVINCES.has(text.slice(area.start, area.end)))
  if (!sure && !areas.some((area) => isDistrict(text, area)) && !scan.context.near('address', start, end)) return
  scan.found({ type: 'kr_address', sure }, start, detailsEnd(text, end))
}

/** The Hangul word before `at`, with the digits in it, parted by at most two spaces. Touching ones only where a number may: `을지로3가`. */
function tokenBefore(text: string, at: number): Token | undefined {
  let end = at
  while (end > at - 2 && (isSpace(text.charCodeAt(end - 1)) || text[end - 1] === ',')) end--
  let start = end
  while (end - start < LONGEST_NAME && isName(text, start - 1)) start--
  return start < end && isHangul(text.charCodeAt(end - 1)) ? { start, end } : undefined
}

function isName(text: string, at: number): boolean {
  const code = text.charCodeAt(at)
  return isHangul(code) || isDigit(code)
}

function isStreet(text: string, { start, end }: Token): boolean {
  const name = text.slice(start, end)
  if (name.length < 2 || !STREETS.includes(name.at(-1) ?? ' ') || !isHangul(name.charCodeAt(0))) return false
  return !NOT_ROADS.has(name) && !name.endsWith('으로')
}

/** The end of `152` or `12-3`. */
function houseEnd({ groups: { text, starts, ends } }: Scan, first: number): number {
  const end = ends[first] ?? 0
  return text[end] === '-' && starts[first + 1] === end + 1 ? (ends[first + 1] ?? end) : end
}

function areasBefore(text: string, street: Token, least: number): readonly Token[] {
  const areas: Token[] = []
  for (let at = street.start; areas.length < MOST_AREAS;) {
    const token = isSpace(text.charCodeAt(at - 1)) ? tokenBefore(text, at) : undefined
    if (token === undefined || token.start < least || !isArea(text, token)) return areas
    areas.push(token)
    at = token.start
  }
  return areas
}

function isArea(text: string, { start, end }: Token): boolean {
  const name = text.slice(start, end)
  if (PROVINCES.has(name)) return true
  return name.length >= 2 && AREAS.includes(name.at(-1) ?? ' ') && !NOT_DISTRICTS.has(name)
}

function isDistrict(text: string, area: Token): boolean {
  return DISTRICTS.includes(text[area.end - 1] ?? ' ')
}

/** Behind the last of the details that follow: a number and what it counts, after spaces, commas or the name of a house in Hangul. */
function detailsEnd(text: string, from: number): number {
  let end = text.startsWith('번지', from) ? from + 2 : from
  let at = end
  for (let words = 0; words < MOST_DETAILS; words++) {
    while (at - end < LONGEST_NAME && (isSpace(text.charCodeAt(at)) || text[at] === ',')) at++
    const detail = detailEnd(text, at)
    if (detail > at) end = at = detail
    else while (at - end < LONGEST_NAME && isName(text, at)) at++
  }
  return end
}

function detailEnd(text: string, from: number): number {
  let at = from
  while (at - from < 5 && isDigit(text.charCodeAt(at))) at++
  const detail = at === from ? undefined : DETAILS.find((name) => text.startsWith(name, at))
  return detail === undefined ? from : at + detail.length
}
