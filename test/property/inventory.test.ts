// What a host says of its models may take a target out and never lets one in, whatever it says and whatever the rules are.
import { MEANS } from '#src/config/means.ts'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ruleKinds } from '#policies/registry.ts'
import { withHosted } from '#src/config/hosted.ts'
import type { Facts } from '#src/core/facts.ts'
import { hostedModel } from '#src/core/inventory.ts'
import type { Rule } from '#src/core/policy.ts'
import type { SelectorInput } from '#src/core/selector.ts'
import type { Target } from '#src/core/target.ts'
import { catalog } from '#src/routing/catalog/catalog.ts'
import { makeTarget } from '../support/world.ts'

const NAMES = [
  'deepseek-ai/DeepSeek-V3',
  'DeepSeek R1 Distill Qwen 7B',
  'Kakaocorp/Kanana 1.5 8b',
  'meta-llama/Llama-3.1-8B',
  'r1-1776',
  'tiny',
] as const
const MAKERS = ['kakao', 'deepseek', 'alibaba', 'our-company'] as const
const some = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined })
const few = <T>(...values: T[]) => fc.subarray(values, { maxLength: 2 })

const said = fc
  .record({
    names: few(...NAMES),
    parents: few(...NAMES),
    architectures: few('llama', 'qwen2', 'deepseek2', 'gemma3', 'KananaForCausalLM'),
    license: some(fc.constantFrom('mit', 'other')),
    remote: some(fc.constantFrom({}, { host: 'ollama.com', operator: 'ollama' }, { host: '192.168.0.7' })),
  })
  .map((input) => hostedModel('m', input))

const facts: fc.Arbitrary<Facts> = fc.record(
  {
    developer: fc.constantFrom(...MAKERS),
    family: fc.constantFrom('kanana', 'deepseek', 'qwen'),
    lineage: fc.constantFrom([], ['qwen2.5'], ['deepseek-r1'], ['stranger']),
    license: fc.constantFrom('apache-2.0', 'other'),
    operator: fc.constantFrom('our-company', 'ollama'),
    operatorCountry: fc.constant('KR'),
    region: fc.constantFrom('KR', 'US'),
    local: fc.boolean(),
    trainsOnData: fc.boolean(),
  },
  { requiredKeys: [] },
)

const target = fc.tuple(facts, fc.constantFrom('m', 'deepseek-r1', 'kanana')).map(([known, model]): Target => {
  const suspicion = catalog.suspect(model)
  const made = makeTarget(`house/${model}`, { facts: { ...known, model }, ...(suspicion && { suspicion }) })
  return { ...made, ancestry: catalog.ancestry(known.lineage) }
})

const field = (name: string, ...values: (string | boolean | readonly string[])[]) =>
  fc.constantFrom(...values).map((value) => [name, value] as const)

/** Of one field or a few: with more hardly anything matches. */
const selector: fc.Arbitrary<SelectorInput> = fc
  .array(
    fc.oneof(
      field('developer', 'deepseek', 'kakao', ['meta', 'alibaba'], 'our*'),
      field('family', 'deepseek', 'kanana', 'llama'),
      field('lineage', 'deepseek*', 'qwen2.5', []),
      field('model', '*deepseek*', 'kanana', 'm', 'tiny'),
      field('license', 'other', 'apache*'),
      field('operator', 'our-company', 'ollama'),
      field('operatorCountry', 'KR', 'US'),
      field('region', 'KR', 'US'),
      field('local', true, false),
      field('trainsOnData', true, false),
      field('derived', true),
    ),
    { minLength: 1, maxLength: 3 },
  )
  .map((fields) => Object.fromEntries(fields))

const permission = fc
  .tuple(
    fc.oneof(
      field('provider', 'house', 'h*'),
      field('operator', 'our-company', 'ollama'),
      field('country', 'KR', 'US'),
      field('region', 'KR', 'US'),
      field('trainsOnData', true, false),
    ),
    some(fc.constantFrom('2026-12-31', '2027-12-31')),
  )
  .map(([[name, value], until]) => ({ [name]: value, basis: 'consent', ...(until !== undefined && { until }) }))
const transfer = fc.record({ home: fc.constantFrom('KR', 'US'), permit: fc.array(permission, { maxLength: 3 }) })

const rule = fc
  .record({
    body: fc.oneof(
      fc
        .tuple(selector, some(selector))
        .map(([deny, except]) => ['deny', { ...deny, ...(except && { except }) }] as const),
      selector.map((require) => ['require', require] as const),
      fc.array(selector, { minLength: 1, maxLength: 2 }).map((anyOf) => ['require', { anyOf }] as const),
      transfer.map((made) => ['transfer', made] as const),
    ),
    unknown: some(fc.constant('allow' as const)),
  })
  .map(({ body: [field, body], unknown }): Rule => compiled(field, body, unknown && { unknown }))

function compiled(field: string, body: object, more: object = {}): Rule {
  const kind = ruleKinds.get(field)
  if (!kind) throw new Error(`no kind of rule \`${field}\``)
  return kind.compile({ name: 'r', body, source: 'tutti.yaml:1:1', ...more }, catalog, MEANS)
}

const RUNS = { numRuns: 3000 }

test('a target that a rule takes out is out whatever its host says, and some are out only because of that', () => {
  let added = 0
  fc.assert(
    fc.property(rule, target, said, (one, bare, words) => {
      const before = one.judge(bare)
      const after = one.judge(withHosted(bare, words, catalog))
      if (before) expect(after?.since ?? 0, 'not later').toBeLessThanOrEqual(before.since ?? 0)
      if (before) expect(after).toBeDefined()
      else if (after) added++
    }),
    RUNS,
  )
  expect(added).toBeGreaterThan(RUNS.numRuns / 100)
})

test('no host puts itself before others', () => {
  fc.assert(
    fc.property(selector, target, said, (wanted, bare, words) => {
      const prefers = compiled('prefer', wanted).prefers
      if (!prefers) throw new Error('a preference prefers')
      if (prefers(withHosted(bare, words, catalog))) expect(prefers(bare)).toBeTruthy()
    }),
    RUNS,
  )
})
