import fc from 'fast-check'
import { expect, it } from 'vitest'
import { bracketsIn, end, longestOf, push, restoreText, start } from './restore-stream.ts'

const ORIGINALS = new Map([
  ['[KR_RRN_1]', '900101-1234567'],
  ['[PHONE_1]', '010-1234-5678'],
  ['[PHONE_12]', '[PHONE_1]'],
])
const LONGEST = longestOf(ORIGINALS)

/** What comes out of the chunks, and the most that was ever held back. */
function streamed(chunks: readonly string[]): { readonly out: string; readonly held: number } {
  let [state, all, held] = [start(ORIGINALS), '', 0]
  for (const chunk of chunks) {
    const next = push(state, chunk)
    state = next.state
    all += next.out
    held = Math.max(held, state.held.length)
  }
  return { out: all + end(state), held }
}

const piece = fc.oneof(
  fc.constantFrom(
    ...ORIGINALS.keys(),
    '[',
    ']',
    '[PHONE_',
    '[PHONE_1',
    '1]',
    '[KR',
    '[[',
    '[phone_1]',
    '한국어',
    '😀',
    ' ',
    '[X]',
    '[PHONE_123]',
  ),
  fc.string({ maxLength: 5 }),
)
const anyText = fc.array(piece, { maxLength: 20 }).map((pieces) => pieces.join(''))

it('gives the same however a text is cut', () => {
  fc.assert(
    fc.property(anyText, fc.array(fc.nat(), { maxLength: 12 }), (text, at) => {
      const cuts = [0, ...at.map((place) => place % (text.length + 1)).sort((one, other) => one - other), text.length]
      const chunks = cuts.slice(1).map((cut, index) => text.slice(cuts[index], cut))
      const { out, held } = streamed(chunks)
      expect(out).toBe(restoreText(text, ORIGINALS, LONGEST))
      expect(held).toBeLessThan(LONGEST)
    }),
    { numRuns: 2000 },
  )
})

it('gives the same unit by unit, and at every one cut', () => {
  const text = 'a [PHONE_1][KR_RRN_1] [[PHONE_12]] [PHONE_1 [KR_RRN_1'
  const whole = 'a 010-1234-5678900101-1234567 [[PHONE_1]] [PHONE_1 [KR_RRN_1'
  expect(streamed(text.split('')).out).toBe(whole)
  for (let cut = 0; cut <= text.length; cut++) expect(streamed([text.slice(0, cut), text.slice(cut)]).out).toBe(whole)
})

it('holds nothing back but what may become a placeholder', () => {
  const held = (chunk: string): string => push(start(ORIGINALS), chunk).state.held
  expect(held('text [PHO')).toBe('[PHO')
  for (const chunk of ['text', '[pho', '[PHONE_1]', '[PHONE-', '[ABCDEFGHIJKLMNOP', 'a[b[C d'])
    expect(held(chunk)).toBe('')
  expect(push(start(new Map()), 'a [').state.held).toBe('')
})

it('a state is a value: it may be gone on from twice', () => {
  const { state } = push(start(ORIGINALS), 'x [PHONE_1')
  expect(push(state, ']').out).toBe('010-1234-5678')
  expect(push(state, '2]').out).toBe('[PHONE_1]')
})

it('what has the form of a placeholder is found, whatever stands around it', () => {
  expect([...bracketsIn('a [KR_RRN_1] [[X_2]] [no] [A b] [C_3')]).toEqual(['[KR_RRN_1]', '[X_2]'])
})
