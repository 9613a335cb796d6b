import { expect, test } from 'vitest'
import type { Rule } from '#src/core/policy.ts'
import { makeKey, makeRule, makeSnapshot, makeTarget } from '../../test/support/world.ts'
import { judge, judgeAlways } from './judge.ts'
import { createOccasion } from './occasion.ts'

const target = makeTarget('seoul/x')

test('every rule that applies and objects is there, sorted, whatever the order of the rules', () => {
  const rules = [makeRule('b', ['seoul/x']), makeRule('c', ['other/x']), makeRule('a', ['seoul/x'])]
  const named = (list: readonly Rule[]) =>
    judgeAlways(makeSnapshot({ rules: list }), undefined, target).objections.map(({ rule }) => rule)
  expect(named(rules)).toEqual(['a', 'b'])
  expect(named(rules.toReversed())).toEqual(['a', 'b'])
})

test('rules speak about the callers they apply to', () => {
  const snapshot = makeSnapshot({ rules: [makeRule('a', ['seoul/x'], (key) => key?.tenant === 'ministry')] })
  expect(judgeAlways(snapshot, makeKey('k1', { tenant: 'ministry' }), target).objections).toHaveLength(1)
  expect(judgeAlways(snapshot, makeKey('k2'), target).objections).toHaveLength(0)
  expect(judgeAlways(snapshot, undefined, target).objections).toHaveLength(0)
  // The same id may be another caller after a reload.
  expect(judgeAlways(snapshot, makeKey('k1'), target).objections).toHaveLength(0)
})

test('each rule sees each target once per configuration, whoever asks and however often', () => {
  let asked = 0
  const count: Rule = { ...makeRule('a', []), judge: () => void asked++ }
  const snapshot = makeSnapshot({ rules: Array.from({ length: 100 }, () => count) })
  for (let index = 0; index < 50; index++) judgeAlways(snapshot, makeKey(`k${index}`), target)
  for (let index = 0; index < 50; index++) judgeAlways(snapshot, undefined, target)
  expect(asked).toBe(100)
  judgeAlways(makeSnapshot({ rules: [count] }), undefined, target)
  expect(asked).toBe(101)
})

test('a rule that breaks denies', () => {
  const broken: Rule = {
    ...makeRule('broken', []),
    judge() {
      throw new Error('no')
    },
  }
  expect(judgeAlways(makeSnapshot({ rules: [broken] }), undefined, target).objections).toMatchObject([
    { rule: 'broken', code: 'rule_failed' },
  ])
  const lost: Rule = {
    ...makeRule('lost', ['seoul/x']),
    appliesTo() {
      throw new Error('no')
    },
  }
  expect(judgeAlways(makeSnapshot({ rules: [lost] }), undefined, target).objections).toHaveLength(1)
})

const circumstances = {
  request: { model: 'm', endpoint: '/', stream: false, input_tokens: 1, choices: 1, needs: [], tags: [], metadata: {} },
  key: { id: '', tenant: '', tags: [] },
  client: {},
  now: 0,
}
const occasion = () => createOccasion(() => circumstances)
const fails = () => {
  throw new Error('no')
}

test('a rule with a condition counts where it holds, and is in no verdict that asks about no request', () => {
  const held: Rule = { ...makeRule('held', ['seoul/x']), when: ({ request }) => request.model === 'm' }
  const not: Rule = { ...makeRule('not', ['seoul/x']), when: ({ request }) => request.stream }
  const snapshot = makeSnapshot({ rules: [not, held, makeRule('always', ['seoul/x'])] })
  const named = judge(snapshot, { occasion: occasion() }, target).objections.map(({ rule }) => rule)
  expect(named).toEqual(['always', 'held'])
  expect(judgeAlways(snapshot, undefined, target).objections).toMatchObject([{ rule: 'always' }])
})

test('a condition is asked once a request, and never where its rule has nothing to say', () => {
  let asked = 0
  const when = () => ++asked > 0
  const targets = ['seoul/x', 'seoul/y', 'seoul/z'].map((id) => makeTarget(id))
  const snapshot = makeSnapshot({ rules: [{ ...makeRule('a', ['seoul/x', 'seoul/y']), when }] })
  const one = occasion()
  for (const each of targets) judge(snapshot, { occasion: one }, each)
  expect(asked).toBe(1)
  judge(snapshot, { occasion: occasion() }, makeTarget('seoul/z'))
  expect(asked).toBe(1)
})

test('a condition that fails counts and says so; with `onError: allow` the rule is left out', () => {
  const rule: Rule = { ...makeRule('a', ['seoul/x']), when: fails }
  const said = (one: Rule) => judge(makeSnapshot({ rules: [one] }), { occasion: occasion() }, target).objections
  expect(said(rule)).toMatchObject([{ rule: 'a', evidence: [expect.stringContaining('could not be evaluated')] }])
  expect(said({ ...rule, onError: 'allow' })).toEqual([])
  expect(said({ ...makeRule('b', []), judge: fails })).toMatchObject([{ code: 'rule_failed' }])
  expect(said({ ...makeRule('b', []), judge: fails, onError: 'allow' })).toEqual([])
})

test('a rule in shadow takes nothing out and is shown, under its condition too', () => {
  const shadow: Rule = { ...makeRule('a', ['seoul/x']), mode: 'shadow' }
  const snapshot = makeSnapshot({
    rules: [shadow, { ...shadow, name: 'b', when: ({ request }) => request.stream }, { ...shadow, when: () => true }],
  })
  const ruling = judge(snapshot, { occasion: occasion() }, target)
  expect(ruling.objections).toEqual([])
  expect(ruling.shadow).toHaveLength(2)
  expect(judgeAlways(snapshot, undefined, target).shadow).toHaveLength(1)
})
