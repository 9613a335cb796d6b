import { isLuhn, numberAt } from './checks.ts'
import { DASH, SPACE } from './groups.ts'
import { onlyBy, type Shapes, type Verdict, type Window } from './window.ts'

/** Payment cards as they are printed, and in one piece. */
export const CARD_SHAPES: Shapes = [
  ['13 14 15 16 17 18 19 4-4-4-4 4-6-5 4-6-4 4-4-4-4-3 4-4-4-4-2 4-4-4-4-1', '234569', judgeCard],
]

/** Prefixes of issuers, inclusive, and the lengths of their numbers. Visa's 13 digits are long out of use and look like barcodes: not here. */
const ISSUERS: readonly (readonly [from: number, to: number, lengths: readonly number[]])[] = [
  [4, 4, [16, 18, 19]],
  [51, 55, [16]],
  [2221, 2720, [16]],
  [34, 34, [15]],
  [37, 37, [15]],
  [6011, 6011, [16, 17, 18, 19]],
  [644, 649, [16, 17, 18, 19]],
  [65, 65, [16, 17, 18, 19]],
  [3528, 3589, [16, 17, 18, 19]],
  [300, 305, [14]],
  [36, 36, [14]],
  [38, 39, [14]],
  [62, 62, [16, 17, 18, 19]],
  // Korean cards for use at home.
  [94, 94, [16]],
]

function judgeCard(window: Window): Verdict | undefined {
  const { digits } = window
  if (!(onlyBy(window, DASH) || onlyBy(window, SPACE)) || !isLuhn(digits) || !isIssued(digits) || !window.alone())
    return undefined
  return { type: 'card', sure: window.separators !== 0 || window.near('card') }
}

function isIssued(digits: string): boolean {
  return ISSUERS.some(([from, to, lengths]) => {
    const prefix = numberAt(digits, 0, String(from).length)
    return prefix >= from && prefix <= to && lengths.includes(digits.length)
  })
}
