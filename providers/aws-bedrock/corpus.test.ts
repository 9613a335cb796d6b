import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { Answer, StreamPart } from '#src/core/answer.ts'
import type { StreamDecoder } from '#src/core/codec.ts'
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
import { endFrames, readFrames, startFrames, type FrameState } from '#src/transport/framing.ts'
import { corpusAbsent, SHARED } from '../../test/support/require.ts'
import { converseCodec } from './codec.ts'
import { decodeError } from './map-error.ts'

interface Case {
  readonly id: string
  readonly status: number
  readonly stream: boolean
  readonly features: readonly string[]
  readonly headers: Readonly<Record<string, string>>
  readonly bytes: Uint8Array
}

const CORPUS = join(SHARED, 'corpus')
const absent = corpusAbsent()
const cases = absent ? [] : loadCases()

function loadCases(): readonly Case[] {
  if (!existsSync(join(CORPUS, 'index.json'))) return []
  const rows = parseJson(readFileSync(join(CORPUS, 'index.json'), 'utf8'))
  if (!Array.isArray(rows)) return []
  return rows.filter(isObject).flatMap((row) => {
    const api = stringAt(row, 'api') ?? ''
    if (!api.startsWith('bedrock.converse')) return []
    const id = stringAt(row, 'id') ?? ''
    const meta = parseJson(readFileSync(join(CORPUS, `${id}.meta.json`), 'utf8'))
    const headers = Object.entries(objectAt(meta, 'response_headers') ?? {})
    return {
      id,
      status: numberAt(row, 'status') ?? 0,
      stream: row['stream'] === true,
      features: (arrayAt(meta, 'features') ?? []).map(String),
      headers: Object.fromEntries(headers.map(([name, value]) => [name, String(value)])),
      bytes: readFileSync(join(CORPUS, stringAt(row, 'file') ?? '')),
    }
  })
}

/** Everything that a stream of these chunks leads to. */
function decodeStream(chunks: readonly Uint8Array[]): StreamPart[] {
  let frames: FrameState = startFrames('event-stream')
  let decoder: StreamDecoder = converseCodec.decoder('x')
  const parts: StreamPart[] = []
  for (const chunk of chunks) {
    const read = readFrames(frames, chunk)
    frames = read.state
    expect(read.failure).toBeUndefined()
    for (const event of read.events) {
      const step = decoder.event(event)
      decoder = step.decoder
      parts.push(...step.parts)
    }
  }
  expect(endFrames(frames).failure).toBeUndefined()
  return [...parts, ...decoder.end()]
}

/** The payloads, found without the reader: each is a JSON object behind the word `event`. */
function payloadsOf(bytes: Uint8Array): readonly JsonObject[] {
  const payloads: JsonObject[] = []
  for (let at = 0; at < bytes.length;) {
    const view = new DataView(bytes.buffer, bytes.byteOffset + at)
    const [size, headers] = [view.getUint32(0), view.getUint32(4)]
    const text = new TextDecoder().decode(bytes.subarray(at + 12 + headers, at + size - 4))
    const value = parseJson(text)
    if (isObject(value)) payloads.push(value)
    at += size
  }
  return payloads
}

const textOf = ({ choices }: Answer): string =>
  (choices[0]?.parts ?? []).map((part) => (part.type === 'text' ? part.text : '')).join('')
const joinTexts = (blocks: readonly Json[]): string => blocks.map((block) => stringAt(block, 'text') ?? '').join('')

