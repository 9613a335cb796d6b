import { expect, test } from 'vitest'
import { collect } from '#src/core/collect.ts'
import { messagesCodec } from './codec.ts'
import { decoded, wireEvent } from './testing.ts'

const START = {
  type: 'message_start',
  message: {
    id: 'msg_1',
    model: 'm',
    role: 'assistant',
    content: [],
    usage: { input_tokens: 5, cache_read_input_tokens: 100, output_tokens: 1, service_tier: 'standard' },
  },
}
const begin = (index: number, block: object) => ({ type: 'content_block_start', index, content_block: { ...block } })
const grow = (index: number, delta: object) => ({ type: 'content_block_delta', index, delta: { ...delta } })
const stop = (index: number) => ({ type: 'content_block_stop', index })
const end = (reason: string, usage: object = { output_tokens: 9 }, more: object = {}) => ({
  type: 'message_delta',
  delta: { stop_reason: reason, stop_sequence: null, ...more },
  usage: { ...usage },
})
const STOP = { type: 'message_stop' }

test('a stream is what the whole message is', () => {
  const citation = {
    type: 'web_search_result_location',
    url: 'https://a.test',
    title: 'A',
    cited_text: 'q',
    encrypted_index: 'e',
  }
  const parts = decoded(
    START,
    { type: 'ping' },
    begin(0, { type: 'thinking', thinking: '', signature: '' }),
    grow(0, { type: 'thinking_delta', thinking: '음' }),
    grow(0, { type: 'signature_delta', signature: 'sig' }),
    stop(0),
    begin(1, { type: 'redacted_thinking', data: 'enc' }),
    stop(1),
    begin(2, { type: 'text', text: '' }),
    grow(2, { type: 'text_delta', text: '안녕 ' }),
    grow(2, { type: 'text_delta', text: '👋' }),
    grow(2, { type: 'citations_delta', citation }),
    grow(2, { type: 'of_tomorrow', x: 1 }),
    stop(2),
    { type: 'content_block_of_tomorrow' },
    begin(3, { type: 'server_tool_use', id: 's1', name: 'web_search', input: {} }),
    grow(3, { type: 'input_json_delta', partial_json: '{"query":' }),
    grow(3, { type: 'input_json_delta', partial_json: '"a"}' }),
    stop(3),
    begin(4, { type: 'tool_use', id: 't1', name: 'f', input: {} }),
    grow(4, { type: 'input_json_delta', partial_json: '' }),
    grow(4, { type: 'input_json_delta', partial_json: '{"a":' }),
    grow(4, { type: 'input_json_delta', partial_json: '1}' }),
    stop(4),
    begin(5, { type: 'tool_use', id: 't2', name: 'g', input: {} }),
    stop(5),
    {
      ...end('tool_use', { output_tokens: 9, output_tokens_details: { thinking_tokens: 4 } }),
      context_management: { applied_edits: [] },
    },
    STOP,
  )
  const whole = messagesCodec.decode(
    {
      id: 'msg_1',
      type: 'message',
      role: 'assistant',
      model: 'm',
      content: [
        { type: 'thinking', thinking: '음', signature: 'sig' },
        { type: 'redacted_thinking', data: 'enc' },
        { type: 'text', text: '안녕 👋', citations: [citation] },
        { type: 'server_tool_use', id: 's1', name: 'web_search', input: { query: 'a' } },
        { type: 'tool_use', id: 't1', name: 'f', input: { a: 1 } },
        { type: 'tool_use', id: 't2', name: 'g', input: {} },
      ],
      stop_reason: 'tool_use',
      stop_sequence: null,
      usage: {
        input_tokens: 5,
        cache_read_input_tokens: 100,
        output_tokens: 9,
        output_tokens_details: { thinking_tokens: 4 },
        service_tier: 'standard',
      },
      context_management: { applied_edits: [] },
      container: null,
    },
    'x',
  )
  expect(collect(parts)).toEqual(whole.answer)
  expect(whole.answer?.usage).toEqual({
    input: 105,
    cachedInput: 100,
    output: 9,
    reasoning: 4,
    serviceTier: 'standard',
  })
  expect(whole.answer).toMatchObject({ serviceTier: 'default', rest: { context_management: {} } })
  expect(whole.answer?.choices[0]?.parts.map(({ type }) => type)).toEqual([
    'reasoning',
    'reasoning',
    'text',
    'opaque',
    'tool-call',
    'tool-call',
  ])
  expect(parts.at(-1)).toEqual({ type: 'end' })
  const marks = parts.flatMap((part) =>
    part.type === 'part-start' || part.type === 'part-end' ? [`${part.type} ${part.index}`] : [],
  )
  expect(marks).toEqual([0, 1, 2, 3, 4, 5].flatMap((index) => [`part-start ${index}`, `part-end ${index}`]))
})

