import { expect, test } from 'vitest'
import type { JsonObject } from '#src/core/json.ts'
import { openrouter } from '#providers/openrouter/index.ts'
import { xai } from '#providers/xai/index.ts'
import { openaiCompatible } from './index.ts'

const CHUNK = { endpoint: 'chat', stream: true } as const
const WHOLE = { endpoint: 'chat', stream: false } as const

function delta(said: JsonObject, finish: string | null = null) {
  return openaiCompatible.observe({ choices: [{ index: 0, delta: said, finish_reason: finish }] }, CHUNK)
}

test.each([
  [{ content: '안녕' }, 6],
  [{ refusal: 'no' }, 2],
  [{ reasoning_content: 'hm', reasoning: 'hm' }, 2],
  [{ reasoning: 'hm', reasoning_details: [{ text: 'hm' }] }, 2],
  [{ reasoning_details: [{ type: 'reasoning.encrypted', data: 'abc' }] }, 3],
  [
    {
      content: [
        { type: 'thinking', thinking: [{ type: 'text', text: 'ab' }] },
        { type: 'text', text: 'c' },
      ],
    },
    3,
  ],
  [{ tool_calls: [{ index: 0, function: { name: 'f', arguments: '{}' } }] }, 3],
  [{ tool_calls: [{ id: 'x' }] }, 0],
  [{ function_call: { name: 'f', arguments: '' } }, 1],
  [{ audio: { transcript: 'hi' } }, 2],
  [{ audio: { data: 'AAAA' } }, 0],
  [{ content: { name: 'Emily' } }, 16],
])('%j is content of %i bytes', (said, generatedBytes) => {
  expect(delta(said)).toMatchObject({ content: true, generatedBytes, choices: [0], finished: [] })
})

test.each([
  [{}],
  [{ role: 'assistant', content: '', refusal: null, tool_calls: null }],
  [
    {
      content: null,
      tool_calls: [],
      function_call: { name: '', arguments: '' },
      audio: { id: '', data: '', transcript: '' },
    },
  ],
  [{ content: {}, reasoning_details: [] }],
])('%j is nothing that a caller would miss', (said) => {
  expect(delta(said)).toMatchObject({ content: false, generatedBytes: 0 })
})

test('a choice is finished by a reason, not by an empty one', () => {
  expect(delta({}, 'stop')).toMatchObject({ finished: [0], finish: 'stop' })
  expect(delta({}, 'eos').finished).toEqual([0])
  expect(delta({}, '').finished).toEqual([])
  expect(delta({}, null).finished).toEqual([])
  expect(delta({}, 'insufficient_system_resource')).toMatchObject({ finished: [], failure: { retry: 'same' } })
})

test('a last event that repeats the whole message is not counted twice', () => {
  const value = {
    choices: [{ index: 0, message: { content: 'long text' }, delta: { content: '' }, finish_reason: 'stop' }],
  }
  expect(openaiCompatible.observe(value, CHUNK)).toMatchObject({ content: false, generatedBytes: 0, finished: [0] })
  expect(openaiCompatible.observe(value, WHOLE)).toMatchObject({ content: true, generatedBytes: 9 })
})

test('an event of usage alone is told from an empty first event', () => {
  const usage = { prompt_tokens: 1, completion_tokens: 2 }
  expect(openaiCompatible.observe({ choices: [], usage, model: 'm' }, CHUNK)).toMatchObject({
    usageOnly: true,
    usage: { input: 1, output: 2 },
    model: 'm',
  })
  expect(
    openaiCompatible.observe({ choices: [], usage: null, prompt_filter_results: [], model: '' }, CHUNK).usageOnly,
  ).toBe(false)
  expect(openaiCompatible.observe({ choices: [{ index: 0, delta: {} }], usage }, CHUNK).usageOnly).toBe(false)
})

