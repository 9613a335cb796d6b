import { expect, test } from 'vitest'
import { collect } from '#src/core/collect.ts'
import { eventOf, stepsOf } from '../../test/support/conversations.ts'
import { chatCodec } from './codec.ts'
import { hyperclovaXNative } from './index.ts'

const token = (message: object, more: object = {}) =>
  eventOf(
    { message: { role: 'assistant', ...message }, finishReason: null, created: 1749810707, usage: null, ...more },
    'token',
  )
const DONE = eventOf({ data: '[DONE]' }, 'signal')
const FILTER = [{ groupName: 'curse', name: 'insult', score: '2', result: 'OK' }]
const CALL = { id: 'call_1', type: 'function', function: { name: 'look', arguments: { city: '서울' } } }
const RESULT = {
  message: { role: 'assistant', content: '안녕 👋', thinkingContent: '생각', toolCalls: [CALL] },
  finishReason: 'tool_calls',
  created: 1749810707,
  seed: 17,
  usage: { promptTokens: 9, completionTokens: 47, totalTokens: 56, completionTokensDetails: { thinkingTokens: 30 } },
  aiFilter: FILTER,
}
const STREAMED = [
  token({ content: '', thinkingContent: '생' }),
  token({ content: '', thinkingContent: '각' }),
  token({ content: '안녕' }),
  token({ content: ' 👋' }),
  token({ content: '', toolCalls: [{ id: 'call_1', type: 'function', function: { name: 'look' } }] }),
  token({ content: '', toolCalls: [{ type: 'function', function: { partialJson: '{"city":' } }] }),
  token({ content: '', toolCalls: [{ type: 'function', function: { partialJson: '"서울"}' } }] }),
  eventOf(RESULT, 'result'),
]

const ANSWER = {
  created: 1749810707,
  choices: [
    {
      index: 0,
      finish: { unified: 'tool_calls', raw: 'tool_calls', safety: FILTER },
      parts: [
        { type: 'reasoning', text: '생각' },
        { type: 'text', text: '안녕 👋' },
        { type: 'tool-call', id: 'call_1', name: 'look', input: '{"city":"서울"}' },
      ],
    },
  ],
  usage: { input: 9, output: 47, reasoning: 30 },
  rest: { seed: 17 },
}

test('a stream is what the whole answer is, and its result is not said twice', () => {
  const { answer } = chatCodec.decode({ status: { code: '20000', message: 'OK' }, result: RESULT }, 'x')
  expect(answer).toEqual(ANSWER)
  const steps = stepsOf(chatCodec, [...STREAMED, DONE])
  expect(collect(steps)).toEqual(ANSWER)
  expect(steps.filter(({ type }) => type === 'part-start' || type === 'part-end')).toHaveLength(6)
  expect(steps.slice(-2).map(({ type }) => type)).toEqual(['finish', 'end'])
})

test('without a signal the result ends the answer, but says nothing of the stream', () => {
  const types = stepsOf(chatCodec, STREAMED).map(({ type }) => type)
  expect(types.at(-1)).toBe('finish')
  expect(types).not.toContain('end')
  expect(hyperclovaXNative.streamEnd).toBe('done-optional')
})

test('what only the result says is taken from it', () => {
  expect(collect(stepsOf(chatCodec, [eventOf(RESULT, 'result'), DONE]))).toEqual(ANSWER)
  const begun = token({ content: '', toolCalls: [{ id: 'call_1', function: { name: 'look' } }] })
  const two = { ...RESULT, message: { content: '', toolCalls: [CALL, { function: { name: 'now', arguments: {} } }] } }
  expect(collect(stepsOf(chatCodec, [begun, eventOf(two, 'result')])).choices[0]?.parts).toEqual([
    { type: 'tool-call', id: 'call_1', name: 'look', input: '{"city":"서울"}' },
    { type: 'tool-call', id: 'call_x_1', name: 'now', input: '{}' },
  ])
})

test('without a result a token`s word of the end counts', () => {
  const events = [token({ content: 'a' }), token({ content: '' }, { finishReason: 'length' })]
  const finish = { type: 'finish', choice: 0, finish: { unified: 'length', raw: 'length' } }
  expect(stepsOf(chatCodec, [...events, DONE])).toContainEqual(finish)
  let decoder = chatCodec.decoder('x')
  for (const event of events) decoder = decoder.event(event).decoder
  expect(decoder.end()).toEqual([{ type: 'part-end', choice: 0, index: 0 }, finish])
})

test('a stream that is cut before its result has no end', () => {
  let decoder = chatCodec.decoder('x')
  for (const event of STREAMED.slice(0, 4)) decoder = decoder.event(event).decoder
  expect(decoder.end()).toEqual([{ type: 'part-end', choice: 0, index: 1 }])
})

test.each([
  ['40000', 400, 'no'],
  ['40100', 502, 'next'],
  ['42901', 429, 'same'],
  ['50000', 500, 'same'],
  ['50400', 504, 'same'],
  ['x', 502, 'same'],
])('status %s inside a 200 is a failure', (code, status, retry) => {
  const refusal = { status: { code, message: 'said so' } }
  const { failure } = chatCodec.decode(refusal, 'x')
  expect({ status: failure?.failure.status, retry: failure?.retry }).toEqual({ status, retry })
  expect(stepsOf(chatCodec, [eventOf(refusal, 'error')])).toEqual([{ type: 'failure', failure }])
})

test('a text that is too long is for a larger model', () => {
  const body = JSON.stringify({ status: { code: '40003', message: 'Text too long' } })
  const read = hyperclovaXNative.decodeError({ status: 400, headers: {} }, body)
  expect(read).toMatchObject({ retry: 'next', failure: { code: 'context_length_exceeded', status: 400 } })
})

test('an answer without a result, and an event that is no JSON', () => {
  expect(chatCodec.decode({ status: { code: 20000 } }, 'x').failure?.retry).toBe('next')
  expect(stepsOf(chatCodec, [eventOf('oops', 'token')]).map(({ type }) => type)).toEqual(['failure'])
})

test('unknown events and comments say nothing; times in ms are times', () => {
  expect(stepsOf(chatCodec, [eventOf({ a: 1 }, 'new'), { bytes: new Uint8Array(), comment: true }])).toEqual([])
  const result = { message: { content: 'a' }, finishReason: 'stop', created: 1749810707123 }
  expect(chatCodec.decode({ result }, 'x').answer).toMatchObject({ created: 1749810707 })
})