/** Against what the sidecar lists. */
function agrees(answer: Answer, { features }: Case): void {
  const [choice] = answer.choices
  const stop = features.find((feature) => feature.startsWith('stop:'))?.slice('stop:'.length)
  expect(choice?.finish.raw).toBe(stop)
  expect(choice?.parts.some(({ type }) => type === 'tool-call') ?? false).toBe(features.includes('toolUse'))
  const redacted = features.some((feature) => feature.includes('redactedContent'))
  expect(choice?.parts.some((part) => part.type === 'reasoning' && part.redacted === true) ?? false).toBe(redacted)
  for (const part of choice?.parts ?? []) {
    expect(part.type).not.toBe('opaque')
    if (part.type === 'tool-call') expect(isObject(parseJson(part.input))).toBe(true)
  }
  expect(answer.usage?.input).toBeGreaterThan(0)
  expect(answer.usage?.output).toBeGreaterThan(0)
}

const whole = cases.filter(({ stream, status }) => !stream && status === 200)
const streams = cases.filter(({ stream }) => stream)
const errors = cases.filter(({ status }) => status >= 400)

describe.skipIf(absent)('recorded traffic of Converse', () => {
  test('is all there', () => {
    expect([whole.length, streams.length, errors.length]).toEqual([3, 4, 4])
  })

  test.each(whole)('$id', (one) => {
    const value = parseJson(new TextDecoder().decode(one.bytes))
    if (!isObject(value)) throw new Error('no object')
    const { answer } = converseCodec.decode(value, 'x')
    if (!answer) throw new Error('no answer')
    agrees(answer, one)
    const content = arrayAt(objectAt(objectAt(value, 'output'), 'message'), 'content') ?? []
    expect(textOf(answer)).toBe(joinTexts(content))
    const total = numberAt(objectAt(value, 'usage'), 'totalTokens')
    expect((answer.usage?.input ?? 0) + (answer.usage?.output ?? 0)).toBe(total)
  })

  test.each(streams)('$id, over every split', (one) => {
    const parts = decodeStream([one.bytes])
    const answer = collect(parts)
    agrees(answer, one)
    const deltas = payloadsOf(one.bytes).map((payload) => objectAt(payload, 'delta') ?? {})
    expect(textOf(answer)).toBe(joinTexts(deltas))
    expect(parts.map(({ type }) => type).slice(-1)).toEqual(['end'])
    expect(parts.filter(({ type }) => type === 'finish' || type === 'end')).toHaveLength(2)
    const expected = JSON.stringify(parts)
    for (let at = 1; at < one.bytes.length; at++) {
      const split = decodeStream([one.bytes.subarray(0, at), one.bytes.subarray(at)])
      if (JSON.stringify(split) !== expected) throw new Error(`split at ${at} changes the answer`)
    }
    expect(JSON.stringify(decodeStream(Array.from(one.bytes, (byte) => Uint8Array.of(byte))))).toBe(expected)
  })

  test.each(streams)('$id, cut anywhere, has no proper end', ({ bytes }) => {
    let frames: FrameState = startFrames('event-stream')
    let decoder: StreamDecoder = converseCodec.decoder('x')
    for (const byte of bytes.subarray(0, -1)) {
      const read = readFrames(frames, Uint8Array.of(byte))
      frames = read.state
      const steps = read.events.map((event) => {
        const step = decoder.event(event)
        decoder = step.decoder
        return step.parts
      })
      expect([...steps.flat(), ...decoder.end()].some(({ type }) => type === 'end' || type === 'failure')).toBe(false)
    }
  })

  test.each(errors)('$id', ({ status, headers, bytes }) => {
    const { failure, retry } = decodeError({ status, headers }, new TextDecoder().decode(bytes))
    if (status === 403) {
      expect({ status: failure.status, upstream: failure.upstreamStatus, retry }).toEqual({
        status: 502,
        upstream: 403,
        retry: 'next',
      })
      return
    }
    const value = parseJson(new TextDecoder().decode(bytes))
    expect(failure).toMatchObject({ status: 400, message: stringAt(value, 'message'), type: 'invalid_request_error' })
    const unknown = failure.message === 'The provided model identifier is invalid.'
    expect({ code: failure.code, retry }).toEqual(
      unknown ? { code: 'model_not_found', retry: 'next' } : { code: null, retry: 'no' },
    )
  })
})
