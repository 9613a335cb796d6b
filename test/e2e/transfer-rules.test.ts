// `transfer`: who may be asked abroad, on which basis and until when, as a decision shows it.
import { describe, expect, test } from 'vitest'
import { circumstancesOf } from '#src/core/circumstances.ts'
import type { Decision } from '#src/core/decision.ts'
import type { Key } from '#src/core/key.ts'
import { renderDecision } from '#src/cli/explain.ts'
import { decide } from '#src/pipeline/decide.ts'
import { visibleModels } from '#src/pipeline/models.ts'
import { createEstimates } from '#src/routing/estimates.ts'
import { judgeServed } from '#src/routing/judge.ts'
import { createOccasion } from '#src/routing/occasion.ts'
import { compile } from '../support/gateway.ts'
import { makeKey, makeRequest } from '../support/world.ts'

const SIGNALS = { inputTokens: 1, inputTokensWorst: 1, unmeasured: 0, choices: 1, needs: [] }
const JUNE = '2027-06-30T12:00:00Z'
const JULY = '2027-07-01T00:00:00Z'
const CONSENT = { country: 'US', operator: 'openai', basis: 'consent, s. 7', until: '2027-06-30' }
const ACROSS = { name: 'across', transfer: { home: 'KR', permit: [CONSENT] } }

const load = (...policies: readonly object[]) =>
  compile({
    version: 1,
    providers: {
      openai: { apiKey: 'sk-a', models: { m: {} } },
      clova: {
        type: 'openai-compatible',
        baseUrl: 'https://clova.example/v1',
        models: { m: {} },
        region: 'KR',
        operator: { name: 'naver', country: 'KR' },
      },
      router: { type: 'openrouter', apiKey: 'sk-b', models: { 'openai/gpt-4o': {} } },
    },
    models: { chat: { targets: ['openai/m', 'clova/m'] } },
    policies,
  })

type Snapshot = Awaited<ReturnType<typeof load>>

function decided(
  snapshot: Snapshot,
  time: string,
  more: { readonly key?: Key; readonly model?: string } = {},
): Decision {
  const request = makeRequest({ model: more.model ?? 'chat', messages: [] })
  const subject = { request, signals: SIGNALS, seed: 's', ...(more.key && { key: more.key }) }
  return decide(snapshot, subject, { estimates: createEstimates(), now: Date.parse(time) }).decision
}

test('what is permitted abroad says on which basis, what is at home does not', async () => {
  const { plan, candidates } = decided(await load(ACROSS), JUNE)
  expect(plan).toEqual(['openai/m', 'clova/m'])
  expect(candidates.map(({ transfer }) => transfer)).toEqual([[{ rule: 'across', basis: 'consent, s. 7' }], undefined])
})

test('people are told too', async () => {
  expect(renderDecision(decided(await load(ACROSS), JUNE))).toContain('transfer permitted by across: consent, s. 7')
})

test('what has ended is denied from then on, by the same configuration', async () => {
  const snapshot = await load(ACROSS)
  for (const [time, plan] of [
    [JUNE, ['openai/m', 'clova/m']],
    [JULY, ['clova/m']],
    [JUNE, ['openai/m', 'clova/m']],
  ] as const)
    expect(decided(snapshot, time).plan).toEqual(plan)
  const [openai] = decided(snapshot, JULY).candidates
  expect(openai).toMatchObject({ verdict: 'denied', rule: 'across', code: 'transfer_expired' })
  expect(openai).not.toHaveProperty('transfer')
})

