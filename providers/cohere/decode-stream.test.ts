import { expect, test } from 'vitest'
import { collect } from '#src/core/collect.ts'
import { eventOf, stepsOf } from '../../test/support/conversations.ts'
import { chatCodec } from './codec.ts'

const steps = (...values: readonly unknown[]) =>
  stepsOf(
    chatCodec,
    values.map((value) => eventOf(value)),
  )
const message = (type: string, own: object, index = 0) => ({ type, index, delta: { message: own } })

/** One answer in both forms. The citation counts characters: the emoji are one each. */
const CITATION = {
  start: 2,
  end: 4,
  text: '좋은',
  sources: [{ type: 'document', id: 'd', document: { url: 'https://x.test', title: 'T' } }],
}
const WHOLE = {
  id: 'a1',
  finish_reason: 'TOOL_CALL',
  message: {
    role: 'assistant',
    tool_plan: 'plan',
    content: [
      { type: 'thinking', thinking: '생각' },
      { type: 'text', text: '👋🏽좋은 날' },
    ],
    citations: [CITATION, { ...CITATION, type: 'PLAN' }],
    tool_calls: [
      { id: 'c1', type: 'function', function: { name: 'look', arguments: '{"city":"서울"}' } },
      { type: 'function', function: { name: 'now', arguments: '' } },
    ],
  },
  logprobs: [{ text: '👋🏽', token_ids: [1, 2], logprobs: [-1, -0.5] }],
  usage: { billed_units: { input_tokens: 1 }, tokens: { input_tokens: 50, output_tokens: 20 }, cached_tokens: 40 },
}
const STREAMED = [
  { id: 'a1', type: 'message-start', delta: { message: { role: 'assistant' } } },
  message('tool-plan-delta', { tool_plan: 'pl' }),
  message('tool-plan-delta', { tool_plan: 'an' }),
  message('content-start', { content: { type: 'thinking', thinking: '' } }),
  message('content-delta', { content: { thinking: '생각' } }),
  { type: 'content-end', index: 0 },
  message('content-start', { content: { type: 'text', text: '👋' } }, 1),
  {
    ...message('content-delta', { content: { text: '🏽' } }, 1),
    logprobs: { text: '👋🏽', token_ids: [1, 2], logprobs: [-1, -0.5] },
  },
  message('content-delta', { content: { text: '좋은 날' } }, 1),
  message('citation-start', { citations: CITATION }),
  message('citation-start', { citations: { ...CITATION, type: 'PLAN' } }),
  { type: 'citation-end', index: 0 },
  { type: 'content-end', index: 1 },
  message('tool-call-start', { tool_calls: { id: 'c1', type: 'function', function: { name: 'look', arguments: '' } } }),
  message('tool-call-delta', { tool_calls: { function: { arguments: '{"city":' } } }),
  message('tool-call-delta', { tool_calls: { function: { arguments: '"서울"}' } } }),
  { type: 'tool-call-end', index: 0 },
  message('tool-call-start', { tool_calls: { type: 'function', function: { name: 'now', arguments: '' } } }, 1),
  { type: 'tool-call-end', index: 1 },
  { type: 'something-new' },
  { type: 'message-end', delta: { finish_reason: 'TOOL_CALL', usage: WHOLE.usage } },
]

test('a stream is what the whole answer is', () => {
  const { answer } = chatCodec.decode(WHOLE, 'x')
  expect(collect(steps(...STREAMED))).toEqual(answer)
  expect(answer).toEqual({
    id: 'a1',
    choices: [
      {
        index: 0,
        finish: { unified: 'tool_calls', raw: 'TOOL_CALL' },
        logprobs: [{ token: '👋🏽', logprob: -1.5 }],
        parts: [
          { type: 'reasoning', text: 'plan' },
          { type: 'reasoning', text: '생각' },
          {
            type: 'text',
            text: '👋🏽좋은 날',
            citations: [
              { vendor: 'cohere', raw: CITATION, url: 'https://x.test', title: 'T', quote: '좋은', start: 4, end: 6 },
            ],
          },
          { type: 'tool-call', id: 'c1', name: 'look', input: '{"city":"서울"}' },
          { type: 'tool-call', id: 'call_x_1', name: 'now', input: '{}' },
        ],
      },
    ],
    usage: { input: 50, cachedInput: 40, output: 20 },
  })
})

