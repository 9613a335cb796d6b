import fc from 'fast-check'
import { expect, test } from 'vitest'
import { makeTarget } from '../../test/support/world.ts'
import type { Facts } from './facts.ts'
import { compileSelector } from './select.ts'
import type { SelectorInput } from './selector.ts'

const runs = Number(process.env.TUTTI_LAW_RUNS ?? 2000)
const word = fc.constantFrom('kakao', 'deepseek', 'Deep-Seek', 'qwen', 'KR')
const facts: fc.Arbitrary<Facts> = fc.record(
  {
    developer: word,
    lineage: fc.array(word, { maxLength: 2 }),
    region: word,
    operatorCountry: word,
    license: word,
    local: fc.boolean(),
    trainsOnData: fc.boolean(),
  },
  { requiredKeys: [] },
)
const pattern = fc.oneof(word, fc.constant('*'), fc.constant('deep*'))
const selector: fc.Arbitrary<SelectorInput> = fc.record(
  {
    developer: fc.oneof(pattern, fc.array(pattern, { minLength: 1, maxLength: 2 })),
    lineage: fc.oneof(pattern, fc.array(pattern, { maxLength: 2 })),
    region: pattern,
    license: pattern,
    local: fc.boolean(),
    trainsOnData: fc.boolean(),
    derived: fc.boolean(),
  },
  { requiredKeys: [] },
)

function targetWith(known: Facts) {
  const ancestors = (known.lineage ?? []).map((name) => ({ name, developer: name, family: name }))
  return makeTarget('x/y', { facts: known, ancestors })
}

test('learning a fact never turns a known answer into another one', () => {
  fc.assert(
    fc.property(selector, facts, facts, (input, known, more) => {
      const select = compileSelector(input)
      const before = select(targetWith(known)).truth
      const after = select(targetWith({ ...more, ...known })).truth
      if (before !== 'unknown') expect(after).toBe(before)
    }),
    { numRuns: runs },
  )
})

test('several fields are the conjunction of each one', () => {
  fc.assert(
    fc.property(selector, facts, (input, known) => {
      const target = targetWith(known)
      const { derived = false, ...fields } = input
      const truths = new Set(
        Object.entries(fields).map(([name, value]) => compileSelector({ [name]: value, derived })(target).truth),
      )
      const expected = truths.has(false) ? false : truths.has('unknown') ? 'unknown' : true
      expect(compileSelector(input)(target).truth).toBe(expected)
    }),
    { numRuns: runs },
  )
})

test('what is unknown is named, and nothing is where the answer is known', () => {
  fc.assert(
    fc.property(selector, facts, (input, known) => {
      const match = compileSelector(input)(targetWith(known))
      expect(match.unknown.length > 0).toBe(match.truth === 'unknown')
      for (const field of match.unknown) expect(Object.hasOwn(known, field)).toBe(false)
    }),
    { numRuns: runs },
  )
})

test('what a name suggests speaks against only, and makes nothing known', () => {
  const suspicion = { facts: { developer: 'deepseek' }, ancestry: { ancestors: [], complete: false } }
  const target = makeTarget('x/deepseek-r1', { suspicion })
  expect(compileSelector({ developer: 'deepseek' }, { against: true })(target).truth).toBe(true)
  expect(compileSelector({ developer: 'deepseek' })(target).truth).toBe('unknown')
  expect(compileSelector({ developer: 'kakao' }, { against: true })(target).truth).toBe('unknown')
})

test('a pattern with a vendor finds another vendor only against it', () => {
  const target = makeTarget('x/evil/llama-3', { facts: { model: 'evil/llama-3' } })
  expect(compileSelector({ model: 'meta/llama-3' })(target).truth).toBe(false)
  expect(compileSelector({ model: 'meta/llama-3' }, { against: true })(target).truth).toBe(true)
  expect(compileSelector({ model: 'Llama 3' })(target).truth).toBe(true)
})

test('an ancestor whose developer nobody knows leaves it unknown', () => {
  const target = makeTarget('x/y', { facts: { developer: 'a', lineage: ['b'] }, ancestors: [{ name: 'b' }] })
  const match = compileSelector({ developer: 'deepseek', derived: true })(target)
  expect(match).toEqual({ truth: 'unknown', unknown: ['lineage'] })
})

test.each(['deepseek-ai', 'DeepSeek AI', 'DeepSeekAI'])(
  'a house that is written as %s is denied by its short name',
  (name) => {
    const facts = { developer: name, operator: name, lineage: [] }
    for (const field of ['developer', 'operator']) {
      const input = { [field]: 'deepseek' }
      expect(compileSelector(input, { against: true })(makeTarget('x/y', { facts })).truth).toBe(true)
      // To let a target in, names must be the very ones.
      expect(compileSelector(input)(makeTarget('x/y', { facts })).truth).toBe(false)
    }
    const other = makeTarget('x/y', { facts: { developer: 'deepseekers-ai', operator: 'deep-sea-ai' } })
    expect(compileSelector({ developer: 'deepseek' }, { against: true })(other).truth).toBe(false)
  },
)
