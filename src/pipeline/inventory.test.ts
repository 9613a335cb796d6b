import { expect, test } from 'vitest'
import { ollamaNative } from '#providers/ollama-native/index.ts'
import { informable } from '#src/config/inform.ts'
import type { Rule } from '#src/core/policy.ts'
import type { ExchangeHandler, Transport, UpstreamRequest } from '#src/core/transport.ts'
import { catalog } from '#src/routing/catalog/catalog.ts'
import type { TelemetryEvent } from '#src/telemetry/telemetry.ts'
import { createFakeClock } from '../../test/support/fake-clock.ts'
import { makeSnapshot, makeTarget } from '../../test/support/world.ts'
import { followHosts } from './follow-hosts.ts'
import { createHostInventory, type Asker } from './inventory.ts'

const DEEPSEEK = { model_info: { 'general.basename': 'DeepSeek-V3' } }
const RULE: Rule = { name: 'r', source: 'tutti.yaml:1:1', appliesTo: () => true, judge: () => undefined }

/** A question that waits for the test's answer. */
interface Waiting {
  readonly request: UpstreamRequest
  readonly handler: ExchangeHandler
  aborted: boolean
}

function begin({ rules = [RULE], apiKey = 'sk-canary-4711' }: { rules?: readonly Rule[]; apiKey?: string } = {}) {
  const clock = createFakeClock()
  const waiting: Waiting[] = []
  const events: TelemetryEvent[] = []
  const transport: Transport = {
    send(request, _egress, handler) {
      const one: Waiting = { request, handler, aborted: false }
      waiting.push(one)
      return { pause() {}, resume() {}, abort: () => void (one.aborted = true) }
    },
    close: () => Promise.resolve(),
  }
  const made = makeTarget('house/m', { facts: { developer: 'kakao', lineage: [] }, adapter: ollamaNative })
  const accounts = [{ id: 'default', baseUrl: 'http://127.0.0.1:1', headers: {}, apiKey }]
  const target = { ...made, provider: { ...made.provider, accounts } }
  const { inform: _, ...file } = makeSnapshot({ targetList: [target], rules })
  const asker: Asker = {
    ports: { transport, clock, telemetry: { event: (event) => void events.push(event) } },
    snapshot: informable({ ...file, providers: new Map([['house', target.provider]]) }, catalog),
  }
  const inventory = createHostInventory()
  const heldOf = () => asker.snapshot.targets.get('house/m')?.hosted?.said.names
  return { clock, waiting, events, asker, inventory, provider: target.provider, heldOf }
}

type World = ReturnType<typeof begin>

/** Answers the question that waits, and lets the next one be asked. */
async function answer({ waiting }: World, status: number, body: object | string): Promise<void> {
  const { handler } = waiting.at(-1) ?? {}
  handler?.head({ status, headers: {} })
  handler?.data(new TextEncoder().encode(typeof body === 'string' ? body : JSON.stringify(body)))
  handler?.end()
  await settled()
}

async function settled(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await Promise.resolve()
}

/** One whole asking: the list is empty, the model of the file is described. */
async function askingOf(world: World, show: object = DEEPSEEK): Promise<void> {
  void world.inventory.attend(world.asker)
  await answer(world, 200, { models: [] })
  await answer(world, 200, show)
}

test('one question after another, and never two askings at once', async () => {
  const world = begin()
  const done = world.inventory.attend(world.asker)
  void world.inventory.attend(world.asker)
  world.clock.advance(1000)
  void world.inventory.attend(world.asker)
  expect(world.waiting.map(({ request }) => request.url)).toEqual(['http://127.0.0.1:1/api/tags'])
  await answer(world, 200, { models: [] })
  expect(world.waiting.map(({ request }) => request.url)).toEqual([
    'http://127.0.0.1:1/api/tags',
    'http://127.0.0.1:1/api/show',
  ])
  const ranked = world.asker.snapshot
  await answer(world, 200, DEEPSEEK)
  await done
  expect(world.heldOf()).toEqual(['DeepSeek-V3'])
  expect(world.asker.snapshot.epoch).toBe(ranked.epoch)
  expect(ranked.targets.get('house/m')?.hosted).toBeUndefined()
})

