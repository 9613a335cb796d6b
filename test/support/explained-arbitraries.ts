import fc from 'fast-check'
import { guardBody, judge, said } from './asked-guards.ts'
import { KINDS, type Kind } from './scripted-transport.ts'

/** Files, and requests that meet them: targets of three providers under two names. */

export const TARGETS = ['p0/m0', 'p0/m1', 'p1/m0', 'p2/m0', 'p2/gpt-4o'] as const
/** Rarely there, so that most of what is asked finds its way. */
const some = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.oneof({ weight: 2, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary })

/** What is undefined is not in the file. */
const facts = fc.record({
  developer: some(fc.constantFrom('kakao', 'deepseek', 'openai')),
  lineage: some(fc.constantFrom([], ['deepseek-r1'], ['llama-3'])),
  context: some(fc.constantFrom(20, 100_000)),
  maxOutput: some(fc.constantFrom(100, 4000)),
  capabilities: some(fc.constantFrom(['chat'], ['chat', 'completions', 'embeddings', 'tools'], ['embeddings'])),
  price: some(fc.record({ input: fc.nat(9), output: fc.nat(9), cachedInput: some(fc.nat(1)) })),
})
const provider = fc.record({
  region: some(fc.constantFrom('KR', 'US')),
  operator: some(fc.constantFrom({ name: 'acme', country: 'US' }, { name: 'naver', country: 'KR' })),
  local: some(fc.constant(true)),
})

const selector = fc.oneof(
  fc.record({ developer: fc.constantFrom('deepseek', ['kakao', 'openai'], '*'), derived: some(fc.constant(true)) }),
  fc.record({ region: fc.constantFrom('KR', ['US', 'CN']) }),
  fc.record({ provider: fc.constantFrom('p0', 'p*'), model: fc.constantFrom('m0', '*') }),
)
/** The clock of these requests begins at 1970-01-01T00:16:40Z, and moves while hosts are waited for. */
const transfer = fc.record({
  home: fc.constantFrom('KR', ['KR', 'US']),
  permit: some(
    fc.constantFrom(
      [{ country: 'US', basis: 'consent' }],
      [{ region: 'US', basis: 'contract', until: '1970-01-01T00:17:00Z' }],
      [
        { provider: 'p1', basis: 'contract', until: '1969-12-31' },
        { region: ['US', 'KR'], basis: 'adequacy' },
      ],
    ),
  ),
})
const judging = fc.record({
  rule: fc.oneof(
    {
      weight: 2,
      arbitrary: fc.tuple(fc.constantFrom('deny', 'require'), selector).map(([field, body]) => ({ [field]: body })),
    },
    { weight: 1, arbitrary: transfer.map((body) => ({ transfer: body })) },
  ),
  unknown: some(fc.constant('allow')),
})
const changing = fc.record({
  rule: fc.oneof(
    fc.constantFrom(
      { limit: { outputTokens: 20 } },
      { limit: { choices: 2 } },
      { limit: { inputTokens: 60, tools: 0 } },
    ),
    fc.constantFrom(0, 1).map((temperature) => ({ set: { temperature } })),
    selector.map((prefer) => ({ prefer })),
  ),
  unknown: fc.constant(undefined),
})
const scope = {
  when: some(fc.constantFrom('request.stream', 'size(request.needs) > 1', 'client.country == "KR"')),
  schedule: some(
    fc.constantFrom(
      { hours: '09:00-09:17', timeZone: 'Asia/Seoul' },
      { days: ['mon', 'thu'], timeZone: 'Europe/Berlin' },
      { from: '1970-01-01T00:17:00Z' },
      { until: '1970-01-01', timeZone: 'Asia/Seoul' },
    ),
  ),
  client: some(fc.constantFrom({ networks: ['10.0.0.0/8'] }, { countries: ['KR'] })),
  mode: some(fc.constant('shadow')),
  subjects: some(fc.constantFrom({ keys: ['a'] }, { tags: ['ministry'] })),
}
const policy = fc.record({
  ...scope,
  onError: fc.constant(undefined),
  what: fc.oneof({ weight: 2, arbitrary: judging }, changing),
})
const guard = fc.record({
  ...scope,
  what: fc.record({ rule: guardBody, unknown: fc.constant(undefined) }),
  // Few have hours and places, so that most speak.
  schedule: fc.constant(undefined),
  client: fc.constant(undefined),
  onError: some(fc.constant('allow')),
})

