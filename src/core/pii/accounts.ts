import { isAlphanumeric, isDigit, isLatin, isSpace } from './characters.ts'
import { isIbanSum } from './checks.ts'
import { DASH, SPACE } from './groups.ts'
import { IBAN_LENGTHS } from './iban-lengths.ts'
import { windowOf, type Scan } from './window.ts'

const LEAST_DIGITS = 10
const MOST_DIGITS = 14
const MOST_GROUPS = 5
/** Behind an amount of money. */
const CURRENCIES = ['원', '달러', '엔', '만', '억']

/** A Korean bank account that begins with group `first`: no bank's number has a check that is public, so a word has to say that it is one. */
export function scanBankAccount(scan: Scan, first: number): void {
  const { separators } = scan.groups
  const kind = separators[first] ?? 0
  const before = first > 0 ? separators[first - 1] : 0
  let last = first
  let digits = lengthOf(scan, first)
  if (before === DASH || (before === SPACE && digits < LEAST_DIGITS)) return
  // Digits that are enough for an account are one, whatever a space parts from them.
  const most = kind === DASH || (kind === SPACE && digits < LEAST_DIGITS) ? first + MOST_GROUPS : first
  while (separators[last] === kind && last < most) digits += lengthOf(scan, ++last)
  if (digits >= LEAST_DIGITS && digits <= MOST_DIGITS) judgeAccount(scan, first, last)
}

function lengthOf({ groups }: Scan, at: number): number {
  return (groups.ends[at] ?? 0) - (groups.starts[at] ?? 0)
}

function judgeAccount(scan: Scan, first: number, last: number): void {
  const window = windowOf(scan, { first, last, mask: 0 })
  if (!window.near('account') || !window.alone()) return
  if (CURRENCIES.some((name) => window.text.startsWith(name, window.end))) return
  scan.found({ type: 'kr_bank_account', sure: true }, window.start, window.end)
}

/** Letters before a Korean passport's digits: of several journeys, one, residents, officials, diplomats. */
const PASSPORTS = 'MSROD'

/** A Korean passport whose letter stands before group `first`: eight digits, or three, a letter and four. */
export function scanPassport(scan: Scan, first: number): void {
  const { text, starts, ends } = scan.groups
  const letter = (starts[first] ?? 0) - 1
  const start = text[letter] === ' ' ? letter - 1 : letter
  if (!PASSPORTS.includes((text[start] ?? '?').toUpperCase()) || isAlphanumeric(text.charCodeAt(start - 1))) return
  const digits = lengthOf(scan, first)
  const end = digits === 8 ? (ends[first] ?? 0) : digits === 3 ? newPassportEnd(scan, first) : 0
  if (end === 0 || isAlphanumeric(text.charCodeAt(end))) return
  if (scan.context.near('passport', start, end)) scan.found({ type: 'kr_passport', sure: true }, start, end)
}

function newPassportEnd({ groups: { text, starts, ends } }: Scan, first: number): number {
  const letter = ends[first] ?? 0
  const next = first + 1
  const fits = isLatin(text.charCodeAt(letter)) && starts[next] === letter + 1 && ends[next] === letter + 5
  return fits ? letter + 5 : 0
}

/** An IBAN whose country stands before group `first`, its check digits. */
export function scanIban(scan: Scan, first: number): void {
  const { text, starts } = scan.groups
  const start = (starts[first] ?? 0) - 2
  const length = IBAN_LENGTHS.get(text.slice(Math.max(0, start), start + 2).toUpperCase())
  if (length === undefined || isAlphanumeric(text.charCodeAt(start - 1)) || !isDigit(text.charCodeAt(start + 3))) return
  let iban = ''
  let at = start
  for (; iban.length < length; at++) {
    const code = text.charCodeAt(at)
    if (isAlphanumeric(code)) iban += text[at]
    else if (!isJoint(text, at)) return
  }
  if (isAlphanumeric(text.charCodeAt(at)) || !isIbanSum(iban.toUpperCase())) return
  scan.found({ type: 'iban', sure: true }, start, at)
}

/** One space or hyphen between two letters or digits. */
function isJoint(text: string, at: number): boolean {
  const code = text.charCodeAt(at)
  return (isSpace(code) || code === 45) && isAlphanumeric(text.charCodeAt(at + 1))
}
