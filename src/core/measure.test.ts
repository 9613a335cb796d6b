import fc from 'fast-check'
import { expect, test } from 'vitest'
import { utf8Length } from './measure.ts'

test('UTF-8 length is what an encoder gives, at every length and with broken pairs', () => {
  const unit = fc.constantFrom('a', 'é', '가', '😀', '\ud83d', '\ude00')
  const long = fc
    .tuple(fc.array(unit, { maxLength: 300 }), fc.nat(200))
    .map(([units, times]) => units.join('').repeat(times))
  fc.assert(
    fc.property(fc.oneof(fc.string({ unit, maxLength: 200 }), long), (text) => {
      expect(utf8Length(text)).toBe(new TextEncoder().encode(text).length)
    }),
    { numRuns: 200 },
  )
})
