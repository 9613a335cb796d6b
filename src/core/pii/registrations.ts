import { isBusinessSum, numberAt } from './checks.ts'
import { DASH, DOT, SPACE } from './groups.ts'
import { ANY_DIGIT, onlyBy, type Shapes, type Verdict, type Window } from './window.ts'

/** Numbers that an authority gave out, other than those of `residents.ts`. */
export const REGISTRATION_SHAPES: Shapes = [
  ['3-2-5 10', ANY_DIGIT, judgeBusiness],
  ['2-2-6-2 12', '12', judgeLicence],
  ['2-6-2', ANY_DIGIT, judgeLicence],
  ['3-2-4 9', '012345678', judgeSocialSecurity],
]

function judgeBusiness(window: Window): Verdict | undefined {
  if (!onlyBy(window, DASH | SPACE | DOT) || !window.alone()) return undefined
  if (window.near('business')) return { type: 'kr_business', sure: true }
  return (window.shape !== '10' || window.worded) && isBusinessSum(window.digits)
    ? { type: 'kr_business', sure: true }
    : undefined
}

/** The office that gave it out is 11 to 26 or 28; older ones have its name before two groups and a check instead. */
function judgeLicence(window: Window): Verdict | undefined {
  const office = numberAt(window.digits, 0, 2)
  const known = (office >= 11 && office <= 26) || office === 28
  if (!onlyBy(window, DASH | SPACE) || !window.alone() || !(known || window.shape === '2-6-2')) return undefined
  const named = window.shape === '12' ? window.owns('licence', 'account') : window.near('licence')
  return named ? { type: 'kr_driver_licence', sure: true } : undefined
}

/** No area 000, 666 or 900 and above, no group 00, no serial 0000. */
function judgeSocialSecurity(window: Window): Verdict | undefined {
  const { digits } = window
  const area = numberAt(digits, 0, 3)
  if (area === 0 || area === 666 || area >= 900) return undefined
  if (numberAt(digits, 3, 2) === 0 || numberAt(digits, 5, 4) === 0) return undefined
  if (!onlyBy(window, DASH | SPACE) || !window.alone()) return undefined
  if (window.near('ssn')) return { type: 'us_ssn', sure: true }
  return window.separators === DASH ? { type: 'us_ssn', sure: false } : undefined
}
