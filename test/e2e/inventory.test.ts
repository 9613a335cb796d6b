// What a local host really runs, against what its models are called: over sockets, with a host that lies by its names.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, test, vi } from 'vitest'
import { createGateway } from '#src/index.ts'
import { createRuntime } from '#src/node.ts'
import type { JsonObject } from '#src/core/json.ts'
import { readRecord } from '#src/pipeline/read-record.ts'
import { replay } from '#src/pipeline/replay.ts'
import { createFakeClock, inTime, type FakeClock } from '../support/fake-clock.ts'
import { compile, startGateway, type TestGateway, type TestRuntime } from '../support/gateway.ts'
import { DEEPSEEK, KANANA, shown, startOllama, type FakeOllama, type OllamaModels } from '../support/ollama.ts'

const NO_DEEPSEEK = { name: 'no-deepseek', deny: { developer: 'deepseek', derived: true } }
const OURS = { developer: 'our-company', lineage: [] }
const KAKAO = { developer: 'kakao', lineage: [] }

let host: FakeOllama
let tutti: TestGateway

afterEach(async () => {
  await tutti.close()
  await host.close()
})

/** A host with these models, each declared as `declared`, and a gateway with this rule before it. */
async function begin(
  models: OllamaModels,
  { declared = OURS, policies = [NO_DEEPSEEK], ...more }: Partial<Begin> = {},
): Promise<void> {
  host = await startOllama(models)
  tutti = await startGateway(configured(Object.keys(models), { declared, policies }), more.runtime)
}

interface Begin {
  readonly declared: object
  readonly policies: readonly object[]
  readonly runtime: TestRuntime
}

function configured(models: readonly string[], { declared, policies }: Pick<Begin, 'declared' | 'policies'>): object {
  return {
    providers: {
      house: {
        type: 'ollama',
        baseUrl: host.url,
        operator: { name: 'our-company', country: 'KR' },
        region: 'KR',
        models: Object.fromEntries(models.map((model) => [model, declared])),
      },
    },
    policies,
  }
}

interface Answer {
  readonly status: number
  readonly error?: JsonObject
}

async function ask(model: string): Promise<Answer> {
  const answer = await fetch(`${tutti.url}/v1/chat/completions`, {
    method: 'POST',
    body: JSON.stringify({ model, messages: [{ role: 'user', content: '비밀' }] }),
  })
  const body: { error?: JsonObject } = await answer.json()
  return { status: answer.status, ...(body.error && { error: body.error }) }
}

test('a model that is called something else is denied by what it is, at the first request, and gets no byte of it', async () => {
  await begin({ 'my-helper': DEEPSEEK })
  const { status, error } = await ask('house/my-helper')
  expect(status).toBe(403)
  expect(error).toMatchObject({ code: 'policy_denied', rule: 'no-deepseek' })
  expect(error?.['message']).toContain('DeepSeek-V2-Lite-Chat')
  expect(host.prompts).toEqual([])
  expect(tutti.events).toMatchObject([
    { event: 'inventory_contradicts', target: 'house/my-helper', says: expect.arrayContaining([expect.any(String)]) },
  ])
})

test('only its shape gives it away, against the file', async () => {
  await begin({ kanana: shown({ 'general.architecture': 'deepseek2' }) }, { declared: KAKAO })
  expect(await ask('house/kanana')).toMatchObject({ status: 403, error: { rule: 'no-deepseek' } })
  expect(host.prompts).toEqual([])
  expect(tutti.events).toMatchObject([
    { event: 'inventory_contradicts', says: ['its host says that its architecture is `deepseek2`'] },
  ])
})

test('a model that is what the file says is used, whatever it is called', async () => {
  await begin({ 'my-helper': KANANA }, { declared: KAKAO })
  expect(await ask('house/my-helper')).toEqual({ status: 200 })
  expect(host.prompts).toHaveLength(1)
  expect(tutti.events).toEqual([])
})

test('a renamed Kanana is found by a rule against its maker, and lets nobody in', async () => {
  const policies = [
    { name: 'no-kakao', subjects: { tags: ['no-kakao'] }, deny: { developer: 'kakao' } },
    { name: 'kakao-only', require: { developer: 'kakao' } },
  ]
  await begin({ 'my-helper': KANANA }, { declared: {}, policies })
  const { status, error } = await ask('house/my-helper')
  expect([status, error?.['rule']]).toEqual([403, 'kakao-only'])
  await tutti.close()
  await host.close()
  await begin({ 'my-helper': KANANA }, { policies: [{ name: 'no-kakao', deny: { developer: 'kakao' } }] })
  expect(await ask('house/my-helper')).toMatchObject({ status: 403, error: { rule: 'no-kakao' } })
})

