import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Answer, StreamPart } from '#src/core/answer.ts'
import { collect } from '#src/core/collect.ts'
import { isObject, parseJson, type Json, type JsonObject } from '#src/core/json.ts'
import { geminiCodec } from './codec.ts'
import { gemini } from './index.ts'
import { argumentsOf, pathOf } from './partial-args.ts'

const bytes = new Uint8Array()

function decoded(events: readonly Json[]): readonly StreamPart[] {
  let decoder = geminiCodec.decoder('x')
  const parts: StreamPart[] = []
  for (const event of events) {
    const step = decoder.event({
      bytes,
      data: typeof event === 'string' ? event : JSON.stringify(event),
      comment: false,
    })
    decoder = step.decoder
    parts.push(...step.parts)
  }
  return [...parts, ...decoder.end()]
}

const chunk = (parts: readonly JsonObject[], more: JsonObject = {}): JsonObject => ({
  candidates: [{ content: { role: 'model', parts }, index: 0, ...more }],
})
const streamed = (...events: readonly Json[]): Answer => collect(decoded(events))
const partsOf = (answer: Answer) => answer.choices[0]?.parts

test('what is said goes on over events; a signature ends what it signs', () => {
  const answer = streamed(
    chunk([{ text: 'h', thought: true }]),
    chunk([{ text: 'm', thought: true }, { text: '안' }]),
    chunk([{ text: '녕' }]),
    chunk([{ text: '', thoughtSignature: 'S' }]),
    chunk([{ text: '!' }], { finishReason: 'STOP' }),
  )
  expect(partsOf(answer)).toEqual([
    { type: 'reasoning', text: 'hm' },
    { type: 'text', text: '안녕', signature: { vendor: 'google', value: 'S' } },
    { type: 'text', text: '!' },
  ])
})

describe('the end', () => {
  const call = { functionCall: { name: 'f', args: {} } }
  test.each([
    ['STOP', [[{ text: 'a' }]], 'stop'],
    ['STOP', [[call]], 'tool_calls'],
    ['STOP', [[call], []], 'tool_calls'],
    ['MAX_TOKENS', [[call]], 'length'],
    ['MAX_TOKENS', [[]], 'length'],
    ['SAFETY', [[]], 'content_filter'],
    ['RECITATION', [[{ text: 'a' }]], 'content_filter'],
    ['OTHER', [[{ text: 'a' }]], 'stop'],
    ['OTHER', [[{ text: 'a' }], []], 'stop'],
    ['CONTINUATION', [[{ text: 'a' }]], 'pause'],
    ['A_NEW_WORD', [[{ text: 'a' }]], 'stop'],
  ] as const)('%s behind %j is %s', (finishReason, contents, unified) => {
    const events = contents.map((parts, at) => chunk(parts, at === contents.length - 1 ? { finishReason } : {}))
    expect(streamed(...events).choices[0]?.finish).toEqual({ unified, raw: finishReason })
  })

  test.each([
    ['MALFORMED_FUNCTION_CALL', [{ text: 'a' }]],
    ['MALFORMED_FUNCTION_CALL', []],
    ['OTHER', []],
    ['NO_IMAGE', []],
  ])('%s behind %j is a failure', (finishReason, parts) => {
    const [failure] = decoded([chunk(parts, { finishReason, finishMessage: 'why' })]).filter(
      ({ type }) => type === 'failure',
    )
    expect(failure).toMatchObject({
      failure: { failure: { status: 502, message: 'why', code: finishReason }, retry: 'same' },
    })
    const whole = gemini.observe(chunk(parts, { finishReason }), { endpoint: 'geminiGenerate', stream: false })
    expect(whole.failure === undefined).toBe(parts.length > 0)
  })

  test('a word of it in every event is one end, behind everything', () => {
    const parts = decoded([
      chunk([{ text: 'a' }], { finishReason: 'STOP' }),
      chunk([{ text: 'b' }], { finishReason: 'STOP' }),
    ])
    expect(parts.filter(({ type }) => type === 'finish').length).toBe(1)
    expect(parts.at(-1)?.type).toBe('finish')
    expect(partsOf(collect(parts))).toEqual([{ type: 'text', text: 'ab' }])
  })

  test('without a word of it there is none', () => {
    expect(
      decoded([chunk([{ text: 'a' }]), chunk([{ text: 'b' }], { finishReason: 'FINISH_REASON_UNSPECIFIED' })]).map(
        ({ type }) => type,
      ),
    ).not.toContain('finish')
  })

  test('a prompt that was refused', () => {
    const promptFeedback = { blockReason: 'SAFETY', safetyRatings: [] }
    const finish = { unified: 'content_filter', raw: 'SAFETY', safety: promptFeedback }
    expect(streamed({ promptFeedback }).choices).toEqual([{ index: 0, parts: [], finish }])
    expect(geminiCodec.decode({ promptFeedback }, 'x').answer?.choices).toEqual([{ index: 0, parts: [], finish }])
    const seen = gemini.observe({ promptFeedback }, { endpoint: 'geminiGenerate', stream: true })
    expect(seen).toMatchObject({ choices: [0], finished: [0], finish: 'content_filter', content: false })
  })
})

