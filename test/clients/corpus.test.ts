import { isDeepStrictEqual } from 'node:util'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { numberAt, type JsonObject } from '#src/core/json.ts'
import type { DecisionRecord } from '#src/telemetry/telemetry.ts'
import type { Served } from '../support/gateway-suite.ts'
import { RUNTIME, startServed, whyNotRecorded } from '../support/runtime.ts'
import {
  addressOf,
  configFor,
  loadCases,
  nameOf,
  startReplay,
  type Arrival,
  type Case,
  type Replay,
} from './corpus-cases.ts'
import { ask, clientOf, type Seen } from './corpus-client.ts'
import { expected, lastUsage, received, variantsOf, type Variant } from './corpus-compare.ts'
import { EXCEPTIONS, type Exception } from './corpus-exceptions.ts'

/** Other random splits in the long form. */
const SEEDS = Math.min(50, Number(process.env['TUTTI_LAW_RUNS'] ?? 1))
const random = (seed: number): Arrival => ({ options: `split=random,max=160,seed=${seed}` })
const ARRIVALS: readonly (readonly [name: string, arrival: Arrival])[] = [
  ['whole', { options: 'split=whole' }],
  ['by events', { options: 'split=event' }],
  ['by lines', { options: 'split=line' }],
  ['inside letters and line ends', { options: 'split=utf8' }],
  ['from a host of which nothing is known', { ...random(0), type: 'openai-compatible' }],
  ...Array.from({ length: SEEDS }, (_, index) => [`at random, seed ${index + 1}`, random(index + 1)] as const),
]
/** The credential, the money and the rights are the operator's to mend. */
const OURS = new Set([401, 402, 403])

const absent = whyNotRecorded()
const cases = absent !== undefined ? [] : loadCases()
const exceptions = new Map(EXCEPTIONS.map((exception) => [exception.id, exception]))
const compared = { answers: 0, exceptions: 0, ours: 0 }

let replay: Replay
/** What an app sees without tutti: asked once for each variant. */
const known = new Map<string, Promise<Seen>>()

vi.setConfig({ maxConcurrency: 8, testTimeout: 60_000 })
beforeAll(async () => {
  if (absent === undefined) replay = await startReplay()
})
afterAll(() => {
  if (absent === undefined) replay.close()
})

if (absent !== undefined) test.skip(`recorded traffic through tutti: skipped, ${absent}`, () => {})

describe.skipIf(absent !== undefined).each(ARRIVALS)('recorded traffic through tutti, %s', (_name, arrival) => {
  let tutti: Served
  beforeAll(async () => {
    tutti = await startServed(configFor(cases, replay, arrival))
  })
  afterAll(() => tutti.close())

  test.concurrent.each(cases.map((one, index) => [one.id, one, index] as const))('%s', async (_id, one, index) => {
    const client = clientOf(`${tutti.url}/v1`)
    for (const variant of variantsOf(one)) {
      const through = await ask(client, one, { ...variant.more, model: nameOf(index) })
      check(one, variant, { direct: await withoutTutti(one, variant), through })
    }
  })

  test('what was booked is what was reported, and what was not reported is called an estimate', async () => {
    const direct = new Map<string, Seen>()
    for (const [index, one] of cases.entries()) {
      const [variant] = variantsOf(one)
      if (variant && !exceptions.has(one.id)) direct.set(nameOf(index), await withoutTutti(one, variant))
    }
    const answered = [...direct].filter(([, { error }]) => error === undefined)
    await expect
      .poll(() => {
        const booked = new Set(tutti.decisions().map(({ model }) => model))
        return answered.filter(([name]) => !booked.has(name))
      })
      .toEqual([])
    for (const decision of tutti.decisions()) {
      const seen = direct.get(decision.model)
      if (seen && decision.status === 200) checkBooked(decision, lastUsage(seen))
    }
  })
})

test.skipIf(absent !== undefined)('every exception is of a case that is there, and every case was compared', () => {
  const ids = new Set(cases.map(({ id }) => id))
  expect(EXCEPTIONS.filter(({ id }) => !ids.has(id))).toEqual([])
  const asked = cases.reduce((sum, one) => sum + variantsOf(one).length, 0) * ARRIVALS.length
  expect(compared.answers + compared.exceptions + compared.ours).toBe(asked)
  process.stdout.write(
    `recorded traffic, in ${RUNTIME}: ${cases.length} cases, ${ARRIVALS.length} ways to arrive, ${asked} comparisons: ` +
      `${compared.answers} the same, ${compared.exceptions} listed, ${compared.ours} of 401, 402, 403\n`,
  )
})

function withoutTutti(one: Case, variant: Variant): Promise<Seen> {
  const key = `${one.id} ${variant.label}`
  const asked =
    known.get(key) ?? ask(clientOf(addressOf(one, replay, 'split=whole')), one, { ...variant.more, model: one.model })
  known.set(key, asked)
  return asked
}

interface Both {
  readonly direct: Seen
  readonly through: Seen
}

function check(one: Case, variant: Variant, { direct, through }: Both): void {
  const due = expected(variant, direct, through)
  const got = received(variant, direct, through)
  const exception = exceptions.get(one.id)
  if (exception !== undefined) {
    compared.exceptions++
    expect(isDeepStrictEqual(got, due), `${one.id} needs no exception any more`).toBe(false)
    checkException(exception, due.parts, got)
  } else if (OURS.has(direct.error?.status ?? 0)) {
    compared.ours++
    expect(got).toMatchObject({
      parts: [],
      error: { name: 'InternalServerError', status: 502, code: 'upstream_error' },
    })
  } else {
    compared.answers++
    expect(got, variant.label).toEqual(due)
    const usage = lastUsage(through)
    if (usage !== undefined) expect(usage, 'the last usage has its cost').toHaveProperty('cost')
  }
}

function checkException(exception: Exception, due: readonly unknown[], got: Seen): void {
  expect(got.error, exception.why).toMatchObject(exception.sees)
  expect(got.parts, exception.why).toEqual(exception.given === 'all' ? due : [])
}

function checkBooked({ model, usage, estimated }: DecisionRecord, reported: JsonObject | undefined): void {
  expect(estimated, model).toBe(reported === undefined ? true : undefined)
  if (reported === undefined) return
  const input = numberAt(reported, 'prompt_tokens')
  const output = numberAt(reported, 'completion_tokens') ?? 0
  expect(usage?.input_tokens, model).toBe(input)
  // Some count reasoning beside the completion: their total says so.
  expect([output, (numberAt(reported, 'total_tokens') ?? output) - (input ?? 0)], model).toContain(usage?.output_tokens)
}
