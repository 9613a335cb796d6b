import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Answer } from '#src/core/answer.ts'
import { unfold } from '#src/core/collect.ts'
import type { CostNote, Dialect } from '#src/core/dialect.ts'
import { failure } from '#src/core/failure.ts'
import { arrayAt, isObject, objectAt, parseJson, stringAt, type Json } from '#src/core/json.ts'
import type { ApiRequest } from '#src/core/request.ts'
import { geminiGenerate } from './index.ts'
import { read } from './read.ts'

const request = (query: readonly (readonly [string, string])[] = [['alt', 'sse']]): ApiRequest =>
  read('{"contents":[]}', {
    id: 'req_1',
    tags: [],
    metadata: {},
    path: '/v1beta/models/m:streamGenerateContent',
    query: new Map(query),
  })
const NOTE: CostNote = { bill: { cost: 1500n, estimated: false, usage: {} }, route: { target: 'a/b', attempts: 2 } }

function variantFor(own: ApiRequest): Dialect {
  return geminiGenerate.variant?.(own) ?? geminiGenerate
}

function rendered(answer: Answer, own: ApiRequest = request()): string {
  let renderer = variantFor(own).translation?.renderer({ request: own, created: 1 })
  let out = ''
  for (const part of unfold(answer)) {
    const step: ReturnType<NonNullable<typeof renderer>['part']> | undefined = renderer?.part(part)
    renderer = step?.renderer
    out += step?.out ?? ''
  }
  return out + (renderer?.finish(NOTE) ?? '')
}

const eventsOf = (text: string): readonly Json[] =>
  text.split('\r\n\r\n').flatMap((event) => (event === '' ? [] : [parseJson(event.slice('data: '.length)) ?? null]))

const wholeOf = (answer: Answer): Json =>
  parseJson(geminiGenerate.translation?.render(answer, { request: request(), created: 1 }) ?? '') ?? null

const FULL: Answer = {
  id: 'resp-1',
  model: 'up-1',
  created: 1_700_000_000,
  choices: [
    {
      index: 0,
      parts: [
        { type: 'reasoning', text: 'hm', signature: { vendor: 'google', value: 'T==' } },
        {
          type: 'text',
          text: '서울은 맑다',
          citations: [{ url: 'https://a', title: 'A', start: 0, end: 2, quote: '서울', vendor: 'x', raw: {} }],
        },
        {
          type: 'tool-call',
          id: 'call_1',
          name: 'f',
          input: '{"a":"한"}',
          signature: { vendor: 'google', value: 'S==' },
        },
        { type: 'image', source: { kind: 'data', mediaType: 'image/png', data: 'AAAA' } },
        { type: 'opaque', vendor: 'google', kind: 'executableCode', value: { executableCode: { code: '1' } } },
        { type: 'opaque', vendor: 'anthropic', kind: 'x', value: { x: {} } },
      ],
      finish: { unified: 'tool_calls' },
      logprobs: [{ token: 'a', logprob: -0.5, top: [{ token: 'b', logprob: -1 }] }],
    },
  ],
  usage: { input: 100, cachedInput: 40, toolInput: 10, audioInput: 5, output: 30, reasoning: 12, imageOutput: 8 },
}

