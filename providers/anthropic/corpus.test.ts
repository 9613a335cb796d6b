import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { collect } from '#src/core/collect.ts'
import type { Choice, StreamPart } from '#src/core/answer.ts'
import { arrayAt, isObject, numberAt, objectAt, parseJson, stringAt, type JsonObject } from '#src/core/json.ts'
import { utf8Length } from '#src/core/measure.ts'
import { endFrames, readFrames, startFrames } from '#src/transport/framing.ts'
import { SHARED } from '../../test/support/require.ts'
import { messagesCodec } from './codec.ts'
import { convertUsage } from './convert-usage.ts'
import { decodeError } from './map-error.ts'
import { observe } from './observe.ts'

const CORPUS = join(SHARED, 'corpus')
const here = existsSync(join(CORPUS, 'index.json'))

interface Case {
  readonly id: string
  readonly file: string
  readonly stream: boolean
  readonly status: number
}

const cases = here ? load() : []

/** Two answers in one stream: Anthropic's own client refuses it too. */
const MALFORMED = 'anthropic/messages-duplicate-message-start-stream'
/** An error in the place of an answer. */
const REFUSED = 'anthropic/messages-stream-first-event-error'

function load(): readonly Case[] {
  const rows = parseJson(readFileSync(join(CORPUS, 'index.json'), 'utf8'))
  if (!Array.isArray(rows)) return []
  return rows.filter(isObject).flatMap((row) => {
    if (row['api'] !== 'anthropic.messages') return []
    const [id, file] = [stringAt(row, 'id') ?? '', stringAt(row, 'file') ?? '']
    return [{ id, file, stream: row['stream'] === true, status: numberAt(row, 'status') ?? 0 }]
  })
}

const bytesOf = ({ file }: Case): Uint8Array => readFileSync(join(CORPUS, file))
const jsonOf = (one: Case): JsonObject => {
  const value = parseJson(new TextDecoder().decode(bytesOf(one)))
  return isObject(value) ? value : {}
}

test.skipIf(!here)(
  'recorded traffic (../shared/corpus beside the project) has the cases that this file speaks of',
  () => {
    expect(cases.length).toBeGreaterThanOrEqual(49)
    expect(cases.map(({ id }) => id)).toEqual(expect.arrayContaining([MALFORMED, REFUSED]))
  },
)

/** The steps of a body that arrives in these chunks. */
function decode(chunks: Iterable<Uint8Array>): readonly StreamPart[] {
  let frames = startFrames('sse')
  let decoder = messagesCodec.decoder('x')
  const parts: StreamPart[] = []
  const take = (events: ReturnType<typeof endFrames>['events']): void => {
    for (const event of events) {
      const step = decoder.event(event)
      decoder = step.decoder
      parts.push(...step.parts)
    }
  }
  for (const chunk of chunks) {
    const read = readFrames(frames, chunk)
    frames = read.state
    take(read.events)
  }
  take(endFrames(frames).events)
  return [...parts, ...decoder.end()]
}

function* pieces(bytes: Uint8Array, size: number): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.slice(at, at + size)
}

const events = (one: Case): readonly JsonObject[] =>
  new TextDecoder()
    .decode(bytesOf(one))
    .split('\n')
    .flatMap((line) => {
      const value = line.startsWith('data:') ? parseJson(line.slice('data:'.length)) : undefined
      return isObject(value) ? [value] : []
    })

/** The message that a client makes of the events, as the vendor documents it. */
function accumulated(one: Case): JsonObject {
  let message: JsonObject = {}
  const blocks: Record<string, unknown>[] = []
  const json = new Map<Record<string, unknown>, string>()
  for (const event of events(one)) {
    const block = blocks[numberAt(event, 'index') ?? -1]
    const delta = objectAt(event, 'delta') ?? {}
    if (event['type'] === 'message_start') message = objectAt(event, 'message') ?? {}
    if (event['type'] === 'content_block_start') blocks.push({ ...objectAt(event, 'content_block') })
    if (event['type'] === 'message_delta') {
      const usage = { ...objectAt(message, 'usage'), ...objectAt(event, 'usage') }
      message = { ...message, ...delta, usage }
    }
    if (event['type'] !== 'content_block_delta' || !block) continue
    for (const name of ['text', 'thinking', 'signature', 'content']) {
      if (name in delta)
        block[name] = `${typeof block[name] === 'string' ? block[name] : ''}${stringAt(delta, name) ?? ''}`
    }
    if ('citation' in delta)
      block['citations'] = [...(Array.isArray(block['citations']) ? block['citations'] : []), delta['citation']]
    json.set(block, (json.get(block) ?? '') + (stringAt(delta, 'partial_json') ?? ''))
  }
  for (const [block, text] of json)
    if ('input' in block && text !== '') block['input'] = parseJson(text) ?? { cut: text }
  const content = parseJson(JSON.stringify(blocks)) ?? []
  return { ...message, content }
}

/** Inputs of calls without the spaces that the model put between their members. */
function compact(choice: Choice): Choice {
  const input = (text: string): string => JSON.stringify(parseJson(text))
  return {
    ...choice,
    parts: choice.parts.map((part) => (part.type === 'tool-call' ? { ...part, input: input(part.input) } : part)),
  }
}

