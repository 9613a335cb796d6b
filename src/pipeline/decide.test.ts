import { describe, expect, test } from 'vitest'
import type { Facts } from '#src/core/facts.ts'
import type { JsonObject } from '#src/core/json.ts'
import { usd } from '#src/core/money.ts'
import type { Rule } from '#src/core/policy.ts'
import type { Price } from '#src/core/price.ts'
import { dialects } from '#src/dialects/registry.ts'
import { createEstimates } from '#src/routing/estimates.ts'
import { makeKey, makeRequest, makeRoute, makeRule, makeSnapshot, makeTarget } from '../../test/support/world.ts'
import { decide } from './decide.ts'
import type { DecisionInputs, Subject } from './subject.ts'

const price = (input: number, output: number): Price => ({ input: usd(input), output: usd(output), source: 'test' })
const spendOf = (amount: bigint) => new Map([['key/team-a', { spent: amount, held: 0n }]])
const budget = { limit: usd(1), per: 'month' } as const

function subject(body: JsonObject, more: Partial<Subject> = {}): Subject {
  const request = makeRequest({ model: 'chat', messages: [{ role: 'user', content: 'hello' }], ...body })
  return { request, signals: dialects[request.endpoint].sense(request), seed: 'r1', ...more }
}

function inputs(more: Partial<DecisionInputs> = {}): DecisionInputs {
  return { estimates: createEstimates(), now: 0, ...more }
}

function world(facts: Readonly<Record<string, Facts>>, more: Parameters<typeof makeRoute>[2] = {}) {
  const targets = Object.entries(facts).map(([id, known]) => makeTarget(id, { facts: known }))
  return makeSnapshot({ routeList: [makeRoute('chat', targets, more)] })
}

test('a decision has the shape that is published', () => {
  const snapshot = {
    ...world({
      'seoul/k': { developer: 'kakao', lineage: [], operatorCountry: 'KR', region: 'KR', price: price(0, 0) },
      'openai/g': { region: 'US' },
    }),
    rules: [makeRule('b', ['openai/g']), makeRule('a', ['openai/g'])],
  }
  const { decision, plan } = decide(
    snapshot,
    subject({ max_tokens: 256, tools: [{ type: 'function' }] }, { key: makeKey('team-a') }),
    inputs(),
  )
  expect(decision).toEqual({
    outcome: 'route',
    model: 'chat',
    endpoint: '/v1/chat/completions',
    epoch: '0123456789ab',
    key: 'team-a',
    request: { input_tokens_estimate: expect.any(Number), output_tokens_limit: 256, needs: ['tools'] },
    candidates: [
      {
        target: 'seoul/k',
        developer: 'kakao',
        lineage: [],
        operator_country: 'KR',
        region: 'KR',
        verdict: 'eligible',
        rank: 1,
        cost_usd_estimate: 0,
        reasons: ['first as written'],
      },
      {
        target: 'openai/g',
        region: 'US',
        verdict: 'denied',
        cost_usd_estimate: null,
        rule: 'a',
        rules: ['a', 'b'],
        code: 'denied',
        reason: 'a denies',
        reasons: ['a denies', 'b denies'],
        source: 'tutti.yaml:40:5',
      },
    ],
    plan: ['seoul/k'],
    inputs: {
      seed: 'r1',
      now: 0,
      signals: {
        input_tokens: 9,
        input_tokens_worst: 93,
        output_limit: 256,
        tools: 1,
        needs: [
          { capability: 'chat', param: 'model' },
          { capability: 'tools', param: 'tools' },
        ],
      },
      candidates: [{ target: 'seoul/k', price: { input: '0', output: '0', source: 'test' } }],
    },
  })
  expect(plan.map(({ id }) => id)).toEqual(['seoul/k'])
})

test('a name that does not exist is denied with 404 and no candidates', () => {
  const { decision, failure, attempts } = decide(world({ 'a/x': {} }), subject({ model: 'nothing' }), inputs())
  expect(decision).toMatchObject({ outcome: 'deny', candidates: [], plan: [] })
  expect(failure).toMatchObject({ status: 404, code: 'model_not_found' })
  expect(attempts).toBe(2)
})

test('fallback false leaves the first of the plan', () => {
  const { plan, decision } = decide(world({ 'a/x': {}, 'b/y': {} }, { fallback: false }), subject({}), inputs())
  expect(plan).toHaveLength(1)
  expect(decision.plan).toEqual(['a/x'])
})

