// `schedule` and `client` beside a rule: by the file, as requests meet them, whatever the kind of rule.
import { describe, expect, test } from 'vitest'
import { circumstancesOf } from '#src/core/circumstances.ts'
import type { Client } from '#src/core/request.ts'
import type { Snapshot } from '#src/core/snapshot.ts'
import { visibleModels } from '#src/pipeline/models.ts'
import { judge, judgeAlways } from '#src/routing/judge.ts'
import { createOccasion } from '#src/routing/occasion.ts'
import { termsFor } from '#src/routing/terms.ts'
import { compile } from '../support/gateway.ts'
import { makeRequest, makeTarget } from '../support/world.ts'

const SIGNALS = { inputTokens: 1, inputTokensWorst: 1, unmeasured: 0, choices: 1, needs: [] }
const DAY = '2026-11-27T12:00:00+09:00'
const NIGHT = '2026-11-27T23:00:00+09:00'
const OFFICE = { hours: '09:00-18:00', timeZone: 'Asia/Seoul' }
const SEOUL = { countries: ['KR'] }
const DENY = { name: 'a', deny: { provider: 'house' } }

const load = (...policies: readonly object[]) =>
  compile({
    version: 1,
    providers: { house: { type: 'vllm', models: { x: { developer: 'acme' } } } },
    models: { chat: { targets: ['house/x'] } },
    policies,
  })

interface Came {
  readonly time?: string
  readonly client?: Client
  readonly stream?: boolean
}

function asked({ time = DAY, client, stream = false }: Came) {
  const request = { ...makeRequest({ model: 'chat', messages: [] }), stream, ...(client && { client }) }
  return { occasion: createOccasion(() => circumstancesOf({ request, signals: SIGNALS, now: Date.parse(time) })) }
}

function said(snapshot: Snapshot, came: Came) {
  const target = snapshot.targets.get('house/x')
  if (!target) throw new Error('no such target')
  return judge(snapshot, asked(came), target)
}

const denied = (snapshot: Snapshot, came: Came): boolean => said(snapshot, came).objections.length > 0

test('a rule speaks at its times only', async () => {
  const snapshot = await load({ ...DENY, schedule: OFFICE })
  expect([denied(snapshot, { time: DAY }), denied(snapshot, { time: NIGHT })]).toEqual([true, false])
})

test('whom, when and what it speaks about must all hold', async () => {
  const snapshot = await load({ ...DENY, when: 'request.stream', schedule: OFFICE, client: SEOUL })
  for (const time of [DAY, NIGHT])
    for (const country of ['KR', 'US'])
      for (const stream of [true, false])
        expect(denied(snapshot, { time, client: { country }, stream })).toBe(time === DAY && country === 'KR' && stream)
})

describe('where nobody knows from where a request comes', () => {
  test('a deny counts, and says why', async () => {
    const { objections } = said(await load({ ...DENY, client: SEOUL }), {})
    expect(objections[0]?.evidence).toContain('its `when` or `client` could not be evaluated, which counts as true')
  })

  test('with `onError: allow` it is left out', async () => {
    expect(denied(await load({ ...DENY, client: SEOUL, onError: 'allow' }), {})).toBe(false)
  })

  test('at another time it does not matter', async () => {
    expect(denied(await load({ ...DENY, client: SEOUL, schedule: OFFICE }), { time: NIGHT })).toBe(false)
  })

  test('a rule that changes requests refuses them', async () => {
    const snapshot = await load({ name: 'a', limit: { outputTokens: 5 }, client: SEOUL })
    expect(termsFor(snapshot, asked({}), SIGNALS).refusals).toMatchObject([{ code: 'policy_error', rule: 'a' }])
    expect(termsFor(snapshot, asked({ client: { country: 'KR' } }), SIGNALS).refusals).toEqual([])
  })
})

test('a model is listed as by a rule with `when`: what a rule says at some times takes nothing from the list', async () => {
  expect(visibleModels(await load(DENY), undefined)).toEqual([])
  for (const scope of [{ schedule: OFFICE }, { client: SEOUL }]) {
    const snapshot = await load({ ...DENY, ...scope })
    expect(visibleModels(snapshot, undefined).map(({ id }) => id)).toEqual(['chat', 'house/x'])
  }
})

test('two values of one setting are refused at load only where both rules always speak', async () => {
  const cold = { name: 'a', set: { temperature: 0 } }
  const hot = { name: 'b', set: { temperature: 1 } }
  await expect(load(cold, hot)).rejects.toThrow('both rules always speak')
  await expect(load(cold, { ...hot, schedule: OFFICE })).resolves.toBeDefined()
  await expect(load(cold, { ...hot, client: SEOUL })).resolves.toBeDefined()
})

test('an entry of a preset carries them to every rule of it', async () => {
  const snapshot = await load({ preset: 'korea-sovereign', schedule: OFFICE, client: SEOUL })
  const target = snapshot.targets.get('house/x')
  if (!target) throw new Error('no such target')
  expect(judgeAlways(snapshot, undefined, target).objections).toEqual([])
  const client = { country: 'KR' }
  expect([denied(snapshot, { client }), denied(snapshot, { client, time: NIGHT })]).toEqual([true, false])
  expect(denied(snapshot, { client: { country: 'US' } })).toBe(false)
})

test('what a rule of a preset asks by itself must hold beside them', async () => {
  const snapshot = await load({ preset: 'pipa-transfer', schedule: OFFICE, client: SEOUL })
  // A target of which nothing is known, and which is in no house.
  const target = makeTarget('x/y')
  const request = { ...makeRequest({ model: 'chat', messages: [] }), client: { country: 'KR' } }
  const denies = (time: string, found: boolean, known = true) => {
    const pii = { counts: found ? { phone: 1 } : {}, unscannable: false }
    const came = { request: known ? request : { ...request, client: {} }, signals: { ...SIGNALS, pii } }
    const occasion = createOccasion(() => circumstancesOf({ ...came, now: Date.parse(time) }))
    return judge(snapshot, { occasion }, target).objections.length > 0
  }
  expect([denies(DAY, true), denies(DAY, false), denies(NIGHT, true)]).toEqual([true, false, false])
  expect([denies(DAY, true, false), denies(DAY, false, false)]).toEqual([true, false])
})

test('another time is another epoch', async () => {
  const [one, other] = await Promise.all([
    load({ ...DENY, schedule: OFFICE }),
    load({ ...DENY, schedule: { ...OFFICE, hours: '09:00-17:00' } }),
  ])
  expect(one.epoch).not.toBe(other.epoch)
})
