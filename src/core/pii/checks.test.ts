import { expect, it } from 'vitest'
import { isBarcodeSum, isBusinessSum, isCorporateSum, isDay, isIbanSum, isLuhn, isResidentSum } from './checks.ts'

/** The texts with each last digit of which the check holds. */
function lastDigits(check: (digits: string) => boolean, front: string): string {
  return [...'0123456789'].filter((digit) => check(front + digit)).join('')
}

it.each([
  ['a resident', isResidentSum, '900101123456', '8'],
  ['a foreigner', isResidentSum, '900101512345', '2'],
  ['a business', isBusinessSum, '120814752', '1'],
  ['another business', isBusinessSum, '220816251', '7'],
  ['a corporation', isCorporateSum, '110111006243', '2'],
  ['a barcode', isBarcodeSum, '400638133393', '1'],
  ['a card', isLuhn, '411111111111111', '1'],
  ['a card of 15 digits', isLuhn, '37828224631000', '5'],
])('%s has one last digit', (_, check, front, digit) => {
  expect(lastDigits(check, front)).toBe(digit)
})

it.each(['GB82WEST12345698765432', 'DE89370400440532013000'])(
  '%s is an IBAN, and no other with one digit changed',
  (iban) => {
    expect(isIbanSum(iban)).toBe(true)
    expect(isIbanSum(`${iban.slice(0, -1)}9`)).toBe(false)
  },
)

it('knows the days of months, and leap years by their possibility', () => {
  expect(['900131', '000229', '991130'].every(isDay)).toBe(true)
  expect(['900132', '900230', '991131', '901301', '900001', '900100'].some(isDay)).toBe(false)
})
