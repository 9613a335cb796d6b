import { isDeepStrictEqual } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { isObject, type Json } from '#src/core/json.ts'
import { reached } from '../../support/law.ts'
import { READERS } from '../../support/readers/index.ts'
import { valuesOf } from '../../support/readers/plain.ts'
import { RUNTIME, whyNotRecorded } from '../../support/runtime.ts'
import { loadRecorded, type Recorded } from './cases.ts'
import type { Seen } from './clients.ts'
import { startRecorded, type Ask, type RecordedGateway } from './gateway.ts'
import { NATIVE_EXCEPTIONS, type NativeException } from './native-exceptions.ts'
import { nativeOf } from './natives.ts'
import { replay } from './replay.ts'
import { SPLITS } from './splits.ts'

/** Recorded traffic of each vendor through tutti to the vendor's own official client, which is the judge: it sees what it sees without tutti. */
const absent = whyNotRecorded()

/** The credential, the money and the rights are the operator's to mend. */
const OURS = new Set([401, 402, 403])
const exceptions = new Map(NATIVE_EXCEPTIONS.map((exception) => [exception.id, exception]))
const cases = absent !== undefined ? [] : loadRecorded().filter((one) => nativeOf(one) !== undefined)
const nameOf = (index: number): string => `case-${index}`
const compared = { same: 0, exceptions: 0, ours: 0 }
const known = new Map<string, Promise<Seen>>()

if (absent !== undefined) test.skip(`vendors before themselves: skipped, ${absent}`, () => {})

function see(one: Recorded, ask: Ask, model: string): Promise<Seen> {
  const native = nativeOf(one)
  if (!native) throw new TypeError(`nobody asks for ${one.api}`)
  // What went on from another answer went on at that vendor.
  const { previous_response_id: _previous, ...recorded } = one.request
  const request = { ...native.least, ...(native.recorded && recorded) }
  return native.client({ ask, model, request, stream: one.stream })
}

function withoutTutti(one: Recorded): Promise<Seen> {
  const asked = known.get(one.id) ?? see(one, () => Promise.resolve(replay(one, 'whole')), 'direct')
  known.set(one.id, asked)
  return asked
}

describe.skipIf(absent !== undefined).each(SPLITS)('vendors before themselves, %s', (split) => {
  let tutti: RecordedGateway
  beforeAll(async () => {
    tutti = await startRecorded(
      cases.map((one, index) => ({ one, name: nameOf(index) })),
      split,
    )
  })
  afterAll(() => tutti.close())

  test.each(cases.map((one, index) => [one.id, one, nameOf(index)] as const))('%s', async (_id, one, name) => {
    const [direct, seen] = [await withoutTutti(one), await see(one, (request) => tutti.fetch(request), name)]
    const through = withoutCost(seen, direct)
    const exception = exceptions.get(one.id)
    if (exception) {
      compared.exceptions++
      expect(isDeepStrictEqual(through, direct), `${one.id} needs no exception any more`).toBe(false)
      checkException(exception, direct, through)
    } else if (OURS.has(direct.error?.status ?? 0)) {
      compared.ours++
      expect(through).toMatchObject({ parts: [], error: { status: 502 } })
    } else {
      compared.same++
      expect(through).toEqual(direct)
      if (!direct.error && JSON.stringify(seen.parts).includes('"usage'))
        expect(JSON.stringify(seen.parts)).toContain('"cost":')
    }
  })
})

function checkException({ why, sees, given }: NativeException, direct: Seen, through: Seen): void {
  if (sees) expect(through.error, why).toMatchObject(sees)
  else expect(through.error, why).toBeUndefined()
  const due = given === 'nothing' ? [] : direct.parts
  expect(given === 'one more' ? through.parts.slice(0, -1) : through.parts, why).toEqual(due)
}

/** Without what only tutti writes: the cost, beside tokens that have none. */
function withoutCost({ parts, final, error }: Seen, direct: Seen): Seen {
  return {
    parts: parts.map((part, index) => uncosted(part, direct.parts[index])),
    ...(final !== undefined && { final: uncosted(final, direct.final) }),
    ...(error && { error }),
  }
}

function uncosted(value: Json | undefined, like: Json | undefined): Json {
  if (Array.isArray(value))
    return value.map((own: Json, index) => uncosted(own, Array.isArray(like) ? like[index] : undefined))
  if (!isObject(value)) return value ?? null
  const own = isObject(like) ? like : {}
  return Object.fromEntries(
    Object.entries(value)
      .filter(([name, member]) => name in own || !(name === 'cost' || name === 'estimated' || isNote(member)))
      .map(([name, member]) => [name, uncosted(member, own[name])]),
  )
}

/** Usage of an answer that has none: it holds the cost alone. */
function isNote(member: Json | undefined): boolean {
  return (
    isObject(member) && 'cost' in member && Object.keys(member).every((name) => name === 'cost' || name === 'estimated')
  )
}

describe.skipIf(absent !== undefined)('what the official clients see is what anybody reads in the bytes', () => {
  const read = cases.filter(({ api, status, id }) => api in READERS && status === 200 && !exceptions.has(id))
  test.each(read.map((one) => [one.id, one] as const))('%s', async (_id, one) => {
    const { parts, final, error } = await withoutTutti(one)
    // Broken for the client too.
    if (error) return
    const reader = READERS[one.api]
    const plain = reader?.(valuesOf(one.bytes, one.kind), one.stream)
    expect(reader?.(parts.filter(isObject), one.stream)).toEqual(plain)
    if (isObject(final)) expect(reader?.([final], false)).toEqual(plain)
  })
})

test.skipIf(absent !== undefined)('every exception is of a case that is there, and every case was compared', () => {
  const ids = new Set(cases.map(({ id }) => id))
  expect(NATIVE_EXCEPTIONS.filter(({ id }) => !ids.has(id))).toEqual([])
  const asked = cases.length * SPLITS.length
  expect(compared.same + compared.exceptions + compared.ours).toBe(asked)
  reached(asked)
  process.stdout.write(
    `vendors before themselves, in ${RUNTIME}: ${cases.length} cases, ${SPLITS.length} ways to arrive, ${asked} comparisons: ` +
      `${compared.same} the same, ${compared.exceptions} listed, ${compared.ours} of 401, 402, 403\n`,
  )
})