test('every part is started once and ended once, and nothing comes behind the end', () => {
  const parts = steps(...STREAMED)
  const started = parts.flatMap((part) => (part.type === 'part-start' ? [part.index] : []))
  expect(started).toEqual([0, 1, 2, 3, 4])
  expect(parts.flatMap((part) => (part.type === 'part-end' ? [part.index] : []))).toEqual(started)
  expect(parts.map(({ type }) => type).slice(-3)).toEqual(['usage', 'finish', 'end'])
})

test('an end is told when it comes', () => {
  const text = message('content-delta', { content: { text: 'a' } })
  expect(steps(text, { type: 'content-end', index: 0 }).at(-1)).toEqual({ type: 'part-end', choice: 0, index: 0 })
})

test('where a citation says which block it is of, it is of that one', () => {
  const content = ['a', 'bb'].map((text) => ({ type: 'text', text }))
  const citations = [{ start: 0, end: 1, text: 'b', content_index: 1 }]
  const { answer } = chatCodec.decode({ message: { content, citations }, finish_reason: 'COMPLETE' }, 'x')
  expect(answer?.choices[0]?.parts).toMatchObject([{ text: 'a' }, { text: 'bb', citations: [{ quote: 'b' }] }])
  expect(answer?.choices[0]?.parts[0]).not.toHaveProperty('citations')
})

test.each([
  ['COMPLETE', 'stop'],
  ['STOP_SEQUENCE', 'stop'],
  ['MAX_TOKENS', 'length'],
  ['TOOL_CALL', 'tool_calls'],
  ['ERROR_TOXIC', 'content_filter'],
  ['SOMETHING_NEW', 'stop'],
])('%s ends as %s', (finish_reason, unified) => {
  const content = [{ type: 'text', text: 'a' }]
  const { answer } = chatCodec.decode({ message: { content }, finish_reason }, 'x')
  expect(answer?.choices[0]?.finish).toEqual({ unified, raw: finish_reason })
  const finish = steps({ type: 'message-end', delta: { finish_reason } }).find(({ type }) => type === 'finish')
  expect(finish).toEqual({ type: 'finish', choice: 0, finish: { unified, raw: finish_reason } })
})

test.each(['ERROR', 'TIMEOUT'])('%s is no end', (finish_reason) => {
  const { failure } = chatCodec.decode({ message: { content: [] }, finish_reason, error: 'boom' }, 'x')
  const parts = steps({ type: 'message-end', delta: { finish_reason, error: 'boom' } })
  expect(parts).toEqual([{ type: 'failure', failure }])
  expect(failure?.failure).toMatchObject({ status: finish_reason === 'ERROR' ? 502 : 504, message: 'boom' })
  const silent = chatCodec.decode({ message: { content: [] }, finish_reason }, 'x')
  expect(silent.failure?.failure.message).toContain(finish_reason)
})

test.each([
  [eventOf('nonsense')],
  [eventOf('[1]')],
  [eventOf({ message: 'internal server error' })],
  [eventOf({ whatever: 1 }, 'error')],
  [{ ...eventOf({}), error: '{"message":"x"}' }],
])('%j is a failure', (event) => {
  expect(stepsOf(chatCodec, [event]).map(({ type }) => type)).toEqual(['failure'])
})

test('a stream that is cut has no end, and what was open is closed', () => {
  let decoder = chatCodec.decoder('x')
  for (const value of STREAMED.slice(0, 16)) decoder = decoder.event(eventOf(value)).decoder
  expect(decoder.end()).toEqual([{ type: 'part-end', choice: 0, index: 3 }])
  expect(steps(...STREAMED.slice(0, 20)).some(({ type }) => type === 'end' || type === 'finish')).toBe(false)
})

test('the mark behind the end and comments say nothing', () => {
  expect(stepsOf(chatCodec, [eventOf('[DONE]'), { bytes: new Uint8Array(), comment: true }])).toEqual([])
})

test('what is billed stands in where nothing else is counted, and unknown members are kept', () => {
  const content = [{ type: 'text', text: 'a' }]
  const usage = { billed_units: { input_tokens: 3, output_tokens: 4 }, cached_tokens: 9 }
  const { answer } = chatCodec.decode({ message: { content }, finish_reason: 'COMPLETE', usage, extra: 1 }, 'x')
  expect(answer?.usage).toEqual({ input: 3, cachedInput: 3, output: 4 })
  expect(answer?.rest).toEqual({ extra: 1 })
})
