import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { foldText } from './fold.ts'
import { compilePattern, compileStepped } from './wildcard.ts'

/** The definition, without care for time. */
function naive(pattern: string, text: string): boolean {
  if (pattern === '') return text === ''
  if (pattern.startsWith('*')) return naive(pattern.slice(1), text) || (text !== '' && naive(pattern, text.slice(1)))
  return text !== '' && text[0] === pattern[0] && naive(pattern.slice(1), text.slice(1))
}

const letters = fc.constantFrom('a', 'b')
const texts = fc.string({ unit: letters, maxLength: 14 })
const patterns = fc.string({ unit: fc.constantFrom('a', 'b', '*'), maxLength: 8 })

describe('compilePattern', () => {
  test('agrees with the definition', () => {
    fc.assert(
      fc.property(patterns, texts, (pattern, text) => compilePattern(pattern)(text) === naive(pattern, text)),
      { numRuns: 20_000 },
    )
  })

  test('everything but `*` stands for itself', () => {
    expect(compilePattern('a.c')('abc')).toBe(false)
    expect(compilePattern('a?c')('abc')).toBe(false)
    expect(compilePattern('(a+)+$*')('(a+)+$ and more')).toBe(true)
  })

  test('folds pattern and text alike and keeps `*`', () => {
    const match = compilePattern('Deep Seek-*', foldText)
    expect(match('deep_seek-v4')).toBe(true)
    expect(match('ＤＥＥＰＳＥＥＫ')).toBe(true)
    expect(match('deepsea')).toBe(false)
  })

  test('one megabyte of adversarial text takes linear steps', () => {
    const text = 'a'.repeat(1_000_000)
    for (const pattern of [
      '*' + 'a'.repeat(500) + 'b*',
      '*a*'.repeat(200) + 'b',
      '*ab*'.repeat(100),
      '*aab*aab*',
      'a'.repeat(1000) + '*b',
    ]) {
      const steps = { count: 0 }
      expect(compileStepped(pattern)(text, steps)).toBe(false)
      expect(steps.count).toBeLessThanOrEqual(2 * text.length + 2 * pattern.length)
    }
  })
})
