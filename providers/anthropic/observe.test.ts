import { expect, test } from 'vitest'
import type { JsonObject } from '#src/core/json.ts'
import { observe } from './observe.ts'

const event = (value: JsonObject, name?: string) => observe(value, { stream: true, event: name })

test('events say what they hold', () => {
  const usage = {
    input_tokens: 3,
    cache_creation_input_tokens: 2,
    cache_creation: { ephemeral_1h_input_tokens: 1 },
    output_tokens: 1,
  }
  expect(event({ type: 'message_start', message: { model: 'm', usage } })).toMatchObject({
    content: false,
    choices: [0],
    finished: [],
    model: 'm',
    usage: { input: 5, cacheWrite: 2, cacheWriteLong: 1, output: 1 },
  })
  expect(event({ type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } }).content).toBe(
    false,
  )
  expect(
    event({ type: 'content_block_start', index: 0, content_block: { type: 'tool_use', name: 'f', input: {} } }),
  ).toMatchObject({ content: true, generatedBytes: 1 })
  expect(event({ type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: '안' } })).toMatchObject({
    content: true,
    generatedBytes: 3,
  })
  expect(
    event({ type: 'content_block_delta', index: 0, delta: { type: 'thinking_delta', thinking: 'a' } }).content,
  ).toBe(true)
  expect(
    event({ type: 'content_block_delta', index: 0, delta: { type: 'signature_delta', signature: 'a' } }).content,
  ).toBe(false)
  expect(
    event({ type: 'message_delta', delta: { stop_reason: 'tool_use' }, usage: { output_tokens: 7 } }),
  ).toMatchObject({
    finished: [0],
    finish: 'tool_calls',
    usage: { output: 7 },
  })
  expect(event({ type: 'message_delta', delta: { stop_reason: 'pause_turn' } }).finish).toBe('length')
  expect(event({ type: 'message_stop' }).done).toBe(true)
  expect(event({ type: 'ping' })).toMatchObject({ content: false, choices: [], done: false })
})

test('an answer that met a stop sequence at once is not empty', () => {
  const reason = { stop_reason: 'stop_sequence', stop_sequence: 'alpha' }
  expect(observe({ content: [], ...reason }, { stream: false })).toMatchObject({ content: true, finish: 'stop' })
  expect(event({ type: 'message_delta', delta: reason })).toMatchObject({ content: true, finished: [0] })
  expect(observe({ content: [], stop_reason: 'end_turn' }, { stream: false }).content).toBe(false)
})

test('a whole message', () => {
  const content = [
    { type: 'text', text: 'ab' },
    { type: 'tool_use', name: 'f', input: { a: 1 } },
  ]
  expect(
    observe(
      { model: 'm', content, stop_reason: 'refusal', usage: { input_tokens: 1, output_tokens: 2 } },
      { stream: false },
    ),
  ).toMatchObject({
    content: true,
    generatedBytes: 10,
    finished: [0],
    finish: 'content_filter',
    model: 'm',
    usage: { input: 1, output: 2 },
  })
  expect(observe({ content: [], stop_reason: 'end_turn' }, { stream: false }).content).toBe(false)
})

test('errors are failures, with and without their type', () => {
  const error = { type: 'overloaded_error', message: 'm' }
  expect(event({ type: 'error', error }).failure?.failure.status).toBe(529)
  expect(event({ error }).failure).toBeDefined()
  expect(event({ message: 'm' }, 'error').failure).toBeDefined()
})
