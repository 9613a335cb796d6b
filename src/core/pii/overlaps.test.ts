import { expect, it } from 'vitest'
import { withoutOverlaps } from './overlaps.ts'
import type { Candidate, PiiType } from './types.ts'

const at = (type: PiiType, start: number, end: number, sure = false): Candidate => ({ type, start, end, sure })
const kept = (...candidates: readonly Candidate[]): readonly string[] =>
  withoutOverlaps(candidates).map(({ type, start, end }) => `${type} ${start}-${end}`)

it('keeps what does not overlap, in its order', () => {
  expect(kept(at('phone', 10, 20), at('email', 0, 10))).toEqual(['email 0-10', 'phone 10-20'])
})

it('makes one place of two, which covers both and has the type of the longer', () => {
  expect(kept(at('phone', 0, 10), at('card', 5, 20))).toEqual(['card 0-20'])
  expect(kept(at('card', 0, 15), at('phone', 10, 20))).toEqual(['card 0-20'])
  expect(kept(at('email', 0, 30), at('phone', 5, 15))).toEqual(['email 0-30'])
  expect(kept(at('phone', 0, 10), at('card', 8, 30), at('ip', 29, 33))).toEqual(['card 0-33'])
})

it('of one length takes the surer, then the more specific', () => {
  expect(kept(at('card', 0, 10), at('phone', 0, 10, true))).toEqual(['phone 0-10'])
  expect(kept(at('phone', 0, 10), at('card', 0, 10))).toEqual(['card 0-10'])
  expect(kept(at('kr_rrn', 0, 10, true), at('kr_bank_account', 0, 10, true))).toEqual(['kr_rrn 0-10'])
})