test.each([
  ['end_turn', 'stop'],
  ['stop_sequence', 'stop'],
  ['max_tokens', 'length'],
  ['model_context_window_exceeded', 'length'],
  ['tool_use', 'tool_calls'],
  ['refusal', 'content_filter'],
  ['pause_turn', 'pause'],
  ['of_tomorrow', 'stop'],
])('%s ends as %s', (raw, unified) => {
  const { choices } = collect(decoded(START, end(raw), STOP))
  expect(choices).toEqual([{ index: 0, parts: [], finish: { unified, raw } }])
})

test('a stop sequence and the details of a refusal are kept', () => {
  const details = { type: 'refusal', category: 'cyber', explanation: null }
  const [choice] = collect(decoded(START, end('refusal', {}, { stop_details: details, stop_sequence: 'END' }))).choices
  expect(choice?.finish).toMatchObject({ stopSequence: 'END', safety: details })
})

test('a report of usage that leaves members out takes none back', () => {
  const usage = (report: object) => collect(decoded(START, end('end_turn', report))).usage
  expect(usage({ input_tokens: 7, output_tokens: 9 })).toEqual({
    input: 107,
    cachedInput: 100,
    output: 9,
    serviceTier: 'standard',
  })
  expect(usage({ input_tokens: null, cache_read_input_tokens: null, output_tokens: 9 })).toEqual({
    input: 105,
    cachedInput: 100,
    output: 9,
    serviceTier: 'standard',
  })
})

test('a block that an end cuts off is closed', () => {
  const parts = decoded(
    START,
    begin(0, { type: 'text', text: 'a' }),
    begin(1, { type: 'tool_use', id: 't', name: 'f', input: {} }),
    end('max_tokens'),
    STOP,
  )
  expect(parts.filter(({ type }) => type === 'part-end')).toHaveLength(2)
  expect(collect(parts).choices[0]?.parts).toEqual([
    { type: 'text', text: 'a' },
    { type: 'tool-call', id: 't', name: 'f', input: '{}' },
  ])
  expect(decoded(START, begin(0, { type: 'text', text: '' })).at(-1)).toMatchObject({ type: 'part-end' })
})

test('calls without an id get one', () => {
  const parts = decoded(START, begin(0, { type: 'tool_use', name: 'f', input: { a: 1 } }), stop(0))
  expect(collect(parts).choices[0]?.parts).toEqual([{ type: 'tool-call', id: 'call_x_0', name: 'f', input: '{"a":1}' }])
})

test.each([
  ['not JSON', '{"type":'],
  ['no object', '[]'],
  ['a second beginning', START],
  ['growth of a block that is not there', grow(3, { type: 'text_delta', text: 'a' })],
])('%s is a failure', (_name, event) => {
  const parts = decoded(START, event)
  expect(parts.at(-1)).toMatchObject({ type: 'failure', failure: { failure: { status: 502 }, retry: 'next' } })
})

test('a block that begins twice is a failure', () => {
  expect(decoded(START, begin(0, { type: 'text', text: '' }), begin(0, { type: 'text', text: '' }))).toContainEqual(
    expect.objectContaining({ type: 'failure' }),
  )
})

test('an error is one wherever it comes, and however it is written', () => {
  const error = { type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } }
  expect(decoded(error)).toEqual([{ type: 'failure', failure: expect.objectContaining({ retry: 'same' }) }])
  const bare = messagesCodec.decoder('x').event({ ...wireEvent({ message: 'nope' }), name: 'error' })
  expect(bare.parts).toMatchObject([{ type: 'failure' }])
  expect(messagesCodec.decode(error, 'x').failure?.failure).toMatchObject({ status: 529, type: 'overloaded_error' })
  expect(messagesCodec.decode({ id: 'x' }, 'x').failure).toBeDefined()
})

test('what says nothing changes nothing, and an older decoder stays true', () => {
  const decoder = messagesCodec.decoder('x').event(wireEvent(START)).decoder
  for (const event of [{ type: 'ping' }, '[DONE]', { type: 'of_tomorrow' }]) {
    expect(decoder.event(wireEvent(event))).toEqual({ decoder, parts: [] })
  }
  expect(decoder.event({ bytes: new Uint8Array(), comment: true }).parts).toEqual([])
  const once = decoder.event(wireEvent(begin(0, { type: 'text', text: '' })))
  once.decoder.event(wireEvent(stop(0)))
  expect(decoder.event(wireEvent(begin(0, { type: 'text', text: '' }))).parts).toEqual(once.parts)
  expect(once.decoder.end()).toEqual([{ type: 'part-end', choice: 0, index: 0 }])
})