describe('calls of tools', () => {
  test('have ids, their own or made ones, and arguments that are an object', () => {
    const answer = streamed(
      chunk(
        [
          { functionCall: { name: 'a', id: 'own' } },
          { functionCall: { name: 'b', args: { q: '한' } }, thoughtSignature: 'S' },
        ],
        { finishReason: 'STOP' },
      ),
      { candidates: [{ index: 1, content: { parts: [{ functionCall: { name: 'c' } }] } }] },
    )
    expect(partsOf(answer)).toEqual([
      { type: 'tool-call', id: 'own', name: 'a', input: '{}' },
      {
        type: 'tool-call',
        id: 'call_x_1',
        name: 'b',
        input: '{"q":"한"}',
        signature: { vendor: 'google', value: 'S' },
      },
    ])
    expect(answer.choices[1]?.parts[0]).toMatchObject({ id: 'call_x_1_0' })
  })

  const piece = (jsonPath: string, value: JsonObject, willContinue?: boolean) =>
    chunk([{ functionCall: { partialArgs: [{ jsonPath, ...value }], ...(willContinue && { willContinue }) } }])

  test('come in pieces, whose last may be missing', () => {
    const answer = streamed(
      chunk([{ functionCall: { name: 'w', willContinue: true }, thoughtSignature: 'S' }]),
      piece('$.items[0].name', { stringValue: '사', willContinue: true }, true),
      piece('$.items[0].name', { stringValue: '과' }, true),
      piece('$.items[0].price', { numberValue: 0.5 }, true),
      piece("$.items[1]['a b']", { boolValue: false }, true),
      piece('$.none', { nullValue: 'NULL_VALUE' }, true),
      chunk([{ functionCall: { name: 'second', args: { a: 1 } } }]),
      chunk([{ functionCall: {} }], { finishReason: 'STOP' }),
    )
    expect(partsOf(answer)).toMatchObject([
      {
        name: 'w',
        input: JSON.stringify({ items: [{ name: '사과', price: 0.5 }, { 'a b': false }], none: null }),
        signature: { vendor: 'google', value: 'S' },
      },
      { name: 'second', input: '{"a":1}' },
    ])
    expect(answer.choices[0]?.finish.unified).toBe('tool_calls')
  })

  test('paths are read as they are written, and bad ones harm nobody', () => {
    expect(pathOf('$.a[10]["b.c"].d')).toEqual(['a', 10, 'b.c', 'd'])
    expect(pathOf('$.a[')).toEqual([])
    const last = { piece: { jsonPath: '$.a[999999999]', numberValue: 1 }, before: undefined }
    expect(argumentsOf(undefined, last)).toBe('{"a":[]}')
    const proto = { piece: { jsonPath: '$.__proto__.x', numberValue: 1 }, before: undefined }
    expect(argumentsOf({ y: 1 }, proto)).toBe('{"y":1,"__proto__":{"x":1}}')
    expect(Object.hasOwn(Object.prototype, 'x')).toBe(false)
  })
})

test('pictures, sounds, and what only Google understands', () => {
  const code = { executableCode: { language: 'PYTHON', code: '1' } }
  const imagined = { thought: true, inlineData: { mimeType: 'image/png', data: 'BB' } }
  const image = { inlineData: { mimeType: 'image/png', data: 'AA' }, thoughtSignature: 'S' }
  expect(
    partsOf(streamed(chunk([code, imagined, image, { fileData: { mimeType: 'audio/wav', fileUri: 'gs://a' } }]))),
  ).toEqual([
    { type: 'opaque', vendor: 'google', kind: 'executableCode', value: code },
    { type: 'opaque', vendor: 'google', kind: 'inlineData', value: imagined },
    {
      type: 'image',
      source: { kind: 'data', mediaType: 'image/png', data: 'AA' },
      signature: { vendor: 'google', value: 'S' },
    },
    { type: 'audio', source: { kind: 'url', url: 'gs://a', mediaType: 'audio/wav' } },
  ])
})

test('sources have their places in UTF-16, whatever the letters', () => {
  const groundingMetadata = {
    groundingChunks: [{ web: { uri: 'https://a', title: 'A' } }, { web: { uri: 'https://b' } }],
    groundingSupports: [{ segment: { startIndex: 6, endIndex: 13, text: '👋은' }, groundingChunkIndices: [0] }],
  }
  const citationMetadata = { citations: [{}, { uri: 'https://c', endIndex: 3 }] }
  const answer = streamed(chunk([{ text: '서' }]), chunk([{ text: '울👋은' }], { groundingMetadata, citationMetadata }))
  const [part] = partsOf(answer) ?? []
  expect(part?.type === 'text' && part.citations?.map(({ raw: _raw, ...own }) => own)).toEqual([
    { url: 'https://a', title: 'A', quote: '👋은', start: 2, end: 5, vendor: 'google' },
    { url: 'https://b', vendor: 'google' },
    { url: 'https://c', start: 0, end: 1, vendor: 'google' },
  ])
})