describe('capabilities', () => {
  const tools = { tools: [{ type: 'function' }] }

  test('a list without what is needed is incapable, and the field that needs it is named', () => {
    const { failure, decision } = decide(world({ 'a/x': { capabilities: ['chat'] } }), subject(tools), inputs())
    expect(failure).toMatchObject({ status: 400, code: 'no_capable_target', param: 'tools' })
    expect(decision.candidates[0]).toMatchObject({ verdict: 'incapable', code: 'tools_missing', param: 'tools' })
  })

  test('no list counts as all, after those that declare', () => {
    const snapshot = world({ 'a/silent': {}, 'b/declares': { capabilities: ['chat', 'tools'] } })
    expect(decide(snapshot, subject(tools), inputs()).decision.plan).toEqual(['b/declares', 'a/silent'])
    expect(decide(snapshot, subject({}), inputs()).decision.plan).toEqual(['a/silent', 'b/declares'])
  })

  test('an endpoint that the provider lacks', () => {
    const target = makeTarget('a/x', { adapter: { endpoints: ['chat'] } })
    const request = makeRequest({ model: 'chat', input: 'a' }, 'embeddings')
    const { failure } = decide(
      makeSnapshot({ routeList: [makeRoute('chat', [target])] }),
      { request, signals: dialects[request.endpoint].sense(request), seed: 's' },
      inputs(),
    )
    expect(failure).toMatchObject({ status: 400, param: 'model' })
  })

  test('input and limit over the context are incapable, at its size they are not', () => {
    const content = 'a'.repeat(4 * 96)
    const messages = [{ role: 'user', content }]
    const verdict = (limit: number) =>
      decide(world({ 'a/x': { context: 200 } }), subject({ messages, max_tokens: limit }), inputs())
    expect(verdict(100).plan).toHaveLength(1)
    expect(verdict(101).failure).toMatchObject({
      status: 400,
      param: 'messages',
      message: expect.stringContaining('100 tokens in and 101 out'),
    })
  })
})

describe('budgets', () => {
  const key = makeKey('team-a', { budget })

  test('an unknown price is refused under a budget only', () => {
    const { decision, failure } = decide(world({ 'a/x': {} }), subject({}, { key }), inputs())
    expect(decision.candidates[0]).toMatchObject({
      verdict: 'over_budget',
      code: 'price_unknown',
      cost_usd_estimate: null,
    })
    expect(failure).toMatchObject({
      status: 429,
      code: 'budget_exceeded',
      type: 'insufficient_quota',
      shouldRetry: false,
    })
    expect(decide(world({ 'a/x': {} }), subject({}), inputs()).plan).toHaveLength(1)
  })

  test('an output that nothing limits is refused, with how to mend it', () => {
    const facts = { 'a/x': { price: price(1, 1) } }
    const { decision } = decide(world(facts), subject({}, { key }), inputs())
    expect(decision.candidates[0]).toMatchObject({
      code: 'output_unlimited',
      reason: expect.stringContaining('maxOutput'),
    })
    expect(decide(world(facts), subject({ max_tokens: 5 }, { key }), inputs()).plan).toHaveLength(1)
  })

  test('the worst case must fit what is left, to the nano', () => {
    const snapshot = world({ 'a/x': { price: price(1, 1) } })
    const asked = subject({ max_tokens: 31 }, { key })
    const worst = 100_000n
    const at = (left: bigint) => decide(snapshot, asked, inputs({ spends: spendOf(usd(1) - left) })).plan.length
    expect(asked.signals.inputTokensWorst).toBe(69)
    expect([at(worst), at(worst - 1n)]).toEqual([1, 0])
  })

  test.each([
    ['some is left', 1n, 'chat', 'is left of the budget of key `team-a`: a lower `max_tokens` may fit'],
    ['nothing is left', 0n, 'chat', ' and 0 USD is left of the budget of key `team-a`'],
    ['no field limits the output', 1n, 'embeddings', 'is left of the budget of key `team-a`'],
  ] as const)('where %s, the caller is told so', (_what, left, endpoint, end) => {
    const request = makeRequest({ model: 'chat', input: 'hello', messages: [], max_tokens: 31 }, endpoint)
    const asked = subject({ max_tokens: 31 }, { key, request })
    const spends = spendOf(usd(1) - left)
    const { failure } = decide(world({ 'a/x': { price: price(1, 1) } }), asked, inputs({ spends }))
    expect(failure?.message.slice(-end.length)).toBe(end)
  })

  test('nothing is admitted over a budget that is overdrawn, not even what is free', () => {
    const snapshot = world({ 'a/x': { price: price(0, 0) } })
    const spent = (amount: bigint) =>
      decide(snapshot, subject({}, { key }), inputs({ spends: spendOf(amount) })).plan.length
    expect([spent(usd(1)), spent(usd(1) + 1n)]).toEqual([1, 0])
  })
})

