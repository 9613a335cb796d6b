import { expect, test } from 'vitest'
import type { Rule } from '#src/core/policy.ts'
import { makeKey, makeRule, makeSnapshot, makeTarget } from '../../test/support/world.ts'
import { judge } from './judge.ts'

const target = makeTarget('seoul/x')

test('every rule that applies and objects is there, sorted, whatever the order of the rules', () => {
  const rules = [makeRule('b', ['seoul/x']), makeRule('c', ['other/x']), makeRule('a', ['seoul/x'])]
  const named = (list: readonly Rule[]) =>
    judge(makeSnapshot({ rules: list }), undefined, target).map(({ rule }) => rule)
  expect(named(rules)).toEqual(['a', 'b'])
  expect(named(rules.toReversed())).toEqual(['a', 'b'])
})

test('rules speak about the callers they apply to', () => {
  const snapshot = makeSnapshot({ rules: [makeRule('a', ['seoul/x'], (key) => key?.tenant === 'ministry')] })
  expect(judge(snapshot, makeKey('k1', { tenant: 'ministry' }), target)).toHaveLength(1)
  expect(judge(snapshot, makeKey('k2'), target)).toHaveLength(0)
  expect(judge(snapshot, undefined, target)).toHaveLength(0)
  // The same id may be another caller after a reload.
  expect(judge(snapshot, makeKey('k1'), target)).toHaveLength(0)
})

test('each rule sees each target once per configuration, whoever asks and however often', () => {
  let asked = 0
  const count: Rule = { ...makeRule('a', []), judge: () => void asked++ }
  const snapshot = makeSnapshot({ rules: Array.from({ length: 100 }, () => count) })
  for (let index = 0; index < 50; index++) judge(snapshot, makeKey(`k${index}`), target)
  for (let index = 0; index < 50; index++) judge(snapshot, undefined, target)
  expect(asked).toBe(100)
  judge(makeSnapshot({ rules: [count] }), undefined, target)
  expect(asked).toBe(101)
})

test('a rule that breaks denies', () => {
  const broken: Rule = {
    ...makeRule('broken', []),
    judge() {
      throw new Error('no')
    },
  }
  expect(judge(makeSnapshot({ rules: [broken] }), undefined, target)).toMatchObject([
    { rule: 'broken', code: 'rule_failed' },
  ])
  const lost: Rule = {
    ...makeRule('lost', ['seoul/x']),
    appliesTo() {
      throw new Error('no')
    },
  }
  expect(judge(makeSnapshot({ rules: [lost] }), undefined, target)).toHaveLength(1)
})
