import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Answer, Finish, StreamPart } from '#src/core/answer.ts'
import { collect, unfold } from '#src/core/collect.ts'
import type { Citation, Part } from '#src/core/conversation.ts'
import type { CostNote, RenderContext } from '#src/core/dialect.ts'
import { arrayAt, isObject, numberAt, objectAt, parseJson, stringAt, type JsonObject } from '#src/core/json.ts'
import { parsePartial } from '../shared/partial-json.ts'
import { anthropicMessages } from './index.ts'
import { read } from './read.ts'
import { renderAnswer } from './render-answer.ts'
import { messageRenderer } from './render-stream.ts'
import { frameEvent, unfoldMessage } from './unfold.ts'

const request = read('{"model":"asked","max_tokens":9,"messages":[{}]}', { id: 'r1', tags: [], metadata: {} })
const CONTEXT: RenderContext = { request, created: 0 }
const NOTE: CostNote = { bill: { cost: 1500n, estimated: false, usage: {} } }

const whole = (answer: Answer): JsonObject => object(parseJson(renderAnswer(answer, CONTEXT)))

function object(value: unknown): JsonObject {
  if (!isObject(value)) throw new TypeError('not an object')
  return value
}

function stream(parts: readonly StreamPart[], note = NOTE): string {
  let renderer = messageRenderer(CONTEXT)
  let out = ''
  for (const part of parts) {
    const step = renderer.part(part)
    renderer = step.renderer
    out += step.out
  }
  return out + renderer.finish(note)
}

/** The events of a stream; each has the name of its type. */
function eventsOf(text: string): readonly JsonObject[] {
  expect(text.endsWith('\n\n')).toBe(true)
  return text
    .slice(0, -2)
    .split('\n\n')
    .map((block) => {
      const [name = '', data = ''] = block.split('\n')
      const value = object(parseJson(data.slice('data: '.length)))
      expect(name).toBe(`event: ${stringAt(value, 'type')}`)
      return value
    })
}

/** What the official client makes of a stream: blocks follow each other, a delta belongs to the open one. */
function accumulate(text: string): JsonObject {
  let message: JsonObject = {}
  const blocks: JsonObject[] = []
  let open: number | undefined
  let json = ''
  for (const event of eventsOf(text)) {
    const delta = objectAt(event, 'delta') ?? {}
    switch (event['type']) {
      case 'message_start':
        expect(message).toEqual({})
        message = object(event['message'])
        break
      case 'content_block_start':
        expect(open).toBeUndefined()
        expect(event['index']).toBe(blocks.length)
        open = numberAt(event, 'index')
        json = ''
        blocks.push(object(event['content_block']))
        break
      case 'content_block_delta': {
        expect(event['index']).toBe(open)
        json += stringAt(delta, 'partial_json') ?? ''
        blocks.push(grown(object(blocks.pop()), delta))
        break
      }
      case 'content_block_stop': {
        expect(event['index']).toBe(open)
        open = undefined
        if (json !== '') blocks.push({ ...blocks.pop(), input: parsePartial(json) ?? {} })
        break
      }
      case 'message_delta':
        message = { ...message, ...delta, usage: { ...objectAt(message, 'usage'), ...objectAt(event, 'usage') } }
        break
      default:
        expect(event).toEqual({ type: 'message_stop' })
    }
  }
  expect(open).toBeUndefined()
  return { ...message, content: blocks }
}

function grown(block: JsonObject, delta: JsonObject): JsonObject {
  const more = (name: string): JsonObject => ({
    ...block,
    [name]: (stringAt(block, name) ?? '') + (stringAt(delta, name) ?? ''),
  })
  switch (delta['type']) {
    case 'text_delta':
      expect(block['type']).toBe('text')
      return more('text')
    case 'thinking_delta':
      expect(block['type']).toBe('thinking')
      return more('thinking')
    case 'signature_delta':
      return { ...block, signature: delta['signature'] }
    case 'citations_delta':
      return { ...block, citations: [...(arrayAt(block, 'citations') ?? []), delta['citation'] ?? null] }
    default:
      expect(delta['type']).toBe('input_json_delta')
      return block
  }
}

/** Without what only one of the two forms can have. */
function tidy(message: JsonObject): JsonObject {
  const { usage, ...rest } = message
  const { cost: _cost, cache_creation: _creation, service_tier: _tier, ...tokens } = object(usage)
  return { ...rest, usage: tokens }
}