test('a declaration that the host contradicts passes no allow-list', async () => {
  await begin({ kanana: DEEPSEEK }, { declared: KAKAO, policies: [{ name: 'kakao', require: { developer: 'kakao' } }] })
  const { status, error } = await ask('house/kanana')
  expect(status).toBe(403)
  expect(error?.['message']).toContain('its host says that it is `DeepSeek-V2-Lite-Chat`')
  expect((await tutti.decision(0)).candidates[0]).not.toHaveProperty('developer')
})

test('a model that runs elsewhere is not local, whatever it is called', async () => {
  const remote = shown({}, { remote_host: 'https://ollama.com:443', remote_model: 'gpt-oss:120b' })
  await begin({ 'my-helper': remote }, { policies: [{ name: 'in-the-house', require: { local: true } }] })
  const { status, error } = await ask('house/my-helper')
  expect([status, error?.['rule']]).toEqual([403, 'in-the-house'])
  expect(error?.['message']).toContain('sends requests for it on to `ollama.com`')
  expect(host.prompts).toEqual([])
})

test.each([
  ['operator', { operator: 'ollama' }],
  ['local', { local: false }],
  ['a region that is not known of it', { region: 'US' }],
])('a model that runs elsewhere is found by a rule about its %s', async (_, deny) => {
  const remote = shown({}, { remote_host: 'https://ollama.com:443', remote_model: 'gpt-oss:120b' })
  await begin({ 'my-helper': remote }, { policies: [{ name: 'no', deny }] })
  expect(await ask('house/my-helper')).toMatchObject({ status: 403, error: { rule: 'no' } })
  expect(host.prompts).toEqual([])
})

test('another model under the same name is found within a minute', async () => {
  const clock = createFakeClock()
  await begin({ helper: KANANA }, { declared: KAKAO, runtime: { clock } })
  expect(await ask('house/helper')).toEqual({ status: 200 })
  host.models['helper'] = DEEPSEEK
  expect(await ask('house/helper')).toEqual({ status: 200 })
  await nextMinute(clock)
  expect(await ask('house/helper')).toMatchObject({ status: 403, error: { rule: 'no-deepseek' } })
  expect(host.prompts).toHaveLength(2)
})

test('an attempt is judged by what the host says then', async () => {
  const clock = createFakeClock()
  await begin({ helper: KANANA }, { declared: KAKAO, runtime: { clock } })
  const busy = Promise.withResolvers<void>()
  host.chat = async () => {
    host.models['helper'] = DEEPSEEK
    await nextMinute(clock)
    setImmediate(() => busy.resolve())
    return 500
  }
  const asked = ask('house/helper')
  await busy.promise
  expect(await inTime(clock, asked)).toMatchObject({ status: 403, error: { rule: 'no-deepseek' } })
  expect(host.prompts).toHaveLength(1)
  expect((await tutti.decision(0)).attempts).toMatchObject([{ status: 500 }, { outcome: 'denied' }])
})

/** Lets a minute go by, and the host be asked again. */
async function nextMinute(clock: FakeClock): Promise<void> {
  clock.advance(60_000)
  await tutti.gateway.ports.inventory.attend(tutti.gateway)
}

test('a host that is not there is no other failure than without rules', async () => {
  await begin({ helper: KANANA })
  await host.close()
  const { status, error } = await ask('house/helper')
  expect([status, error?.['code']]).toEqual([502, 'upstream_error'])
  expect(tutti.events).toMatchObject([{ event: 'inventory_silent', provider: 'house' }])
})

test('a host that does not tell about itself is no reason to fail', async () => {
  await begin({ helper: KANANA })
  host.manner = 'with 500'
  expect(await ask('house/helper')).toEqual({ status: 200 })
  expect(await ask('house/helper')).toEqual({ status: 200 })
  expect(tutti.events).toMatchObject([{ event: 'inventory_silent', provider: 'house' }])
})

test('a host that is slow to say holds the first request up for 2 s, and no other', async () => {
  const clock = createFakeClock()
  await begin({ helper: DEEPSEEK }, { runtime: { clock } })
  host.manner = 'never'
  let over = false
  const first = ask('house/helper').then((answer) => {
    over = true
    return answer
  })
  while (host.inquiries.length === 0) await new Promise(setImmediate)
  clock.advance(1999)
  for (let turn = 0; turn < 20; turn++) await new Promise(setImmediate)
  expect(over).toBe(false)
  clock.advance(1)
  expect((await first).status).toBe(200)
  expect((await ask('house/helper')).status).toBe(200)
  expect(tutti.events).toMatchObject([{ event: 'inventory_silent', provider: 'house' }])
  host.manner = 'at once'
  await nextMinute(clock)
  expect(await ask('house/helper')).toMatchObject({ status: 403 })
})

