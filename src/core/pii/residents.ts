import { isBarcodeSum, isCorporateSum, isDay, isForeign, isResidentSum, numberAt } from './checks.ts'
import { BULLET, DASH, DOT, SLASH, SPACE } from './groups.ts'
import { ANY_DIGIT, onlyBy, type Scan, type Shapes, type Verdict, type Window } from './window.ts'

/** Century digits: of those born in the 2000s, of residents among them, of those born in the 1800s. */
const THIS_CENTURY = '3478'
const BORN_HERE = '34'
const LAST_BUT_ONE = '90'
/** From October of this year on no sum holds. Older residents' numbers keep theirs, but for a few that were changed. */
const FIRST_WITHOUT_SUM = 20
/** No number without a separator is taken for somebody born later than this, unless a word says so. */
const LATEST_BIRTH = 35

/** Numbers of 13 digits that begin with a birthday, and those of corporations, which have the same form. */
export const RESIDENT_SHAPES: Shapes = [
  ['13 6-7 2-2-2-7', ANY_DIGIT, judgeResident],
  // A piece is split off by a space or the end of a line.
  ['6-1-6 6-2-5 6-3-4 6-4-3 6-5-2 6-6-1 1-5-7 2-4-7 3-3-7 4-2-7 5-1-7', ANY_DIGIT, judgeSplit],
]

function judgeResident(window: Window): Verdict | undefined {
  const { digits } = window
  if (!isDay(digits)) return judgeCorporate(window)
  if (isRatherCorporate(window)) return { type: 'kr_corporate', sure: true }
  const type = isForeign(digits) ? 'kr_foreigner' : 'kr_rrn'
  if (isStrong(window) || window.near('resident')) return { type, sure: true }
  return isLikely(window) ? { type, sure: false } : judgeCorporate(window)
}

/** A separator at its place, or digits that somebody wrote out. */
function isStrong(window: Window): boolean {
  if (window.worded) return true
  if (window.shape === '6-7') return onlyBy(window, SPACE | DASH | BULLET) || (onlyBy(window, SLASH) && !isPath(window))
  return window.shape === '2-2-2-7' && onlyBy(window, SPACE | DASH | SLASH | DOT)
}

/** `/201012/3456789` is a month and an article. */
function isPath({ text, start, end }: Window): boolean {
  return [text[start - 1], text[end]].some((unit) => unit === '/' || unit === '_')
}

/**
 * 13 digits in one piece are a barcode, a time in milliseconds or an order more often than a person: the sum has to hold, or the birthday be one
 * since October 2020, and the century has to fit. Where a barcode's sum holds for the prefix of Korean goods (880) it is one.
 */
function isLikely(window: Window): boolean {
  const { digits } = window
  const century = digits[6] ?? ''
  const year = numberAt(digits, 0, 2)
  if (!window.alone() || LAST_BUT_ONE.includes(century)) return false
  if (digits.startsWith('880') && isBarcodeSum(digits)) return false
  if (THIS_CENTURY.includes(century) && year > LATEST_BIRTH) return false
  const recent = window.shape === '13' && BORN_HERE.includes(century) && year >= FIRST_WITHOUT_SUM
  return isResidentSum(digits) || recent
}

function judgeSplit(window: Window): Verdict | undefined {
  const { digits } = window
  if (!isDay(digits) || !onlyBy(window, SPACE | DASH) || !(window.separators & SPACE)) return undefined
  if (!isResidentSum(digits) && !window.near('resident')) return undefined
  return { type: isForeign(digits) ? 'kr_foreigner' : 'kr_rrn', sure: window.near('resident') }
}

/** A corporation's number that begins like a birthday: 110111-0…, for which nobody alive has the century. */
function isRatherCorporate(window: Window): boolean {
  const { digits } = window
  if (!isCorporateSum(digits)) return false
  const [person, nobody] = [isResidentSum(digits), LAST_BUT_ONE.includes(digits[6] ?? '')]
  if (window.owns('corporate', 'resident')) return !person || nobody || isForeign(digits)
  return window.shape !== '13' && nobody && !person && !window.owns('resident', 'corporate')
}

function judgeCorporate(window: Window): Verdict | undefined {
  if (!isCorporateSum(window.digits) || !window.alone()) return undefined
  if (window.near('corporate')) return { type: 'kr_corporate', sure: true }
  return window.shape === '6-7' && onlyBy(window, DASH | SPACE) ? { type: 'kr_corporate', sure: false } : undefined
}

/** Between a birthday and the rest, where a word says what they are: `앞자리 900101 뒷자리 1234567`, `900101,1234567`. */
const MOST_BETWEEN = 8

/** A resident's number in two parts, of which group `first` is the birthday, with something between that joins no other number. */
export function scanParted(scan: Scan, first: number): void {
  const { text, starts, ends, separators } = scan.groups
  const [start, rest] = [starts[first] ?? 0, starts[first + 1] ?? 0]
  const birthdayEnd = ends[first] ?? 0
  const end = ends[first + 1] ?? 0
  if (birthdayEnd - start !== 6 || end - rest !== 7 || rest - birthdayEnd > MOST_BETWEEN) return
  if (separators[first] !== 0 && separators[first] !== DOT) return
  const digits = text.slice(start, birthdayEnd) + text.slice(rest, end)
  if (!isDay(digits) || !scan.context.near('resident', start, end)) return
  scan.found({ type: isForeign(digits) ? 'kr_foreigner' : 'kr_rrn', sure: true }, start, end)
}
