import { expect, test } from 'vitest'
import { collect } from '#src/core/collect.ts'
import { eventOf, stepsOf } from '../../test/support/conversations.ts'
import { chatCodec } from './codec.ts'
import { ollamaNative } from './index.ts'

const HEAD = { model: 'qwen3:4b', created_at: '2026-07-30T14:17:16.420595067Z' }
const line = (message: object, more: object = {}) => ({
  ...HEAD,
  message: { role: 'assistant', content: '', ...message },
  done: false,
  ...more,
})
const COUNTS = { total_duration: 913, prompt_eval_count: 67, eval_count: 47 }
const CALLS = [
  { function: { name: 'look', arguments: { city: '서울' } } },
  { id: 'own', function: { name: 'now', arguments: {} } },
]
const LOGPROB = { token: '안녕', logprob: -0.5, bytes: [1], top_logprobs: [{ token: 'x', logprob: -2 }] }
const STREAMED = [
  line({ thinking: '생' }),
  line({ thinking: '각' }),
  line({ content: '안녕' }, { logprobs: [LOGPROB] }),
  line({ content: ' 👋' }),
  line({ tool_calls: [CALLS[0]] }),
  line({ tool_calls: [CALLS[1]] }),
  { ...line({}), done: true, done_reason: 'stop', ...COUNTS },
]
const steps = (values: readonly unknown[]) =>
  stepsOf(
    chatCodec,
    values.map((value) => eventOf(value)),
  )

const ANSWER = {
  model: 'qwen3:4b',
  created: 1785421036,
  choices: [
    {
      index: 0,
      finish: { unified: 'tool_calls', raw: 'stop' },
      logprobs: [{ token: '안녕', logprob: -0.5, bytes: [1], top: [{ token: 'x', logprob: -2 }] }],
      parts: [
        { type: 'reasoning', text: '생각' },
        { type: 'text', text: '안녕 👋' },
        { type: 'tool-call', id: 'call_x_0', name: 'look', input: '{"city":"서울"}' },
        { type: 'tool-call', id: 'own', name: 'now', input: '{}' },
      ],
    },
  ],
  usage: { input: 67, output: 47 },
  rest: { total_duration: 913 },
}

test('a stream is what the whole answer is', () => {
  const message = { role: 'assistant', content: '안녕 👋', thinking: '생각', tool_calls: CALLS }
  const whole = { ...HEAD, message, logprobs: [LOGPROB], done: true, done_reason: 'stop', ...COUNTS }
  expect(chatCodec.decode(whole, 'x').answer).toEqual(ANSWER)
  const parts = steps(STREAMED)
  expect(collect(parts)).toEqual(ANSWER)
  expect(parts.filter(({ type }) => type === 'part-start')).toHaveLength(4)
  expect(parts.filter(({ type }) => type === 'part-end')).toHaveLength(4)
  expect(parts.at(-1)).toEqual({ type: 'end' })
})

test.each([
  ['stop', 'stop'],
  ['length', 'length'],
  ['load', 'stop'],
])('done because of %s', (done_reason, unified) => {
  const last = { ...line({ content: 'a' }), done: true, done_reason }
  expect(chatCodec.decode(last, 'x').answer?.choices[0]?.finish).toEqual({ unified, raw: done_reason })
  expect(steps([last])).toContainEqual({ type: 'finish', choice: 0, finish: { unified, raw: done_reason } })
})

test('an error in the middle is a failure, and so is a line that is none', () => {
  const [, failed] = steps([line({ content: '' }), { error: 'model runner has unexpectedly stopped' }])
  expect(failed).toMatchObject({
    type: 'failure',
    failure: { failure: { status: 502, message: 'model runner has unexpectedly stopped' } },
  })
  expect(chatCodec.decode({ error: 'x' }, 'x').failure?.failure.message).toBe('x')
  expect(chatCodec.decode({ model: 'm' }, 'x').failure?.retry).toBe('next')
  expect(steps(['{"half":']).map(({ type }) => type)).toEqual(['failure'])
  expect(steps([''])).toEqual([])
})

test('a stream that is cut has no end', () => {
  let decoder = chatCodec.decoder('x')
  for (const value of STREAMED.slice(0, 4)) decoder = decoder.event(eventOf(value)).decoder
  expect(decoder.end()).toEqual([{ type: 'part-end', choice: 0, index: 1 }])
  expect(ollamaNative.streamEnd).toBe('done-required')
})

test('a model that cannot do what is asked leaves it to another', () => {
  const refusal = (error: string, status = 400) =>
    ollamaNative.decodeError({ status, headers: {} }, JSON.stringify({ error }))
  expect(refusal('"gemma:2b" does not support tools')).toMatchObject({ retry: 'next', failure: { status: 400 } })
  expect(refusal('invalid options: x').retry).toBe('no')
  expect(refusal("model 'x' not found", 404).retry).toBe('next')
})