const signature = { vendor: 'google', value: 'sig' }
const citation: Citation = { vendor: 'openai', raw: {}, url: 'https://a.test', title: 'A', quote: 'q' }

const PART: fc.Arbitrary<Part> = fc.oneof(
  fc.record({ type: fc.constant('text' as const), text: fc.string({ unit: 'grapheme' }) }),
  fc.record({ type: fc.constant('text' as const), text: fc.string(), citations: fc.constant([citation]) }),
  fc.record({ type: fc.constant('refusal' as const), text: fc.string() }),
  fc.record({ type: fc.constant('reasoning' as const), text: fc.string() }),
  fc.record({ type: fc.constant('reasoning' as const), text: fc.string(), signature: fc.constant(signature) }),
  fc.record({
    type: fc.constant('reasoning' as const),
    summary: fc.array(fc.string({ minLength: 1 })),
    signature: fc.constant(signature),
  }),
  fc.record({
    type: fc.constant('reasoning' as const),
    redacted: fc.constant(true),
    signature: fc.constant({ vendor: 'anthropic', value: 'd' }),
  }),
  fc.record({
    type: fc.constant('tool-call' as const),
    id: fc.string(),
    name: fc.string(),
    input: fc.dictionary(fc.string(), fc.jsonValue()).map((value) => JSON.stringify(value)),
  }),
  fc.record({
    type: fc.constant('tool-call' as const),
    id: fc.string(),
    name: fc.string(),
    input: fc.string({ unit: 'grapheme' }),
    custom: fc.constant(true),
  }),
  fc.constant<Part>({
    type: 'opaque',
    vendor: 'anthropic',
    kind: 'web_search_tool_result',
    value: { type: 'web_search_tool_result', content: [] },
  }),
  fc.constant<Part>({ type: 'opaque', vendor: 'openai', kind: 'x', value: {} }),
  fc.constant<Part>({ type: 'image', source: { kind: 'data', mediaType: 'image/png', data: 'AAAA' } }),
  fc.constant<Part>({ type: 'image', source: { kind: 'url', url: 'https://a.test/b.png' } }),
  fc.constant<Part>({ type: 'audio', source: { kind: 'data', mediaType: 'audio/wav', data: 'AA' }, transcript: '말' }),
  fc.constant<Part>({ type: 'audio', source: { kind: 'data', mediaType: 'audio/wav', data: 'AA' } }),
)

const FINISH: fc.Arbitrary<Finish> = fc.constantFrom<Finish>(
  { unified: 'stop' },
  { unified: 'stop', stopSequence: 'END' },
  { unified: 'length' },
  { unified: 'tool_calls' },
  { unified: 'content_filter', raw: 'refusal', safety: { type: 'refusal', category: null } },
  { unified: 'pause' },
)

const ANSWER: fc.Arbitrary<Answer> = fc.record({
  id: fc.constant('msg_1'),
  model: fc.constant('m'),
  choices: fc.tuple(fc.record({ index: fc.constant(0), parts: fc.array(PART, { maxLength: 6 }), finish: FINISH })),
  usage: fc.constantFrom(
    { input: 12, cachedInput: 3, cacheWrite: 4, output: 5, reasoning: 2 },
    { input: 1, output: 2 },
  ),
})

/** The steps with those of parts of one choice in another order, and each delta in two. */
function interleaved(parts: readonly StreamPart[], seed: number): readonly StreamPart[] {
  const queues = new Map<number, StreamPart[]>()
  for (const part of parts) {
    if (!('index' in part)) continue
    const queue = queues.get(part.index) ?? []
    if (part.type === 'delta' && part.text.length > 1) {
      const cut = 1 + (seed % (part.text.length - 1))
      queue.push({ ...part, text: part.text.slice(0, cut) }, { ...part, text: part.text.slice(cut) })
    } else queue.push(part)
    queues.set(part.index, queue)
  }
  const out: StreamPart[] = []
  let turn = seed
  // A part begins only after those in front of it have begun, as decoders have it.
  const begun: StreamPart[][] = []
  const later = [...queues.entries()].toSorted(([a], [b]) => a - b).map(([, queue]) => queue)
  while (later.length > 0 || begun.some((queue) => queue.length > 0)) {
    turn = (Math.imul(turn, 1_103_515_245) + 12_345) >>> 1
    const next = begun.filter((queue) => queue.length > 0)
    const pick = turn % (next.length + 1)
    const queue = next[pick] ?? later.shift() ?? next[0]
    const step = queue?.shift()
    if (step) out.push(step)
    if (queue && !begun.includes(queue)) begun.push(queue)
  }
  return [
    ...parts.filter(({ type }) => type === 'start'),
    ...out,
    ...parts.filter((part) => !('index' in part) && part.type !== 'start'),
  ]
}

