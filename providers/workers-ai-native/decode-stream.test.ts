import { expect, test } from 'vitest'
import { collect } from '#src/core/collect.ts'
import { eventOf, stepsOf } from '../../test/support/conversations.ts'
import { runCodec } from './codec.ts'
import { workersAiNative } from './index.ts'

const USAGE = { prompt_tokens: 43, completion_tokens: 9, total_tokens: 52 }
const whole = (result: unknown) =>
  runCodec.decode(JSON.parse(JSON.stringify({ result, success: true, errors: [], messages: [] })), 'x')
const steps = (...values: readonly unknown[]) =>
  stepsOf(
    runCodec,
    values.map((value) => eventOf(value)),
  )
const CALLS = [
  { name: 'look', arguments: { city: '서울' } },
  { id: 'own', type: 'function', function: { name: 'now', arguments: '{}' } },
]
const ANSWER = {
  choices: [
    {
      index: 0,
      finish: { unified: 'tool_calls' },
      parts: [
        { type: 'text', text: '안녕 👋' },
        { type: 'tool-call', id: 'call_x_0', name: 'look', input: '{"city":"서울"}' },
        { type: 'tool-call', id: 'own', name: 'now', input: '{}' },
      ],
    },
  ],
  usage: { input: 43, output: 9 },
}

test('a stream is what the whole answer is', () => {
  expect(whole({ response: '안녕 👋', tool_calls: CALLS, usage: USAGE }).answer).toEqual(ANSWER)
  const parts = steps(
    { response: '안녕', p: 'abcdef' },
    { response: ' 👋', p: 'abc' },
    { response: '', tool_calls: CALLS, p: 'a' },
    { response: '', usage: USAGE, p: 'ab' },
    '[DONE]',
  )
  expect(collect(parts)).toEqual(ANSWER)
  expect(parts.slice(-2).map(({ type }) => type)).toEqual(['finish', 'end'])
})

test('calls in pieces, with their empty last one', () => {
  const piece = (own: object) => ({ tool_calls: [{ index: 0, ...own }] })
  const parts = steps(
    piece({ id: 'c', type: 'function', function: { name: 'look' } }),
    piece({ function: { arguments: '{"a":' } }),
    piece({ function: { arguments: '1}' } }),
    piece({ id: null, type: null, function: { name: null, arguments: '' } }),
    '[DONE]',
  )
  expect(collect(parts).choices[0]?.parts).toEqual([{ type: 'tool-call', id: 'c', name: 'look', input: '{"a":1}' }])
})

test.each([
  [{ name: '민수' }, '{"name":"민수"}'],
  [5, '5'],
  [true, 'true'],
])('a response that is %j is text', (response, text) => {
  expect(whole({ response }).answer?.choices[0]?.parts).toEqual([{ type: 'text', text }])
  expect(collect(steps({ response }, '[DONE]')).choices[0]?.parts).toEqual([{ type: 'text', text }])
})

test('a result may be a chat completion, and an event a chunk of one', () => {
  const message = { role: 'assistant', content: '2', reasoning_content: '1+1' }
  const parts = [
    { type: 'reasoning', text: '1+1' },
    { type: 'text', text: '2' },
  ]
  const { answer } = whole({
    id: 'i',
    model: 'm',
    choices: [{ index: 0, message, finish_reason: 'length' }],
    usage: USAGE,
  })
  expect(answer).toMatchObject({
    id: 'i',
    model: 'm',
    usage: { input: 43 },
    choices: [{ parts, finish: { unified: 'length' } }],
  })
  const chunk = (delta: object, finish_reason: string | null = null) => ({
    id: 'i',
    choices: [{ index: 0, delta, finish_reason }],
  })
  const streamed = collect(
    steps(chunk({ reasoning_content: '1+1' }), chunk({ content: '2' }), chunk({}, 'length'), '[DONE]'),
  )
  expect(streamed).toMatchObject({ id: 'i', choices: [{ parts, finish: { unified: 'length' } }] })
})

test('an answer with nothing in it is none', () => {
  for (const result of [null, {}, { usage: USAGE }]) expect(whole(result).failure?.retry).toBe('next')
  expect(whole({ response: null, tool_calls: [] }).answer?.choices[0]?.parts).toEqual([])
})

test('an error inside a 200, in both forms', () => {
  const refusal = { result: null, success: false, errors: [{ code: 3040, message: 'Capacity temporarily exceeded' }] }
  expect(runCodec.decode(refusal, 'x').failure?.failure).toMatchObject({
    code: '3040',
    message: 'Capacity temporarily exceeded',
  })
  expect(steps(refusal).map(({ type }) => type)).toEqual(['failure'])
  expect(steps('nonsense').map(({ type }) => type)).toEqual(['failure'])
})

test('a stream that is cut has no end', () => {
  let decoder = runCodec.decoder('x')
  for (const value of [{ response: 'a' }, { response: 'b' }]) decoder = decoder.event(eventOf(value)).decoder
  expect(decoder.end()).toEqual([{ type: 'part-end', choice: 0, index: 0 }])
})

test('an unknown model and used-up tokens are for another target to answer', () => {
  const refusal = (code: number, status: number) =>
    workersAiNative.decodeError(
      { status, headers: {} },
      JSON.stringify({ success: false, errors: [{ code, message: 'm' }] }),
    )
  expect(refusal(5007, 400)).toMatchObject({ retry: 'next', failure: { code: 'model_not_found' } })
  expect(refusal(3036, 429)).toMatchObject({ retry: 'next', failure: { type: 'insufficient_quota' } })
  expect(refusal(5006, 400)).toMatchObject({ retry: 'no', failure: { status: 400 } })
})