test('probabilities, usage, and what else an answer says', () => {
  const logprobsResult = {
    chosenCandidates: [{ token: 'a', logProbability: -1 }],
    topCandidates: [{ candidates: [{ token: 'b', logProbability: -2 }] }],
  }
  const usageMetadata = {
    promptTokenCount: 10,
    toolUsePromptTokenCount: 5,
    cachedContentTokenCount: 99,
    candidatesTokenCount: 7,
    thoughtsTokenCount: 3,
    promptTokensDetails: [{ modality: 'IMAGE', tokenCount: 4 }],
    candidatesTokensDetails: [{ modality: 'AUDIO', tokenCount: 2 }],
    serviceTier: 'flex',
  }
  const head = {
    responseId: 'r',
    modelVersion: 'm',
    createTime: '2026-01-01T00:00:00Z',
    usageMetadata,
    modelStatus: { a: 1 },
  }
  const value = {
    ...head,
    ...chunk([{ text: 'a' }], { finishReason: 'STOP', logprobsResult, safetyRatings: [{ blocked: false }] }),
  }
  const answer = geminiCodec.decode(value, 'x').answer
  expect(answer).toEqual(streamed(value))
  expect(answer).toEqual({
    id: 'r',
    model: 'm',
    created: 1_767_225_600,
    serviceTier: 'flex',
    choices: [
      {
        index: 0,
        parts: [{ type: 'text', text: 'a' }],
        finish: { unified: 'stop', raw: 'STOP', safety: [{ blocked: false }] },
        logprobs: [{ token: 'a', logprob: -1, top: [{ token: 'b', logprob: -2 }] }],
      },
    ],
    usage: {
      input: 15,
      cachedInput: 15,
      toolInput: 5,
      imageInput: 4,
      output: 10,
      reasoning: 3,
      audioOutput: 2,
      serviceTier: 'flex',
    },
    rest: { modelStatus: { a: 1 } },
  })
  expect(gemini.observe(value, { endpoint: 'geminiGenerate', stream: true })).toMatchObject({
    usage: answer?.usage,
    model: 'm',
    finish: 'stop',
  })
})

test('an answer that has only a total has what it leaves', () => {
  const usage = (usageMetadata: JsonObject) =>
    gemini.observe({ usageMetadata }, { endpoint: 'geminiGenerate', stream: true }).usage
  expect(usage({ promptTokenCount: 10, totalTokenCount: 12 })).toEqual({ input: 10, output: 2 })
  expect(usage({ trafficType: 'ON_DEMAND' })).toBeUndefined()
  expect(usage({ promptTokenCount: 10 })).toEqual({ input: 10 })
})

test('other actions: tokens, and vectors whose output is none', () => {
  expect(gemini.observe({ totalTokens: 5 }, { endpoint: 'geminiCountTokens', stream: false })).toMatchObject({
    content: true,
    usage: undefined,
  })
  const vector = { embedding: { values: [0.1] }, usageMetadata: { promptTokenCount: 4 } }
  expect(gemini.observe(vector, { endpoint: 'geminiEmbed', stream: false })).toMatchObject({
    content: true,
    usage: { input: 4, output: 0 },
  })
  expect(gemini.observe({}, { endpoint: 'geminiEmbed', stream: false }).content).toBe(false)
  const vectors = { embeddings: [{ values: [0.1] }] }
  expect(gemini.observe(vectors, { endpoint: 'geminiBatchEmbed', stream: false }).content).toBe(true)
})

test('what is no event is a failure, and nothing makes it throw', () => {
  expect(decoded(['{']).map(({ type }) => type)).toEqual(['failure'])
  expect(decoded([{ error: { code: 503, message: 'busy', status: 'UNAVAILABLE' } }])).toMatchObject([
    { failure: { failure: { status: 503, code: 'UNAVAILABLE', type: 'server_error' }, retry: 'same' } },
  ])
  const deep = parseJson(
    `{"candidates":[{"content":{"parts":[{"functionCall":{"name":"f","args":${'{"a":'.repeat(20_000)}1${'}'.repeat(20_000)}}}]}}]}`,
  )
  expect(isObject(deep) && geminiCodec.decode(deep, 'x').answer?.choices[0]?.parts[0]).toMatchObject({ input: '{}' })
  const part = fc.dictionary(
    fc.constantFrom('text', 'thought', 'functionCall', 'inlineData', 'thoughtSignature', 'x'),
    fc.jsonValue(),
  )
  const candidate = fc.record({
    content: fc.record({ parts: fc.array(fc.oneof(part, fc.jsonValue())) }),
    finishReason: fc.jsonValue(),
    index: fc.jsonValue(),
  })
  const odd = fc.oneof(fc.record({ candidates: fc.array(fc.oneof(candidate, fc.jsonValue())) }), fc.jsonValue())
  fc.assert(
    fc.property(fc.array(odd, { maxLength: 3 }), (values) => {
      const texts = values.map((value) => JSON.stringify(value))
      decoded(texts)
      for (const text of texts) {
        const value = parseJson(text)
        if (!isObject(value)) continue
        geminiCodec.decode(value, 'x')
        gemini.observe(value, { endpoint: 'geminiGenerate', stream: true })
      }
    }),
  )
})