test('a stream adds up to the whole message, in whatever order its parts come', () => {
  fc.assert(
    fc.property(ANSWER, fc.nat(), (answer, seed) => {
      const steps = unfold(answer)
      const expected = tidy(whole(answer))
      expect(tidy(accumulate(stream(steps)))).toEqual(expected)
      const mixed = interleaved(steps, seed)
      expect(collect(mixed)).toEqual(collect(steps))
      expect(tidy(accumulate(stream(mixed)))).toEqual(expected)
    }),
  )
})

test('parts that already hold what they say are told in full', () => {
  const parts: readonly Part[] = [
    { type: 'text', text: '안녕', citations: [citation] },
    { type: 'reasoning', text: 'a', summary: ['b', 'c'], signature },
    { type: 'reasoning', redacted: true, signature: { vendor: 'anthropic', value: 'd' } },
    { type: 'tool-call', id: 'i', name: 'n', input: '{"a":1}' },
    { type: 'audio', source: { kind: 'data', mediaType: '', data: '' }, transcript: 't' },
  ]
  const steps = parts.flatMap((part, index): readonly StreamPart[] => [
    { type: 'part-start', choice: 0, index, part },
    { type: 'part-end', choice: 0, index },
  ])
  expect(accumulate(stream(steps))['content']).toEqual(
    whole({ choices: [{ index: 0, parts, finish: { unified: 'stop' } }] })['content'],
  )
})

describe('a whole message', () => {
  test('has every member that the dialect demands', () => {
    expect(whole({ choices: [] })).toEqual({
      id: 'msg_r1',
      type: 'message',
      role: 'assistant',
      model: 'asked',
      content: [],
      stop_reason: 'end_turn',
      stop_sequence: null,
      stop_details: null,
      usage: { input_tokens: 0, cache_creation_input_tokens: null, cache_read_input_tokens: null, output_tokens: 0 },
    })
  })

  test.each([
    [{ unified: 'stop', raw: 'stop' }, 'end_turn', null],
    [{ unified: 'stop', stopSequence: 'END' }, 'stop_sequence', 'END'],
    [{ unified: 'length', raw: 'length' }, 'max_tokens', null],
    [{ unified: 'length', raw: 'model_context_window_exceeded' }, 'model_context_window_exceeded', null],
    [{ unified: 'tool_calls' }, 'tool_use', null],
    [{ unified: 'content_filter', raw: 'SAFETY', safety: [{}] }, 'refusal', null],
    [{ unified: 'pause' }, 'pause_turn', null],
  ] as const)('%j ends it with %s', (finish, reason, sequence) => {
    const { stop_reason, stop_sequence } = whole({ choices: [{ index: 0, parts: [], finish }] })
    expect([stop_reason, stop_sequence]).toEqual([reason, sequence])
  })

  test('usage: what a cache gave or took stands beside the input', () => {
    const usage = { input: 100, cachedInput: 30, cacheWrite: 20, cacheWriteLong: 5, output: 9, reasoning: 4 }
    expect(whole({ choices: [], usage, serviceTier: 'default' })['usage']).toEqual({
      input_tokens: 50,
      cache_read_input_tokens: 30,
      cache_creation_input_tokens: 20,
      cache_creation: { ephemeral_5m_input_tokens: 15, ephemeral_1h_input_tokens: 5 },
      output_tokens: 9,
      output_tokens_details: { thinking_tokens: 4 },
      service_tier: 'standard',
    })
  })

  test('thoughts without a signature have an empty one, those of others carry their name', () => {
    const parts: readonly Part[] = [
      { type: 'reasoning', text: 'a' },
      { type: 'reasoning', signature },
    ]
    expect(whole({ choices: [{ index: 0, parts, finish: { unified: 'stop' } }] })['content']).toEqual([
      { type: 'thinking', thinking: 'a', signature: '' },
      { type: 'thinking', thinking: '', signature: 'tutti.google.sig' },
    ])
  })

  test('input that was cut off keeps what was whole of it', () => {
    const parts: readonly Part[] = [{ type: 'tool-call', id: 'i', name: 'n', input: '{"a":1,"b":"x' }]
    const answer: Answer = { choices: [{ index: 0, parts, finish: { unified: 'length' } }] }
    expect(whole(answer)['content']).toMatchObject([{ input: { a: 1 } }])
    expect(tidy(accumulate(stream(unfold(answer))))['content']).toEqual(whole(answer)['content'])
  })
})