const route = fc.record({
  targets: fc
    .shuffledSubarray([...TARGETS], { minLength: 2 })
    .map((targets) => targets.map((target, index) => ({ target, weight: index + 1 }))),
  strategy: fc.constantFrom(undefined, 'priority', 'weighted', 'cheapest', 'fastest', 'balanced'),
  fallback: some(fc.boolean()),
  retry: some(fc.record({ attempts: fc.integer({ min: 1, max: 4 }) })),
  promptCache: some(fc.constantFrom({ sticky: false }, { mark: true })),
})

const key = fc.record({
  tags: some(fc.constantFrom(['ministry'], ['press'])),
  models: some(fc.constantFrom(['chat'], ['p0/*', 'other'])),
  budget: some(fc.record({ usd: fc.constantFrom(0.001, 1), per: fc.constant('total') })),
})

type Of<Arbitrary> = Arbitrary extends fc.Arbitrary<infer T> ? T : never

const configOf = (own: fc.Arbitrary<Of<typeof facts>>, each: fc.Arbitrary<Of<typeof route>>) =>
  fc.record({
    providers: fc.tuple(provider, provider, provider),
    facts: fc.tuple(own, own, own, own, own),
    routes: fc.tuple(each, each),
    policies: fc
      .tuple(fc.array(policy, { maxLength: 3 }), fc.array(guard, { maxLength: 3 }))
      .map(([others, guards]) => [...others, ...guards]),
    judge,
    keys: some(fc.tuple(key, key)),
    direct: fc.constantFrom(true, true, true, false),
  })
export const config = configOf(facts, route)

/** Long enough for caches. */
export const LONG_TEXT = 'word '.repeat(2000)

/** What is asked of it. */
export const request = fc.record({
  model: fc.oneof(
    { weight: 8, arbitrary: fc.constantFrom('chat', 'other') },
    { weight: 2, arbitrary: fc.constantFrom(...TARGETS, 'p1/unwritten', 'chut') },
  ),
  endpoint: fc.constantFrom('chat', 'chat', 'chat', 'chat', 'completions', 'embeddings'),
  key: fc.constantFrom('a', 'b'),
  stream: fc.boolean(),
  more: fc.constantFrom({}, { max_tokens: 50 }, { tools: [{ type: 'function', function: { name: 'f' } }] }, { n: 3 }),
  text: fc.constantFrom('hi', 'word '.repeat(100), LONG_TEXT),
  /** Turns that are behind it. */
  before: fc.constant<number>(0),
  kinds: fc.array(fc.constantFrom(...Object.keys(KINDS).filter((name): name is Kind => name in KINDS)), {
    maxLength: 6,
  }),
  said,
})

/** Where most of what is asked is answered, long and gone on with, by whoever has a price for what he read before. */
const price = fc.record({ input: fc.integer({ min: 2, max: 9 }), output: fc.nat(9), cachedInput: fc.nat(2) })
export const warming = configOf(
  fc.tuple(facts, price).map(([own, priced]) => ({ ...own, context: 100_000, capabilities: undefined, price: priced })),
  fc.tuple(route, fc.constantFrom('weighted', 'cheapest', 'balanced')).map(([own, strategy]) => ({ ...own, strategy })),
).map((file) => ({ ...file, policies: file.policies.slice(0, 1) }))

export type Config = Of<typeof config>
export type Asked = Of<typeof request>
