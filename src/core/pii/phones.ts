import { numberAt } from './checks.ts'
import { isAlphanumeric } from './characters.ts'
import { BRACKET, BULLET, DASH, DOT, SLASH, SPACE, endsAlone, standsAlone } from './groups.ts'
import { ANY_DIGIT, onlyBy, type Scan, type Shapes, type Verdict, type Window } from './window.ts'

/** Telephone numbers as they are written in Korea, and American ones where a word says that they are. */
export const PHONE_SHAPES: Shapes = [
  ['3-4-4 2-3-4 2-4-4 4-3-4 4-4-4 9 10 11', '0', judgeNational],
  ['3-3-4', ANY_DIGIT, judgeNational],
  ['3-7 3-8 6-4 7-4', '0', judgeMobile],
  ['4-4', '1', judgeService],
  ['4-2-4-4 4-2-3-4', '0', judgeWithZeros],
  ['2-2-3-4 2-2-4-4 2-1-3-4 2-1-4-4 4-4-4 4-3-4 12', '8', judgeWithoutPlus],
]

/** Numbers of companies, the same from everywhere: only with a hyphen, and not the years 1800-1899. */
const SERVICES = new Set(
  '1522 1533 1544 1551 1555 1566 1577 1588 1599 1600 1644 1660 1661 1666 1670 1688 1800 1811 1833 1855 1877 1899'.split(
    ' ',
  ),
)

function judgeNational(window: Window): Verdict | undefined {
  if (!(window.alone() || isLabelled(window)) || !onlyBy(window, SPACE | DASH | DOT | BRACKET | SLASH)) return undefined
  const { digits, shape } = window
  const whole = window.separators === 0
  if (isMobile(digits) && (whole ? digits.length === 11 : shape.startsWith('3'))) return { type: 'phone', sure: true }
  if (isNational(digits) && (!whole || window.near('phone'))) {
    const area = whole ? areaLength(digits) : Number(shape[0])
    if (area === areaLength(digits)) return { type: 'phone', sure: true }
  }
  return shape === '3-3-4' && isAmerican(digits) && window.near('phone') ? { type: 'phone', sure: true } : undefined
}

/** `M010-1234-5678`, as on cards: mobile, telephone, home, office, fax. */
function isLabelled({ text, start, end, separators }: Window): boolean {
  if (separators === 0 || !'MTHPOFC'.includes((text[start - 1] ?? '?').toUpperCase())) return false
  const [before, two] = [text.charCodeAt(start - 2), text[start - 2] ?? ' ']
  return !isAlphanumeric(before) && !'-_'.includes(two) && endsAlone(text, end)
}

function judgeMobile(window: Window): Verdict | undefined {
  if (!window.alone() || !isMobile(window.digits) || !onlyBy(window, SPACE | DASH)) return undefined
  return { type: 'phone', sure: true }
}

function judgeService(window: Window): Verdict | undefined {
  if (!window.alone() || !SERVICES.has(window.digits.slice(0, 4)) || !onlyBy(window, SPACE | DASH)) return undefined
  const second = numberAt(window.digits, 4, 4)
  const year = second >= 1500 && second <= 2100
  return (window.separators === DASH && !year) || window.near('phone') ? { type: 'phone', sure: false } : undefined
}

/** Korea from abroad, without a plus sign. */
function judgeWithZeros(window: Window): Verdict | undefined {
  const digits = window.digits.slice(2)
  return window.digits.startsWith('00') ? judgeWithoutPlus({ ...window, digits }) : undefined
}

/** Korea's own country code, after which the 0 falls. */
function judgeWithoutPlus(window: Window): Verdict | undefined {
  if (!window.digits.startsWith('82') || !window.alone() || !onlyBy(window, SPACE | DASH | DOT)) return undefined
  const national = `0${window.digits.slice(2)}`
  const known = isMobile(national) || isNational(national)
  return known && (window.separators !== 0 || window.near('phone')) ? { type: 'phone', sure: true } : undefined
}

/** 010 with eight more, 011, 016 to 019 with seven or eight. */
function isMobile(digits: string): boolean {
  if (!digits.startsWith('01')) return false
  const third = digits[2] ?? ''
  return third === '0' ? digits.length === 11 : '16789'.includes(third) && digits.length >= 10 && digits.length <= 11
}

/** Seoul is 02, provinces are 031 to 064, 070 and 080 are the internet's and the receiver's, 050x are personal ones. */
function areaLength(digits: string): number {
  if (digits.startsWith('02')) return 2
  if (digits.startsWith('050')) return 4
  const area = numberAt(digits, 0, 3)
  return digits.startsWith('0') && ((area >= 31 && area <= 64) || area === 70 || area === 80) ? 3 : 0
}

function isNational(digits: string): boolean {
  const rest = digits.length - areaLength(digits)
  return rest < digits.length && (rest === 7 || rest === 8) && digits[areaLength(digits)] !== '0'
}

function isAmerican(digits: string): boolean {
  return (digits[0] ?? '') >= '2' && (digits[3] ?? '') >= '2'
}

/** The most digits of an E.164 number, and of those of some countries, code included. */
const MOST_DIGITS = 15
const COUNTRY_DIGITS: readonly (readonly [code: string, most: number])[] = [
  ['1', 11],
  ['7', 11],
  ['33', 11],
  ['34', 11],
  ['44', 12],
  ['61', 11],
  ['65', 10],
  ['81', 12],
  ['82', 13],
  ['84', 11],
  ['86', 13],
  ['91', 12],
  ['852', 11],
  ['886', 12],
]
const LEAST_DIGITS = 8

/** An international number: group `first` has a plus sign before it. */
export function scanInternational(scan: Scan, first: number): void {
  const { text, starts, ends } = scan.groups
  const start = starts[first] ?? 0
  if (isAlphanumeric(text.charCodeAt(start - 2)) || text[start] === '0') return
  const most = COUNTRY_DIGITS.find(([code]) => text.startsWith(code, start))?.[1] ?? MOST_DIGITS
  let digits = 0
  let end = 0
  for (let at = first; at < starts.length; at++) {
    digits += (ends[at] ?? 0) - (starts[at] ?? 0)
    if (digits > most) break
    // What follows may be the next number: the last place where one can end counts.
    if (digits >= LEAST_DIGITS && standsAlone(text, start, ends[at] ?? 0)) end = ends[at] ?? 0
    if (!goesOn(scan, at)) break
  }
  if (end > 0) scan.found({ type: 'phone', sure: true }, start - 1, end)
}

/** Nobody breaks a line in a telephone number but at its separator, nor puts a tab there. */
function goesOn({ groups: { text, starts, ends, separators } }: Scan, at: number): boolean {
  const separator = separators[at] ?? 0
  if (separator === 0 || separator === SLASH || separator === BULLET) return false
  return separator !== SPACE || text.slice(ends[at], starts[at + 1]) === ' '
}
