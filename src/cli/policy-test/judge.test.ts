import { expect, test } from 'vitest'
import type { Expectation } from '#src/config/schema-cases.ts'
import type { Candidate, Decision } from '#src/core/decision.ts'
import { failure } from '#src/core/failure.ts'
import { makeTarget } from '../../../test/support/world.ts'
import { judgeCase, type Came } from './judge.ts'

const decided = (
  outcome: Decision['outcome'],
  candidates: readonly Candidate[],
  plan: readonly string[],
): Decision => ({
  outcome,
  model: 'chat',
  endpoint: '/v1/chat/completions',
  epoch: '0123456789ab',
  request: { input_tokens_estimate: 1, needs: [] },
  candidates,
  plan,
  inputs: { seed: 's' },
})
const out = { verdict: 'denied', rule: 'b', rules: ['b', 'c'] } as const
const plan = [makeTarget('p/known', { facts: { developer: 'kakao' } }), makeTarget('p/mystery', { facts: {} })]
const routed: Came = {
  decision: decided(
    'route',
    [
      { target: 'p/known', verdict: 'eligible', cost_usd_estimate: 0.5 },
      { target: 'p/mystery', verdict: 'eligible', cost_usd_estimate: 0.25 },
      { target: 'p/out', ...out, cost_usd_estimate: 9 },
    ],
    ['p/known', 'p/mystery'],
  ),
  plan,
}
const denied: Came = {
  decision: decided('deny', [{ target: 'p/out', ...out }], []),
  plan: [],
  failure: failure('policy_denied', 'no', { details: { rule: 'a' } }),
}
const malformed: Came = { plan: [], failure: failure('invalid_request_error', 'broken') }

test.each<[string, Expectation, Came, readonly string[]]>([
  ['outcome', { outcome: 'route' }, routed, []],
  ['outcome', { outcome: 'deny' }, routed, ['expect.outcome: route']],
  ['a malformed request is no denial', { outcome: 'deny' }, malformed, ['expect.outcome: no decision: broken']],
  ['its status may be expected', { status: 400, code: 'invalid_request_error' }, malformed, []],
  ['first', { first: 'p/mystery' }, routed, ['expect.first: p/known']],
  ['plan', { plan: ['p/known', 'p/mystery'] }, routed, []],
  ['plan in its order', { plan: ['p/mystery', 'p/known'] }, routed, ['expect.plan: p/known, p/mystery']],
  ['the whole plan', { plan: ['p/known'] }, routed, ['expect.plan: p/known, p/mystery']],
  ['the rule that the caller is told of', { rule: 'a' }, denied, []],
  ['the rule of a denied candidate', { rule: 'b' }, routed, []],
  ['rule', { rule: 'b' }, denied, ['expect.rule: a']],
  ['rules', { rules: { contains: ['b', 'c'] } }, routed, []],
  ['rules', { rules: { contains: ['b', 'd'] } }, routed, ['expect.rules.contains.1: b, c']],
  ['cost is of planned targets only', { maxCostUsd: 0.5 }, routed, []],
  ['cost of every planned target', { maxCostUsd: 0.3 }, routed, ['expect.maxCostUsd: p/known: about $0.5']],
  [
    'never: unknown counts as a match',
    { targets: { never: [{ developer: 'openai' }] } },
    routed,
    ['expect.targets.never.0: p/mystery: its developer is unknown'],
  ],
  [
    'only: unknown does not',
    { targets: { only: [{ developer: 'kakao' }] } },
    routed,
    ['expect.targets.only.0: p/mystery: its developer is unknown'],
  ],
  ['nothing planned reaches nothing', { targets: { never: [{ developer: 'openai' }] } }, denied, []],
  [
    'no candidates are nothing to judge',
    { targets: { never: [{ developer: 'openai' }] } },
    malformed,
    ['expect.targets: no candidates: broken'],
  ],
])('%s: %j', (_, wanted, came, misses) => {
  expect(judgeCase(wanted, came).map((miss) => `${miss.path.join('.')}: ${miss.came}`)).toEqual(misses)
})
