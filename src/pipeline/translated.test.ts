import { expect, test } from 'vitest'
import type { Finish } from '#src/core/answer.ts'
import { advance, isEmpty, START } from './progress.ts'
import { observeAnswer } from './translated.ts'

const emptyWith = (finish: Finish): boolean =>
  isEmpty(advance(START, observeAnswer({ choices: [{ index: 0, parts: [], finish }] })))

test('an answer of nothing is none, unless something of the caller’s or a filter ended it', () => {
  expect(emptyWith({ unified: 'stop' })).toBe(true)
  expect(emptyWith({ unified: 'length' })).toBe(false)
  expect(emptyWith({ unified: 'content_filter' })).toBe(false)
  expect(emptyWith({ unified: 'stop', raw: 'stop_sequence', stopSequence: 'alpha' })).toBe(false)
})
