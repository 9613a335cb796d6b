import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { Answer, StreamPart } from '#src/core/answer.ts'
import { collect } from '#src/core/collect.ts'
import {
  arrayAt,
  isObject,
  numberAt,
  objectAt,
  parseJson,
  stringAt,
  type Json,
  type JsonObject,
} from '#src/core/json.ts'
import { endSse, initialSse, readSse } from '#src/transport/sse.ts'
import { geminiCodec } from '#providers/google-gemini/codec.ts'
import { gemini } from '#providers/google-gemini/index.ts'
import { decodeSteps } from '../support/answers.ts'
import { corpusAbsent, SHARED } from '../support/require.ts'

/** Recorded traffic of Gemini, at both of its hosts: observed as it came, and decoded over every split. */
const absent = corpusAbsent()

interface Case {
  readonly id: string
  readonly kind: string
  readonly status: number
  readonly text: string
  readonly features: ReadonlySet<Json>
}

const fileOf = (name: string): string => readFileSync(join(SHARED, 'corpus', name), 'utf8')

function load(): readonly Case[] {
  const rows = parseJson(fileOf('index.json'))
  if (!Array.isArray(rows)) return []
  return rows.filter(isObject).flatMap((row) => {
    const api = stringAt(row, 'api') ?? ''
    if (api !== 'gemini.generate' && api !== 'gemini.stream') return []
    const [id, file] = [stringAt(row, 'id') ?? '', stringAt(row, 'file') ?? '']
    const features = new Set(arrayAt(parseJson(fileOf(`${id}.meta.json`)), 'features') ?? [])
    return [
      { id, kind: stringAt(row, 'kind') ?? '', status: numberAt(row, 'status') ?? 0, text: fileOf(file), features },
    ]
  })
}

const cases = absent ? [] : load()
const answers = cases.filter(({ status }) => status === 200)
const wholes = answers.filter(({ kind }) => kind === 'json')
const streams = answers.filter(({ kind }) => kind === 'sse')
const refusals = cases.filter(({ status }) => status !== 200)

/** Recorded from other paths of the same hosts: no answers of `generateContent`. */
const OTHER_SHAPE = new Set([
  'gemini/generate-no-candidates',
  'vertex/unary-failure-generate-images-all-filtered',
  'vertex/unary-failure-generate-images-base64-some-filtered',
  'vertex/unary-failure-generate-images-gcs-some-filtered',
  'vertex/unary-failure-invalid-response',
])
/** Answers without anything in them. */
const NOTHING = new Set([
  'gemini/generate-candidate-no-content-fin-no-image',
  'gemini/generate-candidate-no-content-fin-other',
  'vertex/unary-failure-malformed-content',
])
/** An error that stands in the stream as bare JSON, behind two events that say STOP. */
const BARE_ERROR = 'vertex/streaming-failure-error-mid-stream'

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text)
const named = (some: readonly Case[]) => some.map((one) => [one.id, one] as const)

test.skipIf(absent)('recorded traffic (../shared/corpus beside the project) is there', () => {
  expect(cases.length).toBe(82)
})

/** What anybody reads in the bytes. */
function plainly(values: readonly JsonObject[]) {
  const plain = {
    text: '',
    thoughts: '',
    calls: [] as string[],
    finish: '',
    usage: undefined as JsonObject | undefined,
  }
  for (const value of values) {
    plain.usage = objectAt(value, 'usageMetadata') ?? plain.usage
    for (const candidate of arrayAt(value, 'candidates') ?? []) {
      plain.finish = stringAt(candidate, 'finishReason') ?? plain.finish
      for (const part of arrayAt(objectAt(candidate, 'content'), 'parts') ?? []) {
        const own = isObject(part) ? part : {}
        if (own['thought'] === true) plain.thoughts += stringAt(own, 'text') ?? ''
        else plain.text += stringAt(own, 'text') ?? ''
        const name = stringAt(objectAt(own, 'functionCall'), 'name')
        if (name !== undefined) plain.calls.push(name)
      }
    }
  }
  return plain
}

function valuesOf({ kind, text }: Case): readonly JsonObject[] {
  if (kind === 'json') return [parseJson(text)].filter(isObject)
  return text.split('\n').flatMap((line) => {
    const value = line.startsWith('data:') ? parseJson(line.slice(5)) : undefined
    return isObject(value) ? [value] : []
  })
}

function said(answer: Answer) {
  const parts = answer.choices.flatMap((choice) => choice.parts)
  return {
    text: parts.map((part) => (part.type === 'text' ? part.text : '')).join(''),
    thoughts: parts.map((part) => (part.type === 'reasoning' ? (part.text ?? '') : '')).join(''),
    calls: parts.flatMap((part) => (part.type === 'tool-call' ? [part.name] : [])),
  }
}

function expectSame(one: Case, answer: Answer): void {
  const plain = plainly(valuesOf(one))
  const { text, thoughts, calls } = plain
  expect(said(answer)).toEqual({ text, thoughts, calls })
  const [choice] = answer.choices
  if (plain.finish !== '') expect(choice?.finish.raw).toBe(plain.finish)
  if (plain.finish === 'STOP') expect(choice?.finish.unified).toBe(calls.length > 0 ? 'tool_calls' : 'stop')
  const prompt = numberAt(plain.usage, 'promptTokenCount')
  if (prompt !== undefined) {
    expect(answer.usage?.input).toBe(prompt + (numberAt(plain.usage, 'toolUsePromptTokenCount') ?? 0))
    const thought = numberAt(plain.usage, 'thoughtsTokenCount') ?? 0
    const candidates = numberAt(plain.usage, 'candidatesTokenCount')
    if (candidates !== undefined) expect(answer.usage?.output).toBe(candidates + thought)
  }
  expectFeatures(one, answer)
}