test('what a host said stays while it is silent', async () => {
  const clock = createFakeClock()
  await begin({ helper: DEEPSEEK }, { runtime: { clock } })
  expect(await ask('house/helper')).toMatchObject({ status: 403 })
  host.manner = 'with 500'
  await nextMinute(clock)
  expect(await ask('house/helper')).toMatchObject({ status: 403 })
})

test('a reload keeps what hosts have said', async () => {
  await begin({ helper: DEEPSEEK })
  expect(await ask('house/helper')).toMatchObject({ status: 403 })
  host.manner = 'never'
  const policies = [NO_DEEPSEEK, { name: 'more', deny: { provider: 'other' } }]
  tutti.gateway.snapshot = await compile(configured(['helper'], { declared: OURS, policies }))
  expect(await ask('house/helper')).toMatchObject({ status: 403, error: { rule: 'no-deepseek' } })
})

test('nobody is asked where there is no rule, and one that the file does not name is asked for too', async () => {
  await begin({ helper: DEEPSEEK }, { policies: [] })
  expect(await ask('house/helper')).toEqual({ status: 200 })
  expect(host.inquiries).toEqual([])
  await tutti.close()
  tutti = await startGateway(configured([], { declared: {}, policies: [{ ...NO_DEEPSEEK, unknown: 'allow' }] }))
  expect(await ask('house/helper')).toMatchObject({ status: 403 })
  expect(host.inquiries).toEqual(['/api/tags', '/api/show'])
})

test('a decision holds what the host said, and is decided again by it', async () => {
  await begin({ helper: DEEPSEEK })
  await ask('house/helper')
  const line = JSON.parse(JSON.stringify(await tutti.decision(0)))
  expect(line.inputs.candidates[0].inventory.names).toContain('DeepSeek-V2-Lite-Chat')
  const record = readRecord(line)
  if (record === 'other' || !record.inputs) throw new Error('no decision')
  const bare = await compile(configured(['helper'], { declared: OURS, policies: [NO_DEEPSEEK] }))
  const again = replay(bare, { ...record, inputs: record.inputs })
  if (again === 'unknown_key') throw new Error('no key is asked for')
  expect(JSON.parse(JSON.stringify(again.decision.candidates))).toEqual(line.candidates)
  expect(again.decision.outcome).toBe('deny')
})

test('inside another program hosts are asked at the first request too', async () => {
  await begin({ helper: DEEPSEEK })
  const gateway = await createGateway(configured(['helper'], { declared: OURS, policies: [NO_DEEPSEEK] }))
  const body = { model: 'house/helper', messages: [{ role: 'user', content: '비밀' }] }
  const before = await gateway.explain({ body })
  expect([before.outcome, host.inquiries]).toEqual(['route', []])
  const request = new Request('http://tutti/v1/chat/completions', { method: 'POST', body: JSON.stringify(body) })
  expect((await gateway.fetch(request)).status).toBe(403)
  expect((await gateway.explain({ body })).outcome).toBe('deny')
  expect(host.prompts).toEqual([])
  await gateway.close()
})

test('`tutti serve` asks before anybody does, and keeps it over a reload', async () => {
  await begin({ helper: DEEPSEEK })
  const folder = mkdtempSync(join(tmpdir(), 'tutti-inventory-'))
  const load = (policies: readonly object[]) => {
    const file = join(folder, 'tutti.json')
    const more = { telemetry: { logs: 'off' } }
    writeFileSync(file, JSON.stringify({ ...configured(['helper'], { declared: OURS, policies }), ...more }))
    return runtime.load(file, 'serve', { port: 0 })
  }
  const runtime = createRuntime()
  const served = await runtime.serve(await load([NO_DEEPSEEK]))
  const hosted = () => served.gateway.snapshot.targets.get('house/helper')?.hosted
  await vi.waitFor(() => expect(hosted()).toBeDefined())
  const { snapshot } = await load([NO_DEEPSEEK, { name: 'more', deny: { provider: 'other' } }])
  if (!snapshot) throw new Error('a bad configuration')
  served.take(snapshot)
  expect([hosted() === undefined, served.gateway.snapshot.rules.length]).toEqual([false, 2])
  await served.stop()
  rmSync(folder, { recursive: true })
})