describe('a stream', () => {
  test('begins with what is known of the input, and ends with the cost', () => {
    const events = eventsOf(
      stream(
        [
          { type: 'start', id: 'msg_9', model: 'm' },
          { type: 'usage', usage: { input: 7, output: 1 } },
          { type: 'part-start', choice: 0, index: 0, part: { type: 'text', text: '' } },
          { type: 'delta', choice: 0, index: 0, text: '안녕' },
          { type: 'usage', usage: { output: 3 } },
          { type: 'finish', choice: 0, finish: { unified: 'stop' } },
          { type: 'end' },
        ],
        { ...NOTE, route: { target: 'a/b', attempts: 2 } },
      ),
    )
    expect(events[0]).toMatchObject({
      message: { id: 'msg_9', model: 'm', content: [], stop_reason: null, usage: { input_tokens: 7 } },
    })
    expect(events.at(-2)).toMatchObject({
      delta: { stop_reason: 'end_turn' },
      usage: { input_tokens: 7, output_tokens: 3, cost: 0.0000015, target: 'a/b', attempts: 2 },
    })
    expect(events.at(-1)).toEqual({ type: 'message_stop' })
  })

  test('an estimate takes the place of usage that never came', () => {
    const note = { bill: { cost: 'unknown' as const, estimated: true, usage: { input: 4, output: 2 } } }
    expect(eventsOf(stream([], note)).at(-2)).toMatchObject({
      usage: { input_tokens: 4, output_tokens: 2, cost: 'unknown' },
    })
  })

  test('a part that was never ended is ended, with all that waited behind it', () => {
    const text = stream([
      { type: 'part-start', choice: 0, index: 0, part: { type: 'text', text: 'a' } },
      { type: 'part-start', choice: 0, index: 1, part: { type: 'tool-call', id: 'i', name: 'n', input: '' } },
      { type: 'delta', choice: 0, index: 1, text: '{"a":1}' },
      { type: 'part-start', choice: 1, index: 0, part: { type: 'text', text: 'another choice' } },
    ])
    expect(accumulate(text)['content']).toMatchObject([{ text: 'a' }, { input: { a: 1 } }])
  })

  test('an older renderer stays true', () => {
    const first = messageRenderer(CONTEXT).part({
      type: 'part-start',
      choice: 0,
      index: 0,
      part: { type: 'text', text: '' },
    })
    const delta: StreamPart = { type: 'delta', choice: 0, index: 0, text: 'a' }
    const once = first.renderer.part(delta)
    expect(once.renderer).toBe(first.renderer)
    first.renderer.part({ type: 'part-end', choice: 0, index: 0 })
    expect(first.renderer.part(delta).out).toBe(once.out)
  })
})

test('a whole message of an upstream as a stream', () => {
  const content = [
    { type: 'thinking', thinking: 't', signature: 's' },
    { type: 'text', text: '안녕', citations: [{ type: 'char_location' }] },
    { type: 'tool_use', id: 'i', name: 'n', input: { a: 1 } },
    { type: 'web_search_tool_result', content: [] },
  ]
  const message = {
    id: 'm',
    type: 'message',
    role: 'assistant',
    model: 'x',
    content,
    stop_reason: 'tool_use',
    stop_sequence: null,
    usage: { input_tokens: 1, output_tokens: 2 },
  }
  const text = unfoldMessage(message).map(frameEvent).join('')
  expect(accumulate(text)).toEqual(message)
  const priced = anthropicMessages.addCost(unfoldMessage(message).at(-2) ?? '', NOTE)
  expect(frameEvent(priced)).toContain('event: message_delta\n')
  expect(priced).toContain('"cost":0.0000015')
})

test('the cost stands in the usage of a message', () => {
  expect(anthropicMessages.addCost('{"a": 1,"usage":{"output_tokens":2}}', NOTE)).toBe(
    '{"a": 1,"usage":{"output_tokens":2,"cost":0.0000015}}',
  )
})
