import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { StreamPart } from '#src/core/answer.ts'
import type { StreamDecoder } from '#src/core/codec.ts'
import { collect } from '#src/core/collect.ts'
import type { Json, JsonObject } from '#src/core/json.ts'
import type { WireEvent } from '#src/core/wire-event.ts'
import { converseCodec } from './codec.ts'
import { convertUsage } from './convert-usage.ts'

const SIGNATURE = { vendor: 'aws-bedrock', value: 'sig' }
const bytes = new Uint8Array()

/** Events as the reader of frames gives them: `[name, payload]`. */
function events(list: readonly (readonly [name: string, payload: Json])[]): readonly WireEvent[] {
  return list.map(([name, payload]) => ({ bytes, name, data: JSON.stringify(payload), comment: false }))
}

function run(list: readonly WireEvent[]): StreamPart[] {
  let decoder: StreamDecoder = converseCodec.decoder('x')
  const parts: StreamPart[] = []
  for (const event of list) {
    const step = decoder.event(event)
    decoder = step.decoder
    parts.push(...step.parts)
  }
  return [...parts, ...decoder.end()]
}

const start = (at: number, block: Json): readonly [string, Json] => [
  'contentBlockStart',
  { contentBlockIndex: at, start: block, p: 'abc' },
]
const delta = (at: number, block: Json): readonly [string, Json] => [
  'contentBlockDelta',
  { contentBlockIndex: at, delta: block, p: 'a' },
]
const stop = (at: number): readonly [string, Json] => ['contentBlockStop', { contentBlockIndex: at, p: '' }]
const USAGE = { inputTokens: 10, outputTokens: 4, totalTokens: 21, cacheReadInputTokens: 7 }
const METADATA = {
  usage: USAGE,
  metrics: { latencyMs: 5 },
  serviceTier: { type: 'flex' },
  performanceConfig: { latency: 'standard' },
}
const ending = (stopReason: string, more: JsonObject = {}): readonly (readonly [string, Json])[] => [
  ['messageStop', { stopReason, p: 'abc', ...more }],
  ['metadata', { ...METADATA, p: 'abcdef' }],
]

const CITATION = {
  title: 't',
  sourceContent: [{ text: 'quoted' }],
  location: { web: { url: 'https://x', domain: 'x' } },
}

/** The same answer, whole. */
const WHOLE: JsonObject = {
  output: {
    message: {
      role: 'assistant',
      content: [
        { reasoningContent: { reasoningText: { text: '생각 🙂', signature: 'sig' } } },
        { reasoningContent: { redactedContent: 'AAAA' } },
        { text: '안녕' },
        { citationsContent: { content: [{ text: 'ci' }, { text: 'ted' }], citations: [CITATION] } },
        { toolUse: { toolUseId: 't1', name: 'f', input: { a: [1] }, type: 'tool_use' } },
        { toolUse: { toolUseId: 't2', name: 'g', input: {} } },
        { toolUse: { toolUseId: 's1', name: 'search', input: { q: 'x' }, type: 'server_tool_use' } },
        {
          toolResult: {
            toolUseId: 's1',
            type: 'search_result',
            status: 'success',
            content: [{ text: 'r' }, { json: { b: 1 } }],
          },
        },
        { image: { format: 'png', source: { bytes: 'QUJD' } } },
      ],
    },
  },
  stopReason: 'tool_use',
  additionalModelResponseFields: { delta: { stop_sequence: null } },
  ...METADATA,
}

const STREAM = events([
  ['messageStart', { role: 'assistant', p: 'abcd' }],
  delta(0, { reasoningContent: { text: '생각' } }),
  delta(0, { reasoningContent: { text: ' 🙂' } }),
  delta(0, { reasoningContent: { signature: 'sig' } }),
  stop(0),
  delta(1, { reasoningContent: { redactedContent: 'AAAA' } }),
  stop(1),
  delta(2, { text: '안' }),
  delta(2, { text: '' }),
  delta(2, { text: '녕' }),
  stop(2),
  delta(3, { citation: CITATION }),
  delta(3, { text: 'ci' }),
  delta(3, { text: 'ted' }),
  stop(3),
  start(4, { toolUse: { toolUseId: 't1', name: 'f' } }),
  start(5, { toolUse: { toolUseId: 't2', name: 'g' } }),
  delta(4, { toolUse: { input: '{"a":' } }),
  delta(5, { toolUse: { input: '' } }),
  delta(4, { toolUse: { input: '[1]}' } }),
  stop(4),
  stop(5),
  start(6, { toolUse: { toolUseId: 's1', name: 'search', type: 'server_tool_use' } }),
  delta(6, { toolUse: { input: '{"q":' } }),
  delta(6, { toolUse: { input: '"x"}' } }),
  stop(6),
  start(7, { toolResult: { toolUseId: 's1', type: 'search_result', status: 'success' } }),
  delta(7, { toolResult: [{ text: 'r' }, { json: { b: 1 } }] }),
  stop(7),
  start(8, { image: { format: 'png' } }),
  delta(8, { image: { source: { bytes: 'QUJD' } } }),
  stop(8),
  ['somethingNew', { a: 1 }],
  ...ending('tool_use', { additionalModelResponseFields: { delta: { stop_sequence: null } } }),
])

