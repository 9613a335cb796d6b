import { describe, expect, test } from 'vitest'
import { makeRequest } from '../../../test/support/world.ts'
import type { ApiRequest } from '#src/core/request.ts'
import { dialects } from '../registry.ts'

const sense = (request: ApiRequest) => dialects[request.endpoint].sense(request)

const chat = (more: Parameters<typeof makeRequest>[0]) => sense(makeRequest({ model: 'm', messages: [], ...more }))
const said = (content: string) => chat({ messages: [{ role: 'user', content }] })

test('the worst case is the UTF-8 bytes of the text and 64 a message', () => {
  expect(said('hello').inputTokensWorst).toBe(5 + 64)
  expect(said('안녕하세요').inputTokensWorst).toBe(15 + 64)
  const parts = [
    { type: 'text', text: 'abc' },
    { type: 'text', text: 'é' },
  ]
  expect(
    chat({
      messages: [
        { role: 'system', content: 'x' },
        { role: 'user', content: parts },
      ],
    }).inputTokensWorst,
  ).toBe(6 + 128)
})

test('the estimate knows Korean from English', () => {
  expect(said('a'.repeat(400)).inputTokens).toBe(104)
  expect(said('가'.repeat(400)).inputTokens).toBe(284)
})

test('tools count with their schemas, tool calls and unknown text of a message too', () => {
  const tools = [{ type: 'function', function: { name: 'weather', parameters: { type: 'object' } } }]
  expect(chat({ tools }).inputTokensWorst).toBeGreaterThanOrEqual(JSON.stringify(tools).length - 12)
  const call = { id: 'c1', type: 'function', function: { name: 'f', arguments: 'x'.repeat(1000) } }
  expect(
    chat({ messages: [{ role: 'assistant', content: null, tool_calls: [call] }] }).inputTokensWorst,
  ).toBeGreaterThan(1064)
  expect(chat({ messages: [{ role: 'assistant', content: 'a', reasoning_content: 'bcd' }] }).inputTokensWorst).toBe(
    4 + 64,
  )
})

describe('images and sounds', () => {
  test('are counted by number and size, and not read', () => {
    const url = `data:image/png;base64,${'A'.repeat(1_000_000)}`
    const parts = [
      { type: 'image_url', image_url: { url } },
      { type: 'input_audio', input_audio: { data: 'A'.repeat(9999), format: 'wav' } },
    ]
    const signals = chat({ messages: [{ role: 'user', content: parts }] })
    // An image of the highest fidelity, and 7,500 bytes of the thinnest sound.
    expect(signals).toMatchObject({ unmeasured: 0, inputTokensWorst: 64 + 10_000 + 250 })
    expect(signals.needs.slice(1)).toEqual([
      { capability: 'images', param: 'messages' },
      { capability: 'audio', param: 'messages' },
    ])
  })

  test.each([
    { type: 'file', file: { file_data: 'A'.repeat(9999) } },
    { type: 'video_url', video_url: { url: 'https://host/a.mp4' } },
    { type: 'audio_url', audio_url: { url: 'https://host/a.mp3' } },
  ])('what is of any length: %j', (part) => {
    const signals = chat({ messages: [{ role: 'user', content: [part] }] })
    expect(signals).toMatchObject({ unmeasured: 1, inputTokensWorst: 64 })
  })
})

test.each([
  [{ max_tokens: 5 }, 5],
  [{ max_completion_tokens: 7 }, 7],
  [{ max_completion_tokens: 1, max_tokens: 9 }, 9],
  [{ max_tokens: null }, undefined],
  [{ max_tokens: 1e300 }, 1_000_000_000],
  [{ max_tokens: -4 }, undefined],
  [{ max_tokens: 1, n_predict: 9 }, 9],
  [{ max_tokens: 1, n_predict: -1 }, undefined],
  [{}, undefined],
])('output limit of %j is %j', (body, limit) => {
  expect(chat(body).outputLimit).toBe(limit)
})

test('choices: n, times best_of, times prompts', () => {
  expect(chat({}).choices).toBe(1)
  expect(chat({ n: 3 }).choices).toBe(3)
  expect(chat({ n: 0 }).choices).toBe(1)
  expect(chat({ n: 1e308 }).choices).toBe(1_000_000)
  const completion = (body: Parameters<typeof makeRequest>[0]) => sense(makeRequest(body, 'completions'))
  expect(completion({ prompt: ['a', 'b'], n: 2, best_of: 3 }).choices).toBe(12)
  expect(completion({ prompt: [1, 2, 3] }).choices).toBe(1)
})

test('inputs of embeddings: text, texts, tokens, lists of tokens', () => {
  const embed = (input: Parameters<typeof makeRequest>[0][string]) =>
    sense(makeRequest({ model: 'm', input }, 'embeddings'))
  expect(embed('abcd')).toMatchObject({ inputTokens: 1, inputTokensWorst: 4 })
  expect(embed(['abcd', 'abcdefgh'])).toMatchObject({ inputTokens: 3, longestInput: 2, inputTokensWorst: 12 })
  expect(embed([1, 2, 3])).toMatchObject({ inputTokens: 3, inputTokensWorst: 3 })
  expect(embed([[1, 2], [3]])).toMatchObject({ inputTokens: 3, longestInput: 2 })
  expect(embed([1, 2, 3]).longestInput).toBeUndefined()
})

test.each([
  [{ tools: [{}] }, 'tools', 'tools'],
  [{ functions: [{}] }, 'tools', 'functions'],
  [{ modalities: ['text', 'audio'] }, 'audio', 'modalities'],
  [{ response_format: { type: 'json_schema' } }, 'structured', 'response_format'],
  [{ response_format: { type: 'json_object' } }, 'structured', 'response_format'],
  [{ logprobs: true }, 'logprobs', 'logprobs'],
  [{ reasoning_effort: 'low' }, 'reasoning', 'reasoning_effort'],
])('%j needs %s', (body, capability, param) => {
  expect(chat(body).needs).toEqual([
    { capability: 'chat', param: 'model' },
    { capability, param },
  ])
})

test.each([
  { tools: [] },
  { logprobs: false },
  { response_format: { type: 'text' } },
  { reasoning_effort: 'none' },
  { reasoning_effort: null },
])('%j needs nothing', (body) => {
  expect(chat(body).needs).toHaveLength(1)
})

test('a value nested a million deep overflows nothing', () => {
  let deep: Parameters<typeof makeRequest>[0][string] = 'x'
  for (let index = 0; index < 1_000_000; index++) deep = [deep]
  const signals = sense({
    ...makeRequest({ model: 'm' }),
    body: { messages: [{ role: 'user', content: deep, x: deep }], tools: deep },
  })
  expect(signals.inputTokens).toBeGreaterThan(0)
})
