import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import type { Adapter } from '#src/core/adapter.ts'
import { isObject } from '#src/core/json.ts'
import { reached } from '../../support/law.ts'
import { READERS } from '../../support/readers/index.ts'
import { valuesOf, type Plain } from '../../support/readers/plain.ts'
import { RUNTIME, whyNotRecorded } from '../../support/runtime.ts'
import { CALLERS, type Caller } from './callers.ts'
import { loadRecorded, type Recorded } from './cases.ts'
import type { Seen } from './clients.ts'
import { FAILURES, FIELDS, type CrossFailure } from './cross-exceptions.ts'
import { packed, same } from './cross-same.ts'
import { formOf, narrowed, OLDER, WIRES } from './forms.ts'
import { startRecorded, typeOf, type Entry, type RecordedGateway } from './gateway.ts'
import { SPLITS } from './splits.ts'

vi.setConfig({ maxConcurrency: 8 })

vi.mock('#providers/registry.ts', async (original) => {
  const [{ adapters }, { narrow }] = await Promise.all([
    original<{ adapters: ReadonlyMap<string, Adapter> }>(),
    import('./forms.ts'),
  ])
  return { adapters: narrow(adapters) }
})

/** Recorded traffic of every chat-like form through tutti's internal form to the official clients of four dialects, against what anybody reads in the bytes. */
const absent = whyNotRecorded()
const cases = absent !== undefined ? [] : loadRecorded().filter(({ api }) => api in WIRES || OLDER.has(api))
const failures = new Map(FAILURES.map((failure) => [failure.id, failure]))
/** The credential, the money and the rights are the operator's to mend. */
const OURS = new Set([401, 402, 403])
const counts = { same: 0, fields: 0, failed: 0, refused: 0 }

if (absent !== undefined) test.skip(`every form before every client: skipped, ${absent}`, () => {})

const nameOf = (index: number, { name }: Caller): string => `case-${index}-${name}`

function entriesFor(caller: Caller): readonly Entry[] {
  return cases.map((one, index) => {
    const wire = WIRES[one.api]
    const type = typeOf(one)
    return { one, name: nameOf(index, caller), type: wire === undefined ? type : narrowed(type, wire) }
  })
}

describe.skipIf(absent !== undefined).each(SPLITS)('every form, %s', (split) => {
  describe.each(CALLERS.map((caller) => [caller.name, caller] as const))('before the client of %s', (_name, caller) => {
    let tutti: RecordedGateway
    beforeAll(async () => {
      tutti = await startRecorded(entriesFor(caller), split)
    })
    afterAll(() => tutti.close())

    test.concurrent.each(cases.map((one, index) => [one.id, one, index] as const))('%s', async (_id, one, index) => {
      const seen = await caller.client({
        ask: (request) => tutti.fetch(request),
        model: nameOf(index, caller),
        request: caller.request(one.stream),
        stream: one.stream,
      })
      check(one, caller, seen)
    })
  })
})

/** Why a case gives nobody an answer; undefined: it gives one. */
function failureOf(one: Recorded): CrossFailure | undefined {
  const listed = failures.get(one.id)
  if (listed) return listed
  if (one.status !== 200)
    return { id: one.id, why: 'the upstream refused', status: OURS.has(one.status) ? 502 : one.status }
  return OLDER.has(formOf(one)) ? { id: one.id, why: 'an older form that nobody asked for', status: 502 } : undefined
}

function check(one: Recorded, caller: Caller, seen: Seen): void {
  const failure = failureOf(one)
  if (!failure) return checkAnswer(one, caller, seen)
  counts[one.status === 200 ? 'failed' : 'refused']++
  if (failure.status === 'in the stream') return checkBroken(failure, { due: plainOf(one, caller), caller, seen })
  // The class that belongs to the status that tutti documents; never an answer.
  expect(seen.parts).toEqual([])
  expect(seen.error, failure.why).toMatchObject({ status: failure.status, name: caller.classOf(failure.status) })
  expect(seen.error?.message).not.toBe('')
}

interface Broken {
  readonly due: Plain
  readonly caller: Caller
  readonly seen: Seen
}

/** An error behind all that was said before it. */
function checkBroken({ names, why }: CrossFailure, { due, caller, seen }: Broken): void {
  expect(seen.error?.name, why).toBe(names?.[caller.name] ?? caller.late)
  const got = caller.read(seen.parts.filter(isObject), true)
  expect({ text: got.text, reasoning: packed(got.reasoning) }).toEqual({
    text: due.text,
    reasoning: packed(due.reasoning),
  })
}

function plainOf(one: Recorded, caller: Caller): Plain {
  const plain = READERS[formOf(one)]?.(valuesOf(one.bytes, one.kind), one.stream)
  if (!plain) throw new TypeError(`nobody reads ${one.api}`)
  return caller.due(plain)
}

function checkAnswer(one: Recorded, caller: Caller, { parts, final, error }: Seen): void {
  expect(error).toBeUndefined()
  const due = plainOf(one, caller)
  const got = caller.read(parts.filter(isObject), one.stream)
  const estimated = JSON.stringify(parts).includes('"estimated":true')
  const fields = FIELDS.filter(({ id, callers }) => id === one.id && (callers?.includes(caller.name) ?? true))
  for (const { field, why, value } of fields) {
    expect(same(field, { due, got, estimated }), `${one.id} needs no exception of ${field} any more`).toBe(false)
    if (value !== undefined) expect(got[field], why).toEqual(value)
  }
  const listed = new Set(fields.map(({ field }) => field))
  counts[listed.size > 0 ? 'fields' : 'same']++
  for (const field of ['text', 'refusal', 'reasoning', 'calls', 'finish', 'usage'] as const)
    if (!listed.has(field) && !same(field, { due, got, estimated }))
      expect({ [field]: got[field] }).toEqual({ [field]: due[field] })
  // What the official client makes of a stream is what its events say. Chat's keeps only standard fields.
  if (!isObject(final) || !one.stream) return
  const { reasoning, ...whole } = caller.read([final], false)
  if (caller.name !== 'chat') expect(reasoning).toBe(got.reasoning)
  // Of arguments that are no JSON Anthropic's makes what it can.
  const calls = got.calls.some(({ input }) => typeof input === 'string') ? got.calls : whole.calls
  expect({ ...whole, calls, reasoning: got.reasoning }).toEqual(got)
}

test.skipIf(absent !== undefined)('every exception is of a case that is there, and every case was compared', () => {
  const ids = new Set(cases.map(({ id }) => id))
  expect([...FAILURES, ...FIELDS].filter(({ id }) => !ids.has(id))).toEqual([])
  const asked = cases.length * CALLERS.length * SPLITS.length
  const { same: equal, fields, failed, refused } = counts
  expect(equal + fields + failed + refused).toBe(asked)
  reached(asked)
  process.stdout.write(
    `every form before every client, in ${RUNTIME}: ${cases.length} cases, ${CALLERS.length} clients, ${SPLITS.length} ways to arrive, ${asked} comparisons: ` +
      `${equal} the same, ${fields} with a listed field, ${failed} listed failures, ${refused} refusals of upstreams\n`,
  )
})