test.each([
  [
    'OpenRouter',
    { id: 'x', error: { code: 400, message: 'Token limit reached' }, choices: [{ index: 0, delta: {} }] },
    '400 next',
  ],
  ['OpenRouter 502', { error: { code: 502, message: 'Provider disconnected' }, choices: [] }, '502 same'],
  [
    'in a choice',
    { choices: [{ delta: {}, error: { code: 503, message: 'gone' }, finish_reason: 'error' }] },
    '503 same',
  ],
  ['xAI', { code: 'The service is currently unavailable', error: 'try later' }, '503 same'],
  ['Ollama', { error: 'model runner has unexpectedly stopped' }, '502 same'],
  ['flat', { object: 'error', message: 'x', type: 'server_error' }, '500 same'],
  ['Cloudflare', { success: false, errors: [{ code: 3040, message: 'capacity' }] }, '502 same'],
  ['overloaded', { error: { type: 'overloaded_error', message: 'Overloaded' } }, '503 same'],
  ['no credit', { error: { code: 402, message: 'Insufficient credits' } }, '502 next'],
])('an error inside a 200 is seen: %s', (_who, value, expected) => {
  const { failure } = openaiCompatible.observe(value, CHUNK)
  expect(`${failure?.failure.status} ${failure?.retry}`).toBe(expected)
})

test.each([
  [{ error: { message: 'Tool choice is required', type: 'invalid_request_error', status_code: 400 } }, '400 no'],
  [{ code: 400, message: 'the request exceeds the available context size', type: 'invalid_request_error' }, '400 next'],
  [{ whatever: 1 }, '502 same'],
])('an event named `error` is one: %j', (value, expected) => {
  const { failure } = openaiCompatible.observe(value, { ...CHUNK, event: 'error' })
  expect(`${failure?.failure.status} ${failure?.retry}`).toBe(expected)
})

test.each([
  [{ error: null, choices: [] }],
  [{ error: {}, choices: [] }],
  [{ error: '', choices: [] }],
  [{ code: 0, choices: [], message: 'ok' }],
])('%j is no error', (value) => {
  expect(openaiCompatible.observe(value, CHUNK).failure).toBeUndefined()
})

test('vectors and older completions are content', () => {
  const embeddings = { endpoint: 'embeddings', stream: false } as const
  const usage = { prompt_tokens: 3, total_tokens: 3 }
  expect(openaiCompatible.observe({ data: [{ embedding: [0.1] }], usage }, embeddings)).toMatchObject({
    content: true,
    usage: { input: 3, output: 0 },
    usageOnly: false,
  })
  expect(openaiCompatible.observe({ data: [{ embedding: 'AAAA' }] }, embeddings).content).toBe(true)
  expect(openaiCompatible.observe({ data: [{ embedding: [] }] }, embeddings).content).toBe(false)
  const completion = { choices: [{ index: 1, text: 'hi', finish_reason: 'length' }] }
  expect(openaiCompatible.observe(completion, { endpoint: 'completions', stream: true })).toMatchObject({
    content: true,
    generatedBytes: 2,
    choices: [1],
    finished: [1],
  })
})

test('nesting without end is bounded', () => {
  let deep: JsonObject = { text: 'x' }
  for (let level = 0; level < 50_000; level++) deep = { thinking: [deep] }
  expect(delta({ content: [deep] }).generatedBytes).toBe(0)
  expect(delta({ content: deep }).content).toBe(true)
})

test.each([
  [
    'images of OpenRouter, counted as a chat, with their price',
    openrouter,
    'imageGenerations',
    { prompt_tokens: 1125, completion_tokens: 1120, total_tokens: 2245, cost: 0.03388125 },
    { input: 1125, output: 1120, reportedCost: 33_881_250n },
  ],
  [
    'images of xAI: a price alone',
    xai,
    'imageGenerations',
    { cost_in_usd_ticks: 700_000_000 },
    { reportedCost: 70_000_000n },
  ],
  [
    'images of OpenAI, counted as Responses',
    openaiCompatible,
    'imageEdits',
    { input_tokens: 50, output_tokens: 4160, input_tokens_details: { text_tokens: 10, image_tokens: 40 } },
    { input: 50, imageInput: 40, output: 4160 },
  ],
  ['a ranking that has a total alone', openaiCompatible, 'rerank', { total_tokens: 15 }, { input: 15, output: 0 }],
  [
    'a ranking of llama.cpp',
    openaiCompatible,
    'rerank',
    { prompt_tokens: 9, total_tokens: 9 },
    { input: 9, output: 0 },
  ],
] as const)('usage of %s', (_name, adapter, endpoint, usage, read) => {
  expect(adapter.observe({ data: [], usage }, { endpoint, stream: false }).usage).toEqual(read)
})
