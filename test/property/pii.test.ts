// The finder on whatever text: it never throws, its places are good, disguises change nothing, its work is linear.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { findPii } from '#src/core/pii/find.ts'
import { PII_TYPES, type PiiType } from '#src/core/pii/types.ts'
import { createSeed } from '#src/core/seed.ts'
import * as items from '../support/pii-items.ts'

/** Pieces of which odd texts are made. */
const PIECES = [...'0123456789-. \n@:()+/_,[]\\ａ０－＠공일이에다시'].concat(
  [
    '010-',
    '900101-1234567',
    '여권 M',
    '계좌 ',
    'DE89',
    'sk-',
    'eyJ',
    '::',
    '\\u0031',
    '\\n',
    '강남구 테헤란로 ',
    ' dash ',
    'one ',
  ],
  ['4111 1111 1111 1111', '\u200b', '\ud835', '\udfce', '\ufffe', '\uffff'],
)
const anyText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 200 }),
  fc.array(fc.constantFrom(...PIECES), { maxLength: 80 }).map((pieces) => pieces.join('')),
  // Halves of surrogate pairs too.
  fc.array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 60 }).map((codes) => String.fromCharCode(...codes)),
)

test('never throws; places are inside, in their order, without overlaps', () => {
  fc.assert(
    fc.property(anyText, fc.subarray([...PII_TYPES]), (text, types) => {
      let last = 0
      for (const { type, start, end } of findPii(text, new Set(types))) {
        expect(types).toContain(type)
        expect(start).toBeGreaterThanOrEqual(last)
        expect(end).toBeGreaterThan(start)
        expect(end).toBeLessThanOrEqual(text.length)
        last = end
      }
    }),
    { numRuns: 3000 },
  )
})

/** Items that need no word near them. */
const MAKERS: readonly (readonly [PiiType, (draw: () => number) => string])[] = [
  ['kr_rrn', (draw) => items.resident(draw, draw() < 0.5)],
  ['kr_foreigner', (draw) => items.foreigner(draw, draw() < 0.5)],
  ['kr_business', items.business],
  ['phone', items.mobile],
  ['phone', items.landline],
  ['card', items.card],
  ['email', items.email],
  ['iban', items.iban],
  ['us_ssn', items.socialSecurity],
  ['ip', items.ip],
  ['api_key', items.apiKey],
]
const anyItem = fc
  .tuple(fc.constantFrom(...MAKERS), fc.string({ minLength: 1, maxLength: 8 }))
  .map(([[type, make], seed]) => ({ type, item: make(createSeed(seed)) }))

function isFound(type: PiiType, text: string, item: string): boolean {
  const start = text.indexOf(item)
  return findPii(text).some((found) => found.type === type && found.start <= start && found.end >= start + item.length)
}

describe('an item stays found', () => {
  test('with something without width in it, wherever', () => {
    fc.assert(
      fc.property(
        anyItem,
        fc.constantFrom('\u200b', '\u200d', '\u2060', '\ufeff', '\u00ad', '\ufe0f', '\u0336', '\u{e0101}'),
        ({ type, item }, none) => {
          for (let at = 1; at < item.length; at++) {
            const written = item.slice(0, at) + none + item.slice(at)
            expect(isFound(type, `값 ${written} 끝`, written)).toBe(true)
          }
        },
      ),
      { numRuns: 300 },
    )
  })

  test('with any of its ASCII in full width', () => {
    fc.assert(
      fc.property(anyItem, fc.infiniteStream(fc.boolean()), ({ type, item }, wide) => {
        const written = [...item]
          .map((unit) =>
            unit > ' ' && wide.next().value === true ? String.fromCharCode(unit.charCodeAt(0) + 0xfee0) : unit,
          )
          .join('')
        expect(isFound(type, `값 ${written} 끝`, written)).toBe(true)
      }),
      { numRuns: 1000 },
    )
  })

  test('in any other text that does not touch it', () => {
    const prose = fc.constantFrom('', '가나다 ', 'word ', '값: ', '(', '"', '\n', '- ', '“')
    fc.assert(
      fc.property(
        anyItem,
        prose,
        fc.constantFrom('', ' 끝', '.', ', and', ')', '"', '\n', '입니다', '을'),
        ({ type, item }, before, after) => {
          expect(isFound(type, before + item + after, item)).toBe(true)
        },
      ),
      { numRuns: 2000 },
    )
  })
})

/** How many units the methods of strings look at while something runs. */
function unitsRead(run: () => void): number {
  let units = 0
  const { charCodeAt, slice, indexOf, startsWith } = String.prototype
  Object.assign(String.prototype, {
    charCodeAt(this: string, at: number) {
      units++
      return charCodeAt.call(this, at)
    },
    slice(this: string, from: number, to?: number) {
      const part = slice.call(this, from, to)
      units += part.length
      return part
    },
    indexOf(this: string, part: string, from = 0) {
      const at = indexOf.call(this, part, from)
      units += (at < 0 ? this.length : at) - Math.min(from, this.length)
      return at
    },
    startsWith(this: string, part: string, at?: number) {
      units += part.length
      return startsWith.call(this, part, at)
    },
  })
  try {
    run()
  } finally {
    Object.assign(String.prototype, { charCodeAt, slice, indexOf, startsWith })
  }
  return units
}

const LENGTH = 3000

describe('four times the text is four times the work', () => {
  test.each([
    '1-',
    '1',
    '7 ',
    '1.',
    '12-',
    '123-45-',
    '4111 ',
    '1   -   ',
    '@',
    'a@',
    'a.',
    'a@b.co ',
    ':',
    'a:',
    '::',
    'sk-',
    'eyJ',
    'eyJ.',
    'eyJa.eyJ',
    'AKIA',
    '\u200b',
    '０',
    '\\',
    '\\n',
    '\\u0031',
    '이',
    '일 ',
    '일에',
    '이 가',
    'one ',
    'one',
    'oneone ',
    '일1',
    '일-',
    '-',
    '- ',
    '로 1',
    '로로로로로1',
    '구 로 1 ',
    '강남구 테헤란로 1 ',
    '1동 ',
    '+1',
    'M010-1234-5678 ',
    '1 ',
    '1 - ',
    '%40',
    '900101 뒷자리 1234567 ',
    '+1 2',
    'DE89',
    'DE89 ',
    '여권 M12345678',
    '계좌 1234567890 ',
    'a 1234567890 ',
    '가'.normalize('NFD'),
    '\ud835\udfce',
    '(',
    '[',
    '900101-1234567 ',
    '010-1234-5678',
    '주',
    'account',
    'x',
  ])('%j again and again', (piece) => {
    const text = (length: number): string => piece.repeat(Math.ceil(length / piece.length))
    const once = unitsRead(() => void findPii(text(LENGTH)))
    const more = unitsRead(() => void findPii(text(LENGTH * 4)))
    expect(more / once).toBeLessThan(4.4)
    // A bound for each unit, too: what is read around an item is bounded.
    expect(more / (LENGTH * 4)).toBeLessThan(60)
  })
})

test('of a million units nothing is too much', () => {
  for (const piece of ['a@b.co ', '010-1234-5678 ', '일', '1-', '\u200b']) {
    const text = piece.repeat(Math.ceil(1_000_000 / piece.length))
    expect(() => findPii(text)).not.toThrow()
  }
})