test('a whole answer', () => {
  expect(wholeOf(FULL)).toEqual({
    candidates: [
      {
        content: {
          role: 'model',
          parts: [
            { text: 'hm', thought: true, thoughtSignature: 'T==' },
            { text: '서울은 맑다' },
            { functionCall: { id: 'call_1', name: 'f', args: { a: '한' } }, thoughtSignature: 'S==' },
            { inlineData: { mimeType: 'image/png', data: 'AAAA' } },
            { executableCode: { code: '1' } },
          ],
        },
        finishReason: 'STOP',
        index: 0,
        groundingMetadata: {
          groundingChunks: [{ web: { uri: 'https://a', title: 'A' } }],
          groundingSupports: [
            { segment: { partIndex: 1, startIndex: 0, endIndex: 6, text: '서울' }, groundingChunkIndices: [0] },
          ],
        },
        logprobsResult: {
          chosenCandidates: [{ token: 'a', logProbability: -0.5 }],
          topCandidates: [{ candidates: [{ token: 'b', logProbability: -1 }] }],
        },
      },
    ],
    usageMetadata: {
      promptTokenCount: 90,
      cachedContentTokenCount: 40,
      candidatesTokenCount: 18,
      thoughtsTokenCount: 12,
      toolUsePromptTokenCount: 10,
      totalTokenCount: 130,
      promptTokensDetails: [
        { modality: 'TEXT', tokenCount: 85 },
        { modality: 'AUDIO', tokenCount: 5 },
      ],
      candidatesTokensDetails: [
        { modality: 'TEXT', tokenCount: 10 },
        { modality: 'IMAGE', tokenCount: 8 },
      ],
    },
    modelVersion: 'up-1',
    createTime: '2023-11-14T22:13:20.000Z',
    responseId: 'resp-1',
  })
})

/** Everything that the objects of a stream say, put together as a client does. */
function added(objects: readonly Json[]) {
  const candidates = objects.flatMap((one) => arrayAt(one, 'candidates') ?? []).filter(isObject)
  const parts = candidates.flatMap((one) => arrayAt(objectAt(one, 'content'), 'parts') ?? []).filter(isObject)
  const texts = (thought: boolean): string =>
    parts.map((part) => ((part['thought'] === true) === thought ? (stringAt(part, 'text') ?? '') : '')).join('')
  return {
    text: texts(false),
    thoughts: texts(true),
    signatures: parts.flatMap((part) => stringAt(part, 'thoughtSignature') ?? []),
    others: parts.filter((part) => !('text' in part)),
    finishes: candidates.flatMap((one) => stringAt(one, 'finishReason') ?? []),
    grounding: candidates.flatMap((one) => objectAt(one, 'groundingMetadata') ?? []),
    logprobs: candidates.flatMap((one) => objectAt(one, 'logprobsResult') ?? []),
  }
}

test('a stream says the same, its end and the bill in the last object', () => {
  const events = eventsOf(rendered(FULL))
  expect(added(events)).toEqual(added([wholeOf(FULL)]))
  const last = events.at(-1)
  expect(objectAt(last, 'usageMetadata')).toMatchObject({
    totalTokenCount: 130,
    cost: 0.0000015,
    target: 'a/b',
    attempts: 2,
  })
  expect(events.slice(0, -1).filter((event) => objectAt(event, 'usageMetadata'))).toEqual([])
  for (const event of events) expect(event).toMatchObject({ modelVersion: 'up-1', responseId: 'resp-1' })
  expect(added(events.slice(0, -1)).finishes).toEqual([])
})

test('without `alt=sse` a stream is one JSON array', () => {
  const own = request([])
  const text = rendered(FULL, own)
  const objects = parseJson(text)
  expect(Array.isArray(objects) && objects.length).toBe(eventsOf(rendered(FULL)).length)
  const dialect = variantFor(own)
  expect(dialect.streaming?.contentType).toBe('application/json')
  const native = ['{"a":1}', '{"b":2}']
    .map((data, at) => dialect.streaming?.frame(data, at === 0))
    .join(dialect.streaming?.comment)
  expect(parseJson(native + dialect.done)).toEqual([{ a: 1 }, { b: 2 }])
  const why = failure('upstream_error', 'cut')
  expect(parseJson(dialect.renderStreamError(why, false))).toMatchObject([{ error: { code: 502 } }])
  expect(parseJson(`${dialect.streaming?.frame('{}', true)}${dialect.renderStreamError(why, true)}`)).toMatchObject([
    {},
    { error: { code: 502 } },
  ])
})

test('an answer without anything still has its end', () => {
  const events = eventsOf(
    rendered({ choices: [{ index: 0, parts: [], finish: { unified: 'content_filter', raw: 'RECITATION' } }] }),
  )
  expect(events).toMatchObject([
    { candidates: [{ finishReason: 'RECITATION', index: 0 }], modelVersion: 'm', responseId: 'req_1' },
  ])
})

