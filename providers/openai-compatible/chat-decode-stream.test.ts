import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { collect } from '#src/core/collect.ts'
import type { JsonObject } from '#src/core/json.ts'
import type { WireEvent } from '#src/core/wire-event.ts'
import { chunk, codecOf, decodeEvents, end, eventOf, events, partsOf, stream } from './chat-testing.ts'

describe('text and thoughts', () => {
  test.each<[string, readonly JsonObject[], readonly object[]]>([
    [
      'a text',
      [chunk({ role: 'assistant', content: '' }), chunk({ content: '안' }), chunk({ content: '녕👋' })],
      [{ type: 'text', text: '안녕👋' }],
    ],
    [
      'thoughts under two names are told once',
      [chunk({ reasoning_content: 'r', reasoning: 'r' }), chunk({ content: 'a' })],
      [
        { type: 'reasoning', text: 'r' },
        { type: 'text', text: 'a' },
      ],
    ],
    [
      'an empty name beside a full one',
      [chunk({ reasoning_content: '', reasoning: 'r' })],
      [{ type: 'reasoning', text: 'r' }],
    ],
    [
      'a list of parts with thoughts',
      [
        chunk({ content: [{ type: 'thinking', thinking: [{ type: 'text', text: 'r' }] }] }),
        chunk({ content: [{ type: 'text', text: 'a' }] }),
      ],
      [
        { type: 'reasoning', text: 'r' },
        { type: 'text', text: 'a' },
      ],
    ],
    ['a refusal', [chunk({ refusal: 'no' })], [{ type: 'refusal', text: 'no' }]],
    [
      'null',
      [chunk({ content: null, refusal: null, tool_calls: null }), chunk({ content: 'a' })],
      [{ type: 'text', text: 'a' }],
    ],
    [
      'sound',
      [chunk({ audio: { id: 'i', transcript: 'la' } }), chunk({ audio: { data: 'QUJD' } })],
      [{ type: 'audio', source: { kind: 'data', mediaType: '', data: 'QUJD' }, transcript: 'la' }],
    ],
    [
      'an image',
      [chunk({ images: [{ image_url: { url: 'data:image/png;base64,QUJD' } }] })],
      [{ type: 'image', source: { kind: 'data', mediaType: 'image/png', data: 'QUJD' } }],
    ],
  ])('%s', (_what, chunks, expected) => {
    expect(partsOf(stream(...chunks, end('stop')))).toEqual(expected)
  })

  test('the whole message beside the last delta is not told twice', () => {
    const last = { id: 'i', choices: [{ index: 0, delta: {}, message: { content: 'ab' }, finish_reason: 'stop' }] }
    expect(partsOf(stream(chunk({ content: 'a' }), chunk({ content: 'b' }), last))).toEqual([
      { type: 'text', text: 'ab' },
    ])
    const alone = { id: 'i', choices: [{ index: 0, message: { content: 'ab' }, finish_reason: 'stop' }] }
    expect(partsOf(stream(chunk({ content: 'a' }), chunk({ content: 'b' }), alone))).toEqual([
      { type: 'text', text: 'ab' },
    ])
    expect(partsOf(stream(alone))).toEqual([{ type: 'text', text: 'ab' }])
  })

  test('sources: in a delta, and found for all of the answer', () => {
    const url_citation = { url: 'https://a.test', title: 'A', start_index: 0, end_index: 1 }
    const [cited] =
      partsOf(
        stream(chunk({ content: 'a' }), chunk({ annotations: [{ type: 'url_citation', url_citation }] }), end('stop')),
      ) ?? []
    expect(cited).toMatchObject({ citations: [{ url: 'https://a.test', title: 'A', start: 0, end: 1 }] })
    const results = [{ url: 'https://b.test', title: 'B', snippet: 'words' }]
    const [found] =
      partsOf(
        stream(chunk({ content: 'a' }), { ...end('stop'), search_results: results, citations: ['https://b.test'] }),
      ) ?? []
    expect(collect(stream(chunk({ content: 'a' }), { ...end('stop'), search_results: results })).rest).toBeUndefined()
    expect(found).toMatchObject({ citations: [{ url: 'https://b.test', title: 'B', quote: 'words' }] })
  })

  test('OpenRouter: details are kept whole beside their text', () => {
    const detail = (more: JsonObject) =>
      chunk({ reasoning: 'x', reasoning_details: [{ type: 'reasoning.text', index: 0, ...more }] })
    const quirks = { replayReasoning: 'reasoning_details', vendor: 'openrouter' } as const
    const wire = events(
      detail({ text: 'a', format: 'anthropic-claude-v1' }),
      detail({ text: 'b' }),
      detail({ signature: 's' }),
      chunk({ content: 'c', reasoning_details: [{ type: 'reasoning.encrypted', data: 'd', index: 1 }] }),
      chunk({ reasoning_details: [{ type: 'reasoning.encrypted', data: 'e', index: 1 }] }),
      end('stop'),
    )
    const details = [
      { type: 'reasoning.text', index: 0, text: 'ab', format: 'anthropic-claude-v1', signature: 's' },
      { type: 'reasoning.encrypted', data: 'd', index: 1 },
      { type: 'reasoning.encrypted', data: 'e', index: 1 },
    ]
    const [thought, said, kept, ...more] = partsOf(decodeEvents(wire, quirks)) ?? []
    expect([thought, said, more]).toEqual([{ type: 'reasoning', text: 'xxx' }, { type: 'text', text: 'c' }, []])
    const value = kept?.type === 'reasoning' ? JSON.parse(kept.signature?.value ?? '') : undefined
    expect(value).toEqual(details)
  })
})

