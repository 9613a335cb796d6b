import fc from 'fast-check'
import { expect, it } from 'vitest'
import { createPlaceholders } from './placeholders.ts'

const nothing = (): boolean => false

it('gives the same item the same placeholder, in all texts of a request', () => {
  const placeholders = createPlaceholders(nothing)
  expect(placeholders.redact('900101-1234567, 010-1234-5678')).toBe('[KR_RRN_1], [PHONE_1]')
  expect(placeholders.redact('010-2345-6789, 900101-1234567')).toBe('[PHONE_2], [KR_RRN_1]')
})

it.each([
  ['010-1234-5678', '０１０ 1234 5678', 'PHONE'],
  ['900101-1234567', '900101\n-1\u200b234567', 'KR_RRN'],
  ['010-1234-5678', '공일공 일이삼사 오육칠팔', 'PHONE'],
  ['Hong@Example.com', 'hong@example.com', 'EMAIL'],
  ['DE89370400440532013000', 'de89 3704 0044 0532 0130 00', 'IBAN'],
  ['강남구 테헤란로 152', '강남구  테헤란로 152', 'KR_ADDRESS'],
])('knows %s in %s', (one, other, type) => {
  const placeholders = createPlaceholders(nothing)
  expect(placeholders.redact(`${one}, ${other}.`)).toBe(`[${type}_1], [${type}_1].`)
  expect(placeholders.restore(`[${type}_1] [${type}_1]`)).toBe(`${one} ${one}`)
})

it.each([
  ['1.11.1.1 11.1.1.1', '[IP_1] [IP_2]'],
  ['ab@c.io a.b@c.io', '[EMAIL_1] [EMAIL_2]'],
  ['sk-abcdefghij0123456789 sk-Abcdefghij0123456789', '[API_KEY_1] [API_KEY_2]'],
])('tells the items of %s apart', (text, redacted) => {
  expect(createPlaceholders(nothing).redact(text)).toBe(redacted)
})

it('never gives what the caller wrote', () => {
  const text = '[PHONE_1] is 010-1234-5678, [PHONE_2] is not 010-2345-6789'
  const placeholders = createPlaceholders((candidate) => text.includes(candidate))
  const redacted = placeholders.redact(text)
  expect(redacted).toBe('[PHONE_1] is [PHONE_3], [PHONE_2] is not [PHONE_4]')
  expect(placeholders.restore(redacted)).toBe(text)
})

it('looks for the types that it is given', () => {
  const placeholders = createPlaceholders(nothing, new Set(['email']))
  expect(placeholders.redact('a@b.io 010-1234-5678')).toBe('[EMAIL_1] 010-1234-5678')
})

it('restores only what it gave, and reads nothing twice', () => {
  const placeholders = createPlaceholders(nothing)
  placeholders.redact('a@b.io')
  expect(placeholders.restore('[EMAIL_2] [email_1] [EMAIL_1 [[EMAIL_1]] EMAIL_1]')).toBe(
    '[EMAIL_2] [email_1] [EMAIL_1 [a@b.io] EMAIL_1]',
  )
  expect([...placeholders.originals()]).toEqual([['[EMAIL_1]', 'a@b.io']])
})

it('is its own inverse for items that are written in one form', () => {
  const piece = fc.constantFrom(
    '010-1234-5678',
    '900101-1234567',
    'a@b.io',
    '[PHONE_1]',
    '[',
    ']',
    '가나 ',
    ', ',
    '10.0.0.1',
    '\n',
    '_',
  )
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
      const text = pieces.join(' ')
      const placeholders = createPlaceholders((candidate) => text.includes(candidate))
      expect(placeholders.restore(placeholders.redact(text))).toBe(text)
    }),
  )
})