test('every minute, and the same word changes nothing', async () => {
  const world = begin()
  await askingOf(world)
  const held = world.asker.snapshot
  world.clock.advance(59_999)
  void world.inventory.attend(world.asker)
  expect(world.waiting).toHaveLength(2)
  world.clock.advance(1)
  await askingOf(world)
  expect(world.waiting).toHaveLength(4)
  expect(world.asker.snapshot).toBe(held)
})

test('an answer that takes longer than 2 s is given up, and what was said before stays', async () => {
  const world = begin()
  await askingOf(world)
  world.clock.advance(60_000)
  const done = world.inventory.attend(world.asker)
  await answer(world, 200, { models: [{ model: 'm', details: { family: 'gemma3' } }] })
  world.clock.advance(1999)
  expect(world.waiting.at(-1)?.aborted).toBe(false)
  world.clock.advance(1)
  await done
  expect(world.waiting.at(-1)?.aborted).toBe(true)
  expect(world.heldOf()).toEqual(['DeepSeek-V3'])
  expect(world.events.map(({ event }) => event)).toEqual([
    'inventory_contradicts',
    'inventory_silent',
    'inventory_contradicts',
  ])
})

test('an answer of more than 1 MB is none', async () => {
  const world = begin()
  void world.inventory.attend(world.asker)
  await answer(world, 200, { models: [], more: 'x'.repeat(1024 * 1024) })
  expect(world.waiting.map(({ aborted }) => aborted)).toEqual([true])
  expect(world.events).toEqual([{ event: 'inventory_silent', provider: 'house' }])
})

test.each([
  [
    'a failure',
    (world: World) => world.waiting.at(-1)?.handler.fail({ code: 'closed', message: '', sentNothing: false }),
  ],
  ['no JSON', (world: World) => answer(world, 200, 'hello')],
  ['a refusal', (world: World) => answer(world, 500, {})],
])('%s is told once, until the host answers again', async (_, happens) => {
  const world = begin()
  const round = async (): Promise<void> => {
    void world.inventory.attend(world.asker)
    for (let question = 0; question < 3; question++) {
      void happens(world)
      await settled()
    }
    world.clock.advance(60_000)
  }
  await round()
  await round()
  expect(world.events).toEqual([{ event: 'inventory_silent', provider: 'house' }])
  await askingOf(world, {})
  world.clock.advance(60_000)
  await round()
  expect(world.events).toHaveLength(2)
})

test('only who has never been asked to the end is waited for, and for 2 s', async () => {
  const world = begin()
  const first = (provider = [world.provider]) => world.inventory.first(world.asker, () => provider)
  expect(first()).toBeUndefined()
  void world.inventory.attend(world.asker)
  expect(first([])).toBeUndefined()
  expect(first()).toBeDefined()
  world.clock.advance(1999)
  expect(first()).toBeDefined()
  world.clock.advance(1)
  await settled()
  world.clock.advance(60_000)
  void world.inventory.attend(world.asker)
  expect(first()).toBeUndefined()
})

test('what was sent to a host is in nothing that it says', async () => {
  const world = begin()
  await askingOf(world, { model_info: { 'general.basename': 'sk-canary-4711', 'general.name': 'x sk-canary-4711 y' } })
  expect(world.heldOf()).toEqual(['[redacted]', 'x [redacted] y'])
})

test('nobody is asked without a rule, nor once it is stopped', async () => {
  const lawless = begin({ rules: [] })
  await lawless.inventory.attend(lawless.asker)
  expect(lawless.waiting).toEqual([])
  const world = begin()
  world.inventory.stop()
  await world.inventory.attend(world.asker)
  expect(world.waiting).toEqual([])
})

test('an answer that comes after the stop is not told', async () => {
  const world = begin()
  void world.inventory.attend(world.asker)
  world.inventory.stop()
  world.waiting.at(-1)?.handler.fail({ code: 'closed', message: '', sentNothing: false })
  await settled()
  expect(world.events).toEqual([])
})

test('hosts are followed minute by minute without a request, until the end', async () => {
  const world = begin()
  const ports = { ...world.asker.ports, inventory: world.inventory }
  const stop = followHosts({ ...world.asker, ports })
  const counts: number[] = []
  for (let minute = 0; minute < 3; minute++) {
    world.waiting.at(-1)?.handler.fail({ code: 'closed', message: '', sentNothing: false })
    await settled()
    counts.push(world.waiting.length)
    world.clock.advance(60_000)
  }
  expect(counts).toEqual([1, 2, 3])
  stop()
  expect(world.clock.waiting).toBe(1)
})