describe('what stands around', () => {
  test('a first chunk of filters alone is not the start', () => {
    const filters = { id: '', model: '', choices: [], prompt_filter_results: [{ index: 0 }] }
    const steps = stream(
      filters,
      { ...chunk({ content: 'a' }), model: 'm', created: 5, service_tier: 'default' },
      end('stop'),
    )
    expect(steps.filter(({ type }) => type === 'start')).toEqual([
      { type: 'start', id: 'i', model: 'm', created: 5, serviceTier: 'default' },
    ])
    expect(collect(steps).rest).toEqual({ prompt_filter_results: [{ index: 0 }] })
  })

  test.each<[string, readonly JsonObject[]]>([
    ['a chunk of its own', [end('stop'), { id: 'i', choices: [], usage: { prompt_tokens: 3, completion_tokens: 4 } }]],
    ['the last chunk', [{ ...end('stop'), usage: { prompt_tokens: 3, completion_tokens: 4 } }]],
    ['a choice', [chunk({}, { finish_reason: 'stop', usage: { prompt_tokens: 3, completion_tokens: 4 } })]],
    ['Groq', [{ ...end('stop'), x_groq: { usage: { prompt_tokens: 3, completion_tokens: 4 } } }]],
    [
      'every chunk',
      [
        { ...chunk({ content: 'a' }), usage: { prompt_tokens: 3, completion_tokens: 1 } },
        { ...end('stop'), usage: { prompt_tokens: 3, completion_tokens: 4 } },
      ],
    ],
  ])('usage in %s', (_what, chunks) => {
    expect(collect(stream(...chunks)).usage).toEqual({ input: 3, output: 4 })
  })

  test('every class of tokens', () => {
    const usage = {
      prompt_tokens: 10,
      completion_tokens: 20,
      prompt_tokens_details: { cached_tokens: 1, cache_write_tokens: 2, audio_tokens: 3, image_tokens: 4 },
      completion_tokens_details: {
        reasoning_tokens: 5,
        audio_tokens: 6,
        image_tokens: 7,
        accepted_prediction_tokens: 8,
        rejected_prediction_tokens: 9,
      },
    }
    expect(collect(stream({ ...end('stop'), usage })).usage).toEqual({
      input: 10,
      output: 20,
      cachedInput: 1,
      cacheWrite: 2,
      audioInput: 3,
      imageInput: 4,
      reasoning: 5,
      audioOutput: 6,
      imageOutput: 7,
      acceptedPrediction: 8,
      rejectedPrediction: 9,
    })
  })

  test('a proper end without a reason is an end, an empty reason is none', () => {
    const steps = stream(chunk({ content: 'a' }, { finish_reason: '' }))
    expect(steps.slice(-3)).toEqual([
      { type: 'part-end', choice: 0, index: 0 },
      { type: 'finish', choice: 0, finish: { unified: 'stop' } },
      { type: 'end' },
    ])
  })

  test('a body that ends in the middle has neither a finish nor an end', () => {
    const steps = decodeEvents([eventOf(JSON.stringify(chunk({ content: 'a' })))])
    expect(steps.at(-1)).toEqual({ type: 'part-end', choice: 0, index: 0 })
  })

  test('several choices, the sequence that was met, and what filters found', () => {
    const one = {
      index: 1,
      delta: { content: 'b' },
      finish_reason: 'stop',
      stop_reason: 'END',
      content_filter_results: { hate: {} },
    }
    const { choices } = collect(
      stream({ id: 'i', choices: [{ index: 0, delta: { content: 'a' }, finish_reason: 'length' }, one] }),
    )
    expect(choices.map(({ index, finish }) => [index, finish])).toEqual([
      [0, { unified: 'length', raw: 'length' }],
      [1, { unified: 'stop', raw: 'stop', stopSequence: 'END', safety: { hate: {} } }],
    ])
  })

  test('log probabilities', () => {
    const token = { token: 'a', logprob: -1, bytes: [97], top_logprobs: [{ token: 'b', logprob: -2, bytes: null }] }
    const { choices } = collect(
      stream(chunk({ content: 'a' }, { logprobs: { content: [token], refusal: null } }), end('stop')),
    )
    expect(choices[0]?.logprobs).toEqual([{ token: 'a', logprob: -1, bytes: [97], top: [{ token: 'b', logprob: -2 }] }])
  })
})