function expectFeatures({ features }: Case, answer: Answer): void {
  const parts = answer.choices.flatMap((choice) => choice.parts)
  const calls = parts.flatMap((part) => (part.type === 'tool-call' ? [part] : []))
  const kinds = parts.map((part) => (part.type === 'opaque' ? part.kind : part.type))
  if (features.has('functionCall')) expect(calls.length).toBeGreaterThan(0)
  if (features.has('thoughtSignature'))
    expect(
      parts.some((part) => 'signature' in part || (part.type === 'opaque' && 'thoughtSignature' in part.value)),
    ).toBe(true)
  if (features.has('executableCode')) expect(kinds).toContain('executableCode')
  if (features.has('codeExecutionResult')) expect(kinds).toContain('codeExecutionResult')
  if (features.has('inlineData')) expect(kinds.some((kind) => kind === 'image' || kind === 'audio')).toBe(true)
  if (features.has('thought')) expect(kinds).toContain('reasoning')
  if (features.has('cached-tokens')) expect(answer.usage?.cachedInput).toBeGreaterThan(0)
  if (features.has('thoughts-tokens')) expect(answer.usage?.reasoning).toBeGreaterThan(0)
  for (const { input, id } of calls) {
    expect(isObject(parseJson(input))).toBe(true)
    expect(id).not.toBe('')
  }
  expect(new Set(calls.map(({ id }) => id)).size).toBe(calls.length)
}

describe.skipIf(absent)('whole answers', () => {
  test.each(named(wholes))('%s', (id, one) => {
    const [value = {}] = valuesOf(one)
    const seen = gemini.observe(value, { endpoint: 'geminiGenerate', stream: false })
    const { answer, failure } = geminiCodec.decode(value, 'case')
    if (OTHER_SHAPE.has(id) || NOTHING.has(id)) {
      expect(failure?.failure).toMatchObject({ status: 502 })
      expect(seen.content).toBe(false)
      return
    }
    if (!answer) throw new Error(failure?.failure.message)
    expect(seen.failure).toBeUndefined()
    expect(seen.usage).toEqual(answer.usage)
    expect(seen.finish ?? 'stop').toBe(answer.choices[0]?.finish.unified)
    expectSame(one, answer)
  })
})

const bare = (one: Case): string =>
  one.id === BARE_ERROR ? one.text.slice(0, one.text.indexOf('{\n  "error"')) : one.text

describe.skipIf(absent)('streams', () => {
  test.each(named(streams))('%s', (_id, one) => {
    const answer = collect(decodeSteps(geminiCodec, [bytesOf(bare(one))]))
    expectSame(one, answer)
    const seen = valuesOf(one).map((value) => gemini.observe(value, { endpoint: 'geminiGenerate', stream: true }))
    expect(seen.filter(({ failure }) => failure !== undefined)).toEqual([])
    expect(seen.flatMap(({ usage }) => usage ?? []).at(-1)).toEqual(answer.usage)
    expect(seen.some(({ finished }) => finished.includes(0))).toBe(true)
  })

  test.each(named(streams))('%s is the same over every split', (_id, one) => {
    const bytes = bytesOf(one.text)
    const whole = decodeSteps(geminiCodec, [bytes])
    const step = Math.max(1, Math.floor(bytes.length / 300))
    for (let at = 0; at <= bytes.length; at += step)
      expect(decodeSteps(geminiCodec, [bytes.subarray(0, at), bytes.subarray(at)])).toEqual(whole)
    expect(
      decodeSteps(geminiCodec, bytes.length < 6000 ? [...bytes].map((byte) => Uint8Array.of(byte)) : [bytes]),
    ).toEqual(whole)
    expect(decodeSteps(geminiCodec, [bytesOf(one.text.replaceAll('\r\n', '\n'))])).toEqual(whole)
  })

  test.each(named(streams))('%s, cut at an event, never ends by itself before its reason came', (_id, one) => {
    let decoder = geminiCodec.decoder('case')
    let reason = false
    const read = readSse(initialSse, bytesOf(bare(one)))
    for (const event of [...read.events, ...endSse(read.state)]) {
      decoder = decoder.event(event).decoder
      reason ||= ['"finishReason"', '"blockReason"'].some((word) => event.data?.includes(word))
      expect(decoder.end().some(({ type }: StreamPart) => type === 'finish')).toBe(reason)
    }
  })

  test('an error that is no event is a failure', () => {
    const one = streams.find(({ id }) => id === BARE_ERROR)
    const failures = decodeSteps(geminiCodec, [bytesOf(one?.text ?? '')]).filter(({ type }) => type === 'failure')
    expect(failures).toMatchObject([{ failure: { failure: { message: 'The operation was cancelled.' } } }])
  })
})

describe.skipIf(absent)('refusals', () => {
  test.each(named(refusals))('%s', (id, one) => {
    const { failure, retry } = gemini.decodeError({ status: one.status, headers: {} }, one.text)
    const ours = one.status === 403 || one.text.includes('API_KEY_INVALID')
    expect(failure.status).toBe(ours ? 502 : one.status)
    expect(failure.upstreamStatus).toBe(one.status)
    expect(JSON.stringify(failure)).not.toContain('DebugInfo')
    const [word] = [...one.features].flatMap((feature) =>
      typeof feature === 'string' && feature.startsWith('err:') ? [feature.slice(4)] : [],
    )
    if (!ours && word !== undefined) expect(failure.code).toBe(word)
    const patient = one.status === 429 || one.status >= 500
    expect(retry).toBe(patient ? 'same' : one.status === 400 && !ours && !id.includes('precondition') ? 'no' : 'next')
  })
})