describe('an answer', () => {
  test('of every kind of content', () => {
    const { answer } = converseCodec.decode(WHOLE, 'x')
    expect(answer).toEqual({
      choices: [
        {
          index: 0,
          parts: [
            { type: 'reasoning', text: '생각 🙂', signature: SIGNATURE },
            { type: 'reasoning', redacted: true, signature: { vendor: 'aws-bedrock', value: 'AAAA' } },
            { type: 'text', text: '안녕' },
            {
              type: 'text',
              text: 'cited',
              citations: [{ url: 'https://x', title: 't', quote: 'quoted', vendor: 'aws-bedrock', raw: CITATION }],
            },
            { type: 'tool-call', id: 't1', name: 'f', input: '{"a":[1]}' },
            { type: 'tool-call', id: 't2', name: 'g', input: '{}' },
            {
              type: 'opaque',
              vendor: 'aws-bedrock',
              kind: 'toolUse',
              value: { toolUse: { toolUseId: 's1', name: 'search', input: { q: 'x' }, type: 'server_tool_use' } },
            },
            {
              type: 'opaque',
              vendor: 'aws-bedrock',
              kind: 'toolResult',
              value: {
                toolResult: {
                  toolUseId: 's1',
                  type: 'search_result',
                  status: 'success',
                  content: [{ text: 'r' }, { json: { b: 1 } }],
                },
              },
            },
            { type: 'image', source: { kind: 'data', mediaType: 'image/png', data: 'QUJD' } },
          ],
          finish: { unified: 'tool_calls', raw: 'tool_use' },
        },
      ],
      usage: { input: 17, cachedInput: 7, output: 4, serviceTier: 'flex' },
      serviceTier: 'flex',
      rest: { metrics: { latencyMs: 5 }, performanceConfig: { latency: 'standard' } },
    })
  })

  test('streamed amounts to the same', () => {
    const parts = run(STREAM)
    expect(collect(parts)).toEqual(converseCodec.decode(WHOLE, 'x').answer)
    expect(parts.at(-1)).toEqual({ type: 'end' })
  })

  test('parts are started once, count up, grow while they are open and end once', () => {
    const open = new Set<number>()
    let next = 0
    for (const part of run(STREAM)) {
      if (part.type === 'part-start') {
        expect(part.index).toBe(next++)
        open.add(part.index)
      } else if ('index' in part) {
        expect(open.has(part.index)).toBe(true)
        if (part.type === 'part-end') open.delete(part.index)
      }
    }
    expect(open.size).toBe(0)
    expect(next).toBe(9)
  })

  test.each([
    ['end_turn', 'stop'],
    ['stop_sequence', 'stop'],
    ['max_tokens', 'length'],
    ['model_context_window_exceeded', 'length'],
    ['guardrail_intervened', 'content_filter'],
    ['content_filtered', 'content_filter'],
    ['something_new', 'stop'],
    ['constructor', 'stop'],
  ])('`%s` is %s, streamed and not', (stopReason, unified) => {
    const whole = converseCodec.decode({ ...WHOLE, stopReason }, 'x').answer
    expect(whole?.choices[0]?.finish).toEqual({ unified, raw: stopReason })
    expect(run(events(ending(stopReason)))).toContainEqual({
      type: 'finish',
      choice: 0,
      finish: { unified, raw: stopReason },
    })
  })

  test('the stop sequence that was met, and what a guardrail found but not what it masked', () => {
    const trace = { guardrail: { modelOutput: ['canary'], inputAssessment: { g: { topicPolicy: {} } } } }
    const fields = { additionalModelResponseFields: { delta: { stop_sequence: 'END' } } }
    const safety = { inputAssessment: { g: { topicPolicy: {} } } }
    const finish = { unified: 'stop', raw: 'stop_sequence', stopSequence: 'END', safety }
    const whole = converseCodec.decode({ ...WHOLE, ...fields, trace, stopReason: 'stop_sequence' }, 'x')
    expect(whole.answer?.choices[0]?.finish).toEqual(finish)
    const parts = run(
      events([
        ['messageStop', { stopReason: 'stop_sequence', ...fields }],
        ['metadata', { ...METADATA, trace }],
      ]),
    )
    expect(parts).toContainEqual({ type: 'finish', choice: 0, finish })
    expect(JSON.stringify([whole, parts])).not.toContain('canary')
  })

  test('what the model wrote wrongly is a failure', () => {
    const { failure } = converseCodec.decode({ ...WHOLE, stopReason: 'malformed_tool_use' }, 'x')
    expect(failure).toMatchObject({ failure: { status: 502 }, retry: 'same' })
    expect(run(events(ending('malformed_tool_use')))).toContainEqual({ type: 'failure', failure })
  })

  test.each([{}, { output: {} }, { output: { message: {} } }, { message: 'x' }])('%j is no answer', (value) => {
    expect(converseCodec.decode(value, 'x').failure).toMatchObject({
      failure: { code: 'upstream_error' },
      retry: 'next',
    })
  })
})

