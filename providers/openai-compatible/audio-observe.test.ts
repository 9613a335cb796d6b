import { describe, expect, test } from 'vitest'
import type { JsonObject } from '#src/core/json.ts'
import { openaiCompatible } from './index.ts'

const seen = (value: JsonObject, stream: boolean, endpoint: 'speech' | 'transcriptions' = 'transcriptions') =>
  openaiCompatible.observe(value, { endpoint, stream })

describe('a whole transcript', () => {
  test.each([
    [
      { type: 'tokens', input_tokens: 40, output_tokens: 5, input_token_details: { audio_tokens: 38 } },
      { input: 40, output: 5, audioInput: 38 },
    ],
    [{ type: 'tokens', input_tokens: 40 }, { input: 40 }],
    // Mistral's and others'.
    [
      { prompt_tokens: 4, completion_tokens: 5, total_tokens: 9 },
      { input: 4, output: 5 },
    ],
    [
      { type: 'duration', seconds: 12.34 },
      { input: 124, audioInput: 124, output: 0 },
    ],
    [{ type: 'duration', seconds: -1 }, {}],
    [{ type: 'duration', seconds: 'long' }, {}],
  ])('%j is %j', (usage, due) => {
    expect(seen({ text: 'hi', usage }, false).usage).toEqual(due)
  })

  test('without usage none is reported', () => {
    expect(seen({ text: '안녕' }, false)).toMatchObject({
      content: true,
      generatedBytes: 6,
      finished: [0],
      usage: undefined,
    })
  })

  test('is one with a text, though it be empty', () => {
    expect(seen({ text: '' }, false).content).toBe(true)
    expect(seen({}, false).content).toBe(false)
    expect(seen({ error: { message: 'no', type: 'server_error' } }, false)).toMatchObject({
      content: false,
      failure: { retry: 'same' },
    })
  })
})

describe('an event', () => {
  test.each([
    [
      { type: 'transcript.text.delta', delta: '안' },
      { content: true, generatedBytes: 3, finished: [] },
    ],
    [
      { type: 'transcript.text.segment', text: ' hi', speaker: 'A' },
      { content: true, generatedBytes: 3, finished: [] },
    ],
    [
      { type: 'transcript.text.done', text: '안녕' },
      { content: true, generatedBytes: 0, finished: [0] },
    ],
    [
      { type: 'speech.audio.delta', audio: 'AAEC' },
      { content: true, generatedBytes: 4, finished: [] },
    ],
    [
      { type: 'speech.audio.done', usage: { input_tokens: 1, output_tokens: 2 } },
      { content: true, finished: [0], usage: { input: 1, output: 2 } },
    ],
    [{ type: 'speech.audio.begun' }, { content: false, finished: [] }],
  ])('%j', (value, due) => {
    expect(seen(value, true)).toMatchObject({ choices: [0], ...due })
  })

  test('an error is one', () => {
    expect(seen({ error: { message: 'no', type: 'server_error' } }, true).failure).toBeDefined()
  })

  test('of vLLM, which streams transcripts as choices', () => {
    const choice = { index: 0, delta: { content: 'hi' }, finish_reason: 'stop' }
    expect(seen({ object: 'transcription.chunk', choices: [choice] }, true)).toMatchObject({
      content: true,
      finished: [0],
      finish: 'stop',
    })
  })
})