describe('the verdict nearest to success gives the status', () => {
  const key = makeKey('team-a', { budget })
  const estimates = createEstimates()
  estimates.failed('ill/x', { now: 0, retryAfterMs: 30_000 })
  const facts: Readonly<Record<string, Facts>> = {
    'bad/x': {},
    'weak/x': { capabilities: ['embeddings'] },
    'poor/x': {},
    'ill/x': { price: price(0, 0) },
  }
  const rules = [makeRule('z', ['bad/x']), makeRule('a', ['bad/x'])]

  test.each([
    [['bad/x', 'weak/x', 'poor/x', 'ill/x'], 503, 'no_healthy_target'],
    [['bad/x', 'weak/x', 'poor/x'], 429, 'budget_exceeded'],
    [['bad/x', 'weak/x'], 400, 'no_capable_target'],
    [['bad/x'], 403, 'policy_denied'],
  ])('%j: %i', (ids, status, code) => {
    const some = Object.fromEntries(ids.map((id) => [id, facts[id] ?? {}]))
    const { failure, decision } = decide({ ...world(some), rules }, subject({}, { key }), inputs({ estimates }))
    expect(failure).toMatchObject({ status, code })
    expect(decision).toMatchObject({ outcome: 'deny', plan: [] })
  })

  test('503 says when to come again', () => {
    const { failure } = decide(world({ 'ill/x': {} }), subject({}), inputs({ estimates, now: 10_000 }))
    expect(failure?.retryAfterMs).toBe(20_000)
  })

  test('403 names every rule, sorted, and the first one', () => {
    const { failure } = decide({ ...world({ 'bad/x': {} }), rules }, subject({}), inputs())
    expect(failure).toMatchObject({
      type: 'permission_error',
      details: { rule: 'a', rules: ['a', 'z'], reason: 'a denies' },
    })
  })

  test('of rules that stop some and one that stops all the latter is the one that is told', () => {
    const some = { ...world({ 'bad/x': {}, 'bad/y': {} }), rules: [...rules, makeRule('y', ['bad/y', 'bad/x'])] }
    const { failure } = decide(some, subject({}), inputs())
    expect(failure?.details).toMatchObject({ rule: 'y', rules: ['a', 'y', 'z'], reason: 'y denies' })
  })

  test('deny wins: a denied target that is also ill stays denied', () => {
    const snapshot = { ...world({ 'ill/x': {} }), rules: [makeRule('a', ['ill/x'])] }
    expect(decide(snapshot, subject({}), inputs({ estimates })).failure?.status).toBe(403)
  })
})