describe('a stream', () => {
  test('has its end with the last event only, and what is open is closed', () => {
    const begun = events([delta(0, { text: 'a' }), ['messageStop', { stopReason: 'end_turn' }]])
    expect(run(begun.slice(0, 1)).map(({ type }) => type)).toEqual(['part-start', 'delta', 'part-end'])
    expect(run(begun).map(({ type }) => type)).toEqual(['part-start', 'delta', 'part-end', 'finish'])
    expect(run(events([['metadata', METADATA]])).some(({ type }) => type === 'end')).toBe(false)
  })

  test('thoughts that are kept back may come in pieces', () => {
    const piece = (text: string) => delta(0, { reasoningContent: { redactedContent: btoa(text) } })
    expect(run(events([piece('a'), piece('bc'), stop(0)]))[0]).toMatchObject({
      part: { redacted: true, signature: { value: btoa('abc') } },
    })
  })

  test.each([
    ['throttlingException', 429, 'rate_limit_exceeded', 'same'],
    ['validationException', 400, null, 'no'],
    ['internalServerException', 500, 'upstream_error', 'same'],
    ['serviceUnavailableException', 503, 'upstream_error', 'same'],
    ['modelStreamErrorException', 502, 'upstream_error', 'same'],
    ['modelTimeoutException', 504, 'upstream_error', 'same'],
    ['unheardOfException', 502, 'upstream_error', 'same'],
  ])('%s ends it as %i', (name, status, code, retry) => {
    const event: WireEvent = { bytes, name, error: '{"message":"so it is"}', comment: false }
    expect(run([event])).toMatchObject([
      { type: 'failure', failure: { failure: { status, code, message: 'so it is' }, retry } },
    ])
  })

  test('an older decoder stays true', () => {
    const first = converseCodec.decoder('x')
    const second = first.event(STREAM[1] ?? { bytes, comment: true })
    const third = second.decoder.event(STREAM[2] ?? { bytes, comment: true })
    expect(second.decoder.event(STREAM[2] ?? { bytes, comment: true }).parts).toEqual(third.parts)
    expect(first.end()).toEqual([])
    expect(second.decoder.end()).toEqual([{ type: 'part-end', choice: 0, index: 0 }])
  })

  test('text and input of a call are not remembered', () => {
    const { decoder } = converseCodec.decoder('x').event(STREAM[7] ?? { bytes, comment: true })
    expect(decoder.event(STREAM[9] ?? { bytes, comment: true }).decoder).toBe(decoder)
  })

  test('nothing makes it throw', () => {
    const name = fc.constantFrom(
      'messageStart',
      'contentBlockStart',
      'contentBlockDelta',
      'contentBlockStop',
      'messageStop',
      'metadata',
      'x',
    )
    const key = fc.constantFrom(
      'contentBlockIndex',
      'start',
      'delta',
      'text',
      'toolUse',
      'toolResult',
      'reasoningContent',
      'redactedContent',
      'image',
      'citation',
      'stopReason',
      'usage',
      'trace',
    )
    const { value } = fc.letrec((tie) => ({
      value: fc.oneof(
        { depthSize: 'small' },
        fc.jsonValue({ maxDepth: 1 }),
        fc.constantFrom(0, 1),
        fc.dictionary(key, tie('value'), { maxKeys: 4 }),
      ),
    }))
    const event = fc.record({
      name,
      data: fc.oneof(
        value.map((one) => JSON.stringify(one)),
        fc.string(),
      ),
    })
    fc.assert(
      fc.property(fc.array(event, { maxLength: 8 }), value, (list, whole) => {
        run(list.map((one) => ({ ...one, bytes, comment: false })))
        if (typeof whole === 'object' && whole !== null && !Array.isArray(whole))
          converseCodec.decode(JSON.parse(JSON.stringify(whole)), 'x')
      }),
    )
  })
})

describe('usage', () => {
  test.each([
    [
      { inputTokens: 10, outputTokens: 4, totalTokens: 14 },
      { input: 10, output: 4 },
    ],
    [
      {
        inputTokens: 10,
        outputTokens: 4,
        totalTokens: 44,
        cacheReadInputTokens: 20,
        cacheWriteInputTokens: 10,
        cacheDetails: [
          { ttl: '1h', inputTokens: 6 },
          { ttl: '5m', inputTokens: 4 },
        ],
      },
      { input: 40, cachedInput: 20, cacheWrite: 10, cacheWriteLong: 6, output: 4 },
    ],
    // One that counts what it cached within its input.
    [
      { inputTokens: 30, outputTokens: 4, totalTokens: 34, cacheReadInputTokens: 20 },
      { input: 30, cachedInput: 20, output: 4 },
    ],
    [
      { inputTokens: 10, outputTokens: 4, cacheReadInputTokenCount: 3 },
      { input: 13, cachedInput: 3, output: 4 },
    ],
    [{ inputTokens: -1, outputTokens: 'x' }, {}],
    [{}, {}],
  ])('%j', (wire, usage) => {
    expect(convertUsage(wire)).toEqual(usage)
  })
})