describe('errors inside a stream', () => {
  const failureOf = (...own: readonly WireEvent[]) => decodeEvents(own).find((step) => step.type === 'failure')?.failure
  test.each<[string, readonly WireEvent[], object]>([
    [
      'an event of their own',
      [eventOf('{"error":{"message":"m","code":"rate_limit_exceeded"}}', { name: 'error' })],
      { status: 429 },
    ],
    ['in a chunk', [eventOf('{"error":{"message":"m","code":502}}')], { status: 502 }],
    ['llama.cpp', [eventOf('', { error: '{"code":400,"message":"m"}' })], { status: 400 }],
    [
      'behind a finish reason',
      [...events(end('length')).slice(0, 1), eventOf('{"error":{"code":400,"message":"m"}}')],
      { status: 400 },
    ],
    ['as a finish reason', [eventOf(JSON.stringify(end('error')))], { status: 502 }],
    ['in a choice', [eventOf(JSON.stringify(chunk({}, { error: { code: 503, message: 'm' } })))], { status: 503 }],
    ['no JSON', [eventOf('<html>')], { status: 502, code: 'upstream_error' }],
    ['no object', [eventOf('[1]')], { status: 502, code: 'upstream_error' }],
  ])('%s', (_what, own, failure) => {
    expect(failureOf(...own)?.failure).toMatchObject(failure)
  })

  test('what was said before it in the same event is told', () => {
    const value = {
      id: 'i',
      choices: [
        { index: 0, delta: { content: 'a' } },
        { index: 1, delta: {}, finish_reason: 'error' },
      ],
    }
    expect(decodeEvents([eventOf(JSON.stringify(value))]).map(({ type }) => type)).toContain('delta')
  })
})

test('no event makes it throw, and an older decoder stays true', () => {
  const value = fc.oneof(
    fc.jsonValue(),
    fc.record({
      choices: fc.array(fc.record({ delta: fc.jsonValue(), index: fc.jsonValue(), finish_reason: fc.jsonValue() })),
    }),
    fc.record({
      choices: fc.tuple(
        fc.record({ delta: fc.record({ tool_calls: fc.array(fc.jsonValue()), content: fc.jsonValue() }) }),
      ),
    }),
  )
  fc.assert(
    fc.property(fc.array(value, { maxLength: 5 }), (values) => {
      let decoder = codecOf().decoder('x')
      for (const own of values) {
        const event = eventOf(JSON.stringify(own))
        const before = decoder.end()
        const step = decoder.event(event)
        expect(decoder.event(event).parts).toEqual(step.parts)
        expect(decoder.end()).toEqual(before)
        decoder = step.decoder
      }
    }),
  )
})
