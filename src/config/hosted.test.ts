import { MEANS } from './means.ts'
import { expect, test } from 'vitest'
import { ruleKinds } from '#policies/registry.ts'
import type { Facts } from '#src/core/facts.ts'
import { hostedModel } from '#src/core/inventory.ts'
import type { Target } from '#src/core/target.ts'
import { catalog } from '#src/routing/catalog/catalog.ts'
import { makeTarget } from '../../test/support/world.ts'
import { withHosted } from './hosted.ts'

type Said = Parameters<typeof hostedModel>[1]

const KAKAO: Facts = { developer: 'kakao', lineage: [], family: 'kanana', model: 'm' }
const HOUSE: Facts = { operator: 'our-company', operatorCountry: 'KR', region: 'KR', local: true }

function told(facts: Facts, said: Said): Target {
  const bare = { ...makeTarget('house/m', { facts }), ancestry: catalog.ancestry(facts.lineage) }
  return withHosted(bare, hostedModel('m', said), catalog)
}

function objection(kind: 'deny' | 'require', body: object, target: Target) {
  const rule = ruleKinds.get(kind)?.compile({ name: 'r', body, source: 'tutti.yaml:9:1' }, catalog, MEANS)
  if (!rule) throw new Error(`no kind of rule \`${kind}\``)
  return rule.judge(target)
}

const denied = (body: object, target: Target): boolean => objection('deny', body, target) !== undefined
const passes = (body: object, target: Target): boolean => objection('require', body, target) === undefined

test.each<[string, Said, { own: boolean; derived: boolean; stands: boolean }]>([
  ['its name', { names: ['deepseek-ai/DeepSeek-V3'] }, { own: true, derived: true, stands: false }],
  ['what it was made from', { parents: ['deepseek-ai/DeepSeek-V3'] }, { own: false, derived: true, stands: true }],
  ['its shape', { architectures: ['deepseek2'] }, { own: true, derived: true, stands: true }],
  ['the class of its shape', { architectures: ['DeepseekV3ForCausalLM'] }, { own: true, derived: true, stands: true }],
  ['a shape that everybody uses', { architectures: ['llama'] }, { own: false, derived: false, stands: true }],
  ['its own name', { names: ['kakaocorp/kanana-1.5-8b'] }, { own: false, derived: false, stands: true }],
  ['a name that nobody knows', { names: ['tiny'] }, { own: false, derived: false, stands: true }],
  ['its license', { license: 'mit' }, { own: false, derived: false, stands: true }],
])('against a declaration, %s', (_, said, { own, derived, stands }) => {
  const target = told(KAKAO, said)
  expect(denied({ developer: 'deepseek' }, target)).toBe(own)
  expect(denied({ developer: 'deepseek', derived: true }, target)).toBe(derived)
  expect(passes({ developer: 'kakao' }, target)).toBe(stands)
  expect(target.hosted?.contradictions.length ?? 0).toBe(own || derived ? 1 : 0)
})

test('a shape that everybody uses says nothing of Meta, another says who it is known for', () => {
  expect(denied({ developer: 'meta' }, told(KAKAO, { architectures: ['llama', 'LlamaForCausalLM'] }))).toBe(false)
  expect(denied({ developer: 'google' }, told(KAKAO, { architectures: ['gemma3'] }))).toBe(true)
})

test('a lineage that the host knows more of is not relied on', () => {
  const target = told(KAKAO, { parents: ['Meta Llama/Llama 3.1 8B'] })
  expect(passes({ lineage: [] }, target)).toBe(false)
  expect(passes({ lineage: [] }, told(KAKAO, { parents: ['kakaocorp/kanana-1.5-8b-base'] }))).toBe(true)
  expect(denied({ lineage: 'llama*' }, told({ ...KAKAO, lineage: ['qwen2.5'] }, { parents: ['llama-3.1'] }))).toBe(true)
})

test('what the file declares of the lineage is no contradiction', () => {
  const skt = { developer: 'skt', lineage: ['qwen2.5'] }
  const target = told(skt, { names: ['skt/A.X-4.0'], parents: ['Qwen/Qwen2.5-72B'], architectures: ['qwen2'] })
  expect([target.hosted?.contradictions, target.hosted?.doubted.size]).toEqual([[], 0])
})

test('a name and a license are found by rules about them', () => {
  const target = told({ ...KAKAO, license: 'apache-2.0' }, { names: ['/x/DeepSeek-V3'], license: 'Other' })
  expect(denied({ model: 'deepseek-v3' }, target)).toBe(true)
  expect(denied({ license: 'other' }, target)).toBe(true)
  expect(denied({ license: 'mit' }, target)).toBe(false)
})

test('nothing that a host says makes a fact known', () => {
  const target = told({ model: 'm' }, { names: ['kakaocorp/kanana-1.5-8b'], license: 'apache-2.0' })
  expect(passes({ developer: 'kakao' }, target)).toBe(false)
  expect(passes({ license: 'apache-2.0' }, target)).toBe(false)
  expect(target.facts).toEqual({ model: 'm' })
})

test('a model that is sent on keeps nothing of where its host is', () => {
  const target = told({ ...KAKAO, ...HOUSE }, { remote: { host: 'ollama.com', operator: 'ollama' } })
  for (const body of [{ local: true }, { region: 'KR' }, { operator: 'our-company' }, { operatorCountry: 'KR' }])
    expect([body, passes(body, target)]).toEqual([body, false])
  for (const body of [{ local: false }, { operator: 'ollama' }, { region: 'US' }, { operatorCountry: 'US' }])
    expect([body, denied(body, target)]).toEqual([body, true])
  expect(passes({ developer: 'kakao' }, target)).toBe(true)
})

test('one that was known to run elsewhere stays what it was', () => {
  const known = { operator: 'ollama', local: false, model: 'm' }
  const target = told(known, { remote: { host: 'ollama.com', operator: 'ollama' } })
  expect(target.hosted?.doubted.size).toBe(0)
  expect(passes({ operator: 'ollama' }, target)).toBe(true)
})

test('a denial says what the host says, and how to mend it', () => {
  const target = told({ ...KAKAO, ...HOUSE }, { names: ['DeepSeek-V3'], remote: { host: 'ollama.com' } })
  expect(objection('deny', { developer: 'deepseek' }, target)?.reason).toBe(
    'rule `r` denies `house/m`: its host says that it is `DeepSeek-V3`',
  )
  expect(objection('require', { local: true }, target)).toMatchObject({ code: 'local_required', unknown: [] })
  expect(objection('require', { local: true }, target)?.reason).toContain('sends requests for it on to `ollama.com`')
  expect(objection('deny', { region: 'US' }, target)?.reason).toBe(
    'of `house/m` its host says that it is `DeepSeek-V3` and its host says that it sends requests for it on to `ollama.com`: ' +
      'declare at tutti.yaml:12:7 what it really is, or correct the host',
  )
})

test('an exception for a maker holds against the shape of a model, not against its name', () => {
  const body = { developer: 'deepseek', derived: true, except: { developer: 'kakao' } }
  expect(denied(body, told(KAKAO, { architectures: ['deepseek2'] }))).toBe(false)
  expect(denied(body, told(KAKAO, { architectures: ['deepseek2'], names: ['DeepSeek-V3'] }))).toBe(true)
})