describe('cheapest is about this request', () => {
  const facts = { 'a/long': { price: price(1, 10) }, 'b/short': { price: price(3, 3) } }
  const first = (body: JsonObject, more: Partial<DecisionInputs> = {}) =>
    decide(world(facts, { strategy: 'cheapest' }), subject(body), inputs(more)).decision.plan[0]

  test('its input, its limit, and the mean of the name', () => {
    const long = [{ role: 'user', content: 'a'.repeat(40_000) }]
    expect(first({})).toBe('b/short')
    expect(first({ messages: long, max_tokens: 5 })).toBe('a/long')
    expect(first({ messages: long, max_tokens: 9000 })).toBe('a/long')
    const estimates = createEstimates()
    estimates.wrote('chat', 5000)
    expect(first({ messages: long }, { estimates })).toBe('b/short')
    expect(first({ messages: long, max_tokens: 5 }, { estimates })).toBe('a/long')
  })

  test('400 tokens are expected until the mean is known', () => {
    const { decision } = decide(world({ 'a/x': { price: price(0, 1) } }), subject({}), inputs())
    expect(decision.candidates[0]?.cost_usd_estimate).toBe(0.0004)
  })

  test('where it is processed counts', () => {
    const abroad: Price = { ...price(0, 1), multipliers: { region: { kr: 3_000_000_000n } } }
    const { decision } = decide(world({ 'a/x': { price: abroad, region: 'KR' } }), subject({}), inputs())
    expect(decision.candidates[0]?.cost_usd_estimate).toBe(0.0012)
  })

  test('price tiers count', () => {
    const tiered: Price = { ...price(1, 1), tiers: [{ above: 1000, input: usd(100), output: usd(100) }] }
    const snapshot = world(
      { 'a/tiered': { price: tiered }, 'b/flat': { price: price(2, 2) } },
      { strategy: 'cheapest' },
    )
    const plan = (letters: number) =>
      decide(snapshot, subject({ messages: [{ role: 'user', content: 'a'.repeat(letters) }] }), inputs()).decision
        .plan[0]
    expect([plan(4), plan(40_000)]).toEqual(['a/tiered', 'b/flat'])
  })
})

describe('prefer', () => {
  const prefers = (name: string, ids: readonly string[], more: Partial<Rule> = {}): Rule => ({
    ...makeRule(name, []),
    prefers: ({ id }) => ids.includes(id),
    ...more,
  })
  const priced = {
    'a/cheap': { price: price(1, 1) },
    'b/mid': { price: price(2, 2) },
    'c/dear': { price: price(3, 3) },
  }
  const planOf = (rules: readonly Rule[], body: JsonObject = {}) =>
    decide({ ...world(priced, { strategy: 'cheapest' }), rules }, subject(body), inputs())

  test('more matches go first, then the strategy, whatever the order of the rules', () => {
    const rules = [prefers('x', ['c/dear', 'b/mid']), prefers('y', ['c/dear'])]
    for (const list of [rules, rules.toReversed()]) {
      const { decision } = planOf(list)
      expect(decision.plan).toEqual(['c/dear', 'b/mid', 'a/cheap'])
      expect(decision.candidates[2]?.reasons).toEqual(['preferred by x and y, cheapest'])
    }
    expect(planOf([prefers('x', ['c/dear', 'b/mid'])]).decision.plan).toEqual(['b/mid', 'c/dear', 'a/cheap'])
  })

  test('what is preferred goes before what declares, which parts only those that are preferred alike', () => {
    const snapshot = world({ 'a/declares': { capabilities: ['chat', 'tools'] }, 'b/silent': {}, 'c/silent': {} })
    const rules = [prefers('x', ['c/silent'])]
    const { decision } = decide({ ...snapshot, rules }, subject({ tools: [{ type: 'function' }] }), inputs())
    expect(decision.plan).toEqual(['c/silent', 'a/declares', 'b/silent'])
  })

  test('one that is denied stays denied, and in shadow it orders nothing and is shown', () => {
    const preferring = prefers('x', ['c/dear'])
    expect(planOf([preferring, makeRule('no', ['c/dear'])]).decision.plan).toEqual(['a/cheap', 'b/mid'])
    const { decision } = planOf([{ ...preferring, mode: 'shadow' }])
    expect(decision.plan).toEqual(['a/cheap', 'b/mid', 'c/dear'])
    expect(decision.candidates[2]?.shadow).toMatchObject([{ rule: 'x', code: 'preferred' }])
  })

  test('a condition that cannot be evaluated refuses the request, unless it is allowed to', () => {
    const fails = () => {
      throw new Error('no')
    }
    const rule = prefers('x', ['c/dear'], { when: fails })
    expect(planOf([rule]).failure).toMatchObject({ status: 403, code: 'policy_error', details: { rule: 'x' } })
    const both = planOf([makeRule('z', ['c/dear']), rule, makeRule('a', ['c/dear'])]).decision.candidates[2]
    expect(both?.rules).toEqual(['a', 'x', 'z'])
    expect(planOf([{ ...rule, onError: 'allow' }]).decision.plan).toEqual(['a/cheap', 'b/mid', 'c/dear'])
    expect(planOf([{ ...rule, mode: 'shadow' }]).failure).toBeUndefined()
    expect(planOf([{ ...rule, when: ({ request }) => request.stream }]).decision.plan[0]).toBe('a/cheap')
  })
})