describe('of several rules', () => {
  const second = (permit: readonly object[]) => ({ name: 'another', transfer: { home: ['KR', 'JP'], permit } })

  test('all must permit, and each says why it does', async () => {
    const both = await load(second([{ country: 'US', basis: 'contract' }]), ACROSS)
    expect(decided(both, JUNE).candidates[0]?.transfer).toEqual([
      { rule: 'across', basis: 'consent, s. 7' },
      { rule: 'another', basis: 'contract' },
    ])
    const one = await load(second([{ country: 'FR', basis: 'adequacy' }]), ACROSS)
    expect(decided(one, JUNE).plan).toEqual(['clova/m'])
    expect(decided(one, JUNE).candidates[0]).not.toHaveProperty('transfer')
  })

  test('one that is in shadow, or speaks about others, neither denies nor permits', async () => {
    const snapshot = await load(
      { ...second([{ region: 'EU', basis: 'adequacy' }]), mode: 'shadow' },
      { ...ACROSS, name: 'in-shadow', mode: 'shadow' },
      { ...ACROSS, name: 'others', when: 'request.stream' },
      { ...ACROSS, name: 'long-ago', schedule: { until: '2020-01-01T00:00:00Z' } },
    )
    const [openai] = decided(snapshot, JUNE).candidates
    expect(openai).toMatchObject({ verdict: 'eligible', shadow: [{ rule: 'another' }] })
    expect(openai).not.toHaveProperty('transfer')
    expect(decided(snapshot, JULY).candidates[0]?.shadow).toMatchObject([
      { rule: 'another' },
      { rule: 'in-shadow', code: 'transfer_expired' },
    ])
  })
})

test('a rule for some callers binds these only', async () => {
  const snapshot = await compile({
    version: 1,
    providers: { openai: { apiKey: 'sk-a', models: { m: {} } } },
    models: { chat: { targets: ['openai/m'] } },
    policies: [
      { name: 'ministry', subjects: { tags: ['ministry'] }, transfer: { home: 'KR' } },
      { ...ACROSS, subjects: { tags: ['press'] } },
    ],
    keys: [{ id: 'a', sha256: 'a'.repeat(64), tags: ['ministry', 'press'] }],
  })
  expect(decided(snapshot, JUNE, { key: makeKey('a', { tags: ['ministry'] }) }).outcome).toBe('deny')
  expect(decided(snapshot, JUNE, { key: makeKey('b') }).candidates[0]).not.toHaveProperty('transfer')
  const press = decided(snapshot, JUNE, { key: makeKey('c', { tags: ['press'] }) })
  expect(press.candidates[0]).toMatchObject({ verdict: 'eligible', transfer: [{ rule: 'across' }] })
})

test('a model is listed while something may permit it: what ends is asked of each request', async () => {
  const listed = (snapshot: Snapshot) => visibleModels(snapshot, undefined).map(({ id }) => id)
  expect(listed(await load({ ...ACROSS, transfer: { home: 'JP' } }))).toEqual([])
  expect(listed(await load(ACROSS))).toEqual(['chat', 'openai/m', 'clova/m'])
})

describe('an upstream that sends requests on', () => {
  const model = 'router/openai/gpt-4o'

  test('needs a permission for itself and for whom it asks', async () => {
    const home = await load(ACROSS)
    expect(decided(home, JUNE, { model }).outcome).toBe('deny')
    const only = [{ country: 'US', operator: 'openrouter', basis: 'contract' }]
    const itself = await load({ ...ACROSS, transfer: { home: 'KR', permit: only } })
    expect(decided(itself, JUNE, { model }).candidates[0]).toMatchObject({ verdict: 'denied', code: 'host_unknown' })
    const all = await load({ ...ACROSS, transfer: { home: 'KR', permit: [...only, CONSENT] } })
    expect(decided(all, JUNE, { model }).candidates[0]).toMatchObject({
      verdict: 'eligible',
      told: { only: ['openai'] },
      transfer: [{ rule: 'across', basis: 'contract' }],
    })
    expect(decided(all, JULY, { model }).candidates[0]).toMatchObject({ verdict: 'denied' })
  })

  test('who says that it answered is judged as one that was asked, but for what nobody knows of it', async () => {
    const snapshot = await load(ACROSS)
    const provider = snapshot.providers.get('router')
    if (!provider) throw new Error('no such provider')
    const request = makeRequest({ model, messages: [] })
    const said = (operator: string, time: string) => {
      const occasion = createOccasion(() => circumstancesOf({ request, signals: SIGNALS, now: Date.parse(time) }))
      const served = snapshot.servedOf(provider, { model: 'openai/gpt-4o', operator })
      return judgeServed(snapshot, { occasion }, served).objections.map(({ code }) => code)
    }
    expect(said('OpenAI', JUNE)).toEqual([])
    expect(said('OpenAI', JULY)).toEqual(['transfer_expired'])
    expect(said('DeepSeek', JUNE)).toEqual(['transfer_denied'])
    expect(said('Somebody Else', JUNE)).toEqual([])
  })
})