test.each([
  [{ unified: 'stop' }, 'STOP'],
  [{ unified: 'length', raw: 'max_tokens' }, 'MAX_TOKENS'],
  [{ unified: 'tool_calls' }, 'STOP'],
  [{ unified: 'content_filter', raw: 'refusal' }, 'SAFETY'],
  [{ unified: 'pause' }, 'STOP'],
] as const)('%j ends with %s', (finish, reason) => {
  expect(wholeOf({ choices: [{ index: 0, parts: [{ type: 'refusal', text: 'no' }], finish }] })).toMatchObject({
    candidates: [{ content: { parts: [{ text: 'no' }] }, finishReason: reason }],
  })
})

test('summaries stand for thoughts, with the same breaks in a stream', () => {
  const answer: Answer = {
    choices: [
      {
        index: 0,
        parts: [
          { type: 'reasoning', summary: ['a', 'b'] },
          { type: 'text', text: 'x' },
        ],
        finish: { unified: 'stop' },
      },
    ],
  }
  expect(added([wholeOf(answer)]).thoughts).toBe('a\n\nb')
  expect(added(eventsOf(rendered(answer))).thoughts).toBe('a\n\nb')
})

test('every text survives', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'grapheme', maxLength: 40 }),
      fc.string({ unit: 'grapheme', maxLength: 40 }),
      (text, thought) => {
        const parts = [{ type: 'reasoning', text: thought } as const, { type: 'text', text } as const]
        const said = added(eventsOf(rendered({ choices: [{ index: 0, parts, finish: { unified: 'stop' } }] })))
        expect(said).toMatchObject({ text, thoughts: thought, finishes: ['STOP'] })
      },
    ),
  )
})

test('errors are Google`s, with what tutti knows in their details', () => {
  const why = failure('policy_denied', 'no', {
    details: { rule: 'r', rules: ['r'] },
    param: 'model',
    retryAfterMs: 1500,
  })
  const { status, headers, body } = geminiGenerate.renderFailure(why)
  expect(status).toBe(403)
  expect(headers['retry-after']).toBe('2')
  expect(parseJson(body)).toEqual({
    error: {
      code: 403,
      message: 'no',
      status: 'PERMISSION_DENIED',
      details: [
        {
          '@type': 'type.googleapis.com/google.rpc.ErrorInfo',
          reason: 'policy_denied',
          domain: 'tutti',
          metadata: { type: 'permission_error', rule: 'r', rules: '["r"]' },
        },
        {
          '@type': 'type.googleapis.com/google.rpc.BadRequest',
          fieldViolations: [{ field: 'model', description: 'no' }],
        },
        { '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: '2s' },
      ],
    },
  })
})

test('an upstream`s own word and details stay', () => {
  const details = { status: 'FAILED_PRECONDITION', details: [{ '@type': 'x', retryDelay: '3s' }] }
  const text = geminiGenerate.renderStreamError(
    { status: 400, code: 'FAILED_PRECONDITION', type: 't', message: 'm', details, retryAfterMs: 9 },
    true,
  )
  expect(text.endsWith('\r\n\r\n')).toBe(true)
  const error = objectAt(parseJson(text.slice('data: '.length)), 'error')
  expect(error).toMatchObject({ code: 400, status: 'FAILED_PRECONDITION' })
  expect(arrayAt(error, 'details')?.length).toBe(2)
  expect(arrayAt(error, 'details')?.[0]).toEqual({ '@type': 'x', retryDelay: '3s' })
})

test('the cost stands in the usage of an answer, and in nothing else', () => {
  const text = '{"usage":{}, "usageMetadata":{"promptTokenCount": 1}}'
  expect(geminiGenerate.addCost(text, { bill: { cost: 'unknown', estimated: false, usage: {} } })).toBe(
    '{"usage":{}, "usageMetadata":{"promptTokenCount": 1,"cost":"unknown"}}',
  )
})