const answered = cases.filter(({ id, status }) => status === 200 && id !== MALFORMED && id !== REFUSED)
const streams = answered.filter(({ stream }) => stream)

/** A cut call keeps its text, which is no JSON. */
const CUT = 'anthropic/messages-incomplete-partial-json-response-stream-2'

describe.skipIf(!here)('streams', () => {
  test.each(streams.map((one) => [one.id, one] as const))('%s is the message that it adds up to', (id, one) => {
    const parts = decode([bytesOf(one)])
    expect(parts.filter(({ type }) => type === 'failure')).toEqual([])
    expect(parts.at(-1)).toEqual({ type: 'end' })
    const answer = collect(parts)
    const whole = messagesCodec.decode(accumulated(one), 'x').answer
    if (id === CUT) {
      expect(answer.choices[0]?.parts.at(-1)).toMatchObject({
        name: 'make_file',
        input: expect.stringContaining('taxes.txt'),
      })
      return
    }
    expect({ ...answer, choices: answer.choices.map(compact), rest: {} }).toEqual({ ...whole, rest: {} })
  })

  test.each(streams.map((one) => [one.id, one] as const))('%s is the same however it arrives', (_id, one) => {
    const bytes = bytesOf(one)
    const whole = decode([bytes])
    // Every byte by itself, and sizes that cut in the middle of letters.
    for (const size of bytes.length < 20_000 ? [1, 7, 64, 1000] : [61, 1021])
      expect(decode(pieces(bytes, size))).toEqual(whole)
    const lines = new TextEncoder().encode(new TextDecoder().decode(bytes).replaceAll('\n', '\r\n'))
    expect(decode([lines])).toEqual(whole)
  })

  test('what is malformed or refused is a failure', () => {
    const failures = (id: string) =>
      cases
        .filter((one) => one.id === id)
        .flatMap((one) =>
          decode([bytesOf(one)]).flatMap((part) => (part.type === 'failure' ? [part.failure.failure.status] : [])),
        )
    expect(failures(MALFORMED)).toEqual([502])
    expect(failures(REFUSED)).toEqual([529])
  })
})

describe.skipIf(!here)('whole messages', () => {
  const whole = answered.filter(({ stream }) => !stream)
  test.each(whole.map((one) => [one.id, one] as const))('%s keeps every block', (_id, one) => {
    const message = jsonOf(one)
    const { answer } = messagesCodec.decode(message, 'x')
    const [choice] = answer?.choices ?? []
    const content = arrayAt(message, 'content') ?? []
    expect(choice?.parts).toHaveLength(content.length)
    expect(choice?.finish.raw).toBe(message['stop_reason'])
    for (const [at, part] of (choice?.parts ?? []).entries()) {
      const block = content[at]
      if (part.type === 'text') expect(part.text).toBe(stringAt(block, 'text'))
      if (part.type === 'tool-call') expect(parseJson(part.input)).toEqual(objectAt(block, 'input'))
      if (part.type === 'opaque') expect(part.value).toEqual(block)
    }
    expect(answer?.usage).toEqual(convertUsage(objectAt(message, 'usage') ?? {}))
  })
})

describe.skipIf(!here)('in the same dialect', () => {
  test.each(answered.map((one) => [one.id, one] as const))('%s is observed as what it is', (_id, one) => {
    const seen = one.stream
      ? events(one).map((value) => observe(value, { stream: true }))
      : [observe(jsonOf(one), { stream: false })]
    const message = one.stream ? accumulated(one) : jsonOf(one)
    const content = arrayAt(message, 'content') ?? []
    expect(seen.filter(({ failure }) => failure)).toEqual([])
    const stopped = stringAt(message, 'stop_reason') === 'stop_sequence'
    expect(seen.some(({ content: has }) => has)).toBe(
      stopped || content.some((block) => stringAt(block, 'text') !== ''),
    )
    expect(seen.flatMap(({ finished }) => finished)).toEqual([0])
    if (one.stream) expect(seen.at(-1)?.done).toBe(true)
    const { usage } = seen.reduce((before, now) => ({ ...now, usage: { ...before.usage, ...now.usage } }))
    expect(usage).toEqual(convertUsage(objectAt(message, 'usage') ?? {}))
    const texts = content.map((block) => stringAt(block, 'text') ?? '').join('')
    expect(seen.reduce((sum, { generatedBytes }) => sum + generatedBytes, 0)).toBeGreaterThanOrEqual(utf8Length(texts))
  })
})

describe.skipIf(!here)('refusals', () => {
  test.each(cases.filter(({ status }) => status >= 400).map((one) => [one.id, one] as const))('%s', (_id, one) => {
    const { failure } = decodeError({ status: one.status, headers: {} }, JSON.stringify(jsonOf(one)))
    const ours = one.status === 401
    expect(failure.status).toBe(ours ? 502 : one.status)
    if (!ours) expect(failure.message).toBe(stringAt(objectAt(jsonOf(one), 'error'), 'message'))
  })
})
