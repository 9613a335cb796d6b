// The same before everybody who follows OpenAI's chat completions.
import { expect, test } from 'vitest'
import { adapters } from '#providers/registry.ts'
import { prove } from './suite.ts'
import { BY_RESPONSES } from './by-responses.ts'
import { FOLLOWERS, TARGETS } from './targets.ts'

prove(FOLLOWERS)

test('no adapter is left out', () => {
  const met = new Set([...TARGETS, ...FOLLOWERS].map(({ type }) => type))
  // The demo is the scripted upstream itself.
  expect([...adapters.keys()].filter((type) => !met.has(type))).toEqual(['demo'])
  expect([...met].filter((type) => !adapters.has(type))).toEqual([BY_RESPONSES])
})
