import fc from 'fast-check'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { compileRegex } from './pattern.ts'

function found(pattern: string, text: string): boolean {
  const compiled = compileRegex(pattern)
  if (!compiled.ok) throw new Error(compiled.message)
  return compiled.foundIn(text)
}

test.each([
  ['^gpt-.*', 'gpt-5-mini', true],
  ['^gpt-', 'my-gpt-5', false],
  ['gpt', 'my-gpt-5', true],
  ['-(mini|nano)$', 'gpt-5-nano', true],
  ['(?i)SECRET', 'a secret', true],
  ['^\\p{Hangul}+$', '한국어', true],
  ['^.$', '😀', true],
  ['', '', true],
  ['^$', 'x', false],
  ['^b$', 'a\nb', false],
  ['(?m)^b$', 'a\nb', true],
])('%s in %s: %s', (pattern, text, holds) => {
  expect(found(pattern, text)).toBe(holds)
})

test('a search begins anew with each text', () => {
  const compiled = compileRegex('a')
  expect(compiled.ok && ['a', 'a', 'b', 'ba'].map((text) => compiled.foundIn(text))).toEqual([true, true, false, true])
})

describe('what RE2 does not know is refused with its place', () => {
  test.each([
    ['gpt-(5', 'missing closing ) in `gpt-(5`', 0],
    ['^a(?=b)', 'in `(?=`', 2],
    ['(a)\\1', 'in `\\1`', 3],
    ['ab[z-a]', 'in `z-a`', 3],
    ['ab**', 'in `**`', 2],
    ['a{1001}', 'in `{1001}`', 1],
    [`${'a'.repeat(60)}(`, `in \`${'a'.repeat(40)}…\``, 0],
  ])('%s', (pattern, part, at) => {
    expect(compileRegex(pattern)).toEqual({ ok: false, message: expect.stringContaining(part), at })
  })
})

describe('a search reads its text in time linear in its length', () => {
  afterEach(() => vi.restoreAllMocks())

  /** How often a character is read. */
  function readsOf(pattern: string, text: string): number {
    const compiled = compileRegex(pattern)
    if (!compiled.ok) throw new Error(compiled.message)
    const reads = vi.spyOn(String.prototype, 'charCodeAt')
    compiled.foundIn(text)
    const { length } = reads.mock.calls
    reads.mockRestore()
    return length
  }

  test.each([
    '^(a+)+$',
    '(a+)+$',
    '(a|aa)+$',
    '(a*)*b?!$',
    '([a-z]+)*[0-9]$',
    '^(([a-z])+.)+[A-Z]([a-z])+$',
    '(.*a){3}$',
  ])('%s', (pattern) => {
    const [short, long] = [300, 1200].map((length) => readsOf(pattern, `${'a'.repeat(length)}!`))
    expect(short).toBeGreaterThan(300)
    expect(long).toBeLessThan(4.2 * (short ?? 0))
  })
})

describe('patterns are bounded', () => {
  test('in length', () => {
    expect(compileRegex('a'.repeat(1000)).ok).toBe(true)
    expect(compileRegex('a'.repeat(1001))).toMatchObject({ ok: false, message: expect.stringContaining('1000') })
  })

  test.each(['a{1000}b{1000}', '(.*a){500}', '(((a?){10}){10}){10}'])('in what they come to: %s', (pattern) => {
    expect(compileRegex(pattern)).toMatchObject({ ok: false, message: expect.stringContaining('repeat less') })
  })

  test('however deep they are nested, without throwing', () => {
    for (const depth of [100, 300, 499]) compileRegex(`${'('.repeat(depth)}a${')'.repeat(depth)}`)
    expect(compileRegex('('.repeat(1000)).ok).toBe(false)
  })
})

test('nothing that is written throws, and what is refused is refused inside of it', () => {
  const parts = fc.constantFrom(
    'a',
    '(',
    ')',
    '[',
    ']',
    '{2}',
    '{',
    '*',
    '?',
    '|',
    '\\',
    '^',
    '$',
    '.',
    '-',
    '(?i)',
    '😀',
  )
  fc.assert(
    fc.property(fc.array(parts, { maxLength: 30 }), fc.string(), (pieces, text) => {
      const pattern = pieces.join('')
      const compiled = compileRegex(pattern)
      if (compiled.ok) expect(typeof compiled.foundIn(text)).toBe('boolean')
      else expect(compiled.at).toBeLessThanOrEqual(Math.max(0, pattern.length - 1))
    }),
  )
})
