/** The digit at a place of a text of digits. */
export function digitAt(digits: string, at: number): number {
  return digits.charCodeAt(at) - 48
}

/** A part of a text of digits as a number; NaN where the text ends before. */
export function numberAt(digits: string, at: number, length: number): number {
  let value = 0
  for (let index = at; index < at + length; index++) value = value * 10 + digitAt(digits, index)
  return value
}

function weighted(digits: string, weights: readonly number[]): number {
  let sum = 0
  for (let at = 0; at < weights.length; at++) sum += (weights[at] ?? 0) * digitAt(digits, at)
  return sum
}

const RESIDENT_WEIGHTS = [2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5]
const BUSINESS_WEIGHTS = [1, 3, 7, 1, 3, 7, 1, 3, 5]
const CORPORATE_WEIGHTS = [1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2]
const BARCODE_WEIGHTS = [1, 3, 1, 3, 1, 3, 1, 3, 1, 3, 1, 3]

/** 13 digits of a resident or, by its century digit, a foreigner. Numbers that were issued or changed since October 2020 do not hold it. */
export function isResidentSum(digits: string): boolean {
  const base = isForeign(digits) ? 13 : 11
  return (base - (weighted(digits, RESIDENT_WEIGHTS) % 11)) % 10 === digitAt(digits, 12)
}

/** True where the century digit is that of a foreigner: 5 to 8. */
export function isForeign(digits: string): boolean {
  return digitAt(digits, 6) >= 5 && digitAt(digits, 6) <= 8
}

/** 10 digits of a business registration. */
export function isBusinessSum(digits: string): boolean {
  const sum = weighted(digits, BUSINESS_WEIGHTS) + Math.floor((digitAt(digits, 8) * 5) / 10)
  return (10 - (sum % 10)) % 10 === digitAt(digits, 9)
}

/** 13 digits of a corporation's registration. */
export function isCorporateSum(digits: string): boolean {
  return (10 - (weighted(digits, CORPORATE_WEIGHTS) % 10)) % 10 === digitAt(digits, 12)
}

/** 13 digits of an EAN, that is a barcode or an ISBN. */
export function isBarcodeSum(digits: string): boolean {
  return (10 - (weighted(digits, BARCODE_WEIGHTS) % 10)) % 10 === digitAt(digits, 12)
}

const DAYS = [0, 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]

/** YYMMDD, in whatever century: 29 February is a day of some year. */
export function isDay(digits: string): boolean {
  const day = numberAt(digits, 4, 2)
  return day >= 1 && day <= (DAYS[numberAt(digits, 2, 2)] ?? 0)
}

/** Luhn's sum of a card. */
export function isLuhn(digits: string): boolean {
  let sum = 0
  for (let at = digits.length - 1, even = false; at >= 0; at--, even = !even) {
    const digit = digitAt(digits, at)
    sum += even ? (digit > 4 ? digit * 2 - 9 : digit * 2) : digit
  }
  return sum % 10 === 0
}

/** ISO 7064, mod 97-10, of an IBAN in capital letters and digits. */
export function isIbanSum(iban: string): boolean {
  let rest = 0
  for (const letter of iban.slice(4) + iban.slice(0, 4)) {
    const value = Number.parseInt(letter, 36)
    rest = (value > 9 ? rest * 100 + value : rest * 10 + value) % 97
  }
  return rest === 1
}
