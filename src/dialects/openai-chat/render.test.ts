import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import OpenAI from 'openai'
import { describe, expect, test } from 'vitest'
import type { Answer, Choice, StreamPart } from '#src/core/answer.ts'
import { unfold } from '#src/core/collect.ts'
import type { Part } from '#src/core/conversation.ts'
import type { CostNote } from '#src/core/dialect.ts'
import { arrayAt, isObject, objectAt, parseJson, stringAt, type Json, type JsonObject } from '#src/core/json.ts'
import { explain, schemaChecker } from '../../../test/support/json-schema.ts'
import { absent, SHARED } from '../../../test/support/require.ts'
import { makeRequest } from '../../../test/support/world.ts'
import { openaiChat } from './index.ts'
import { renderAnswer } from './render-answer.ts'
import { chatRenderer } from './render-stream.ts'

const NOTE: CostNote = { bill: { cost: 250_000n, estimated: false, usage: { input: 7 } } }
const contextFor = (wantsUsage: boolean) => ({
  request: { ...makeRequest({ model: 'asked', messages: [], stream: true }), wantsUsage },
  created: 1_700_000_000,
})

function streamed(parts: Iterable<StreamPart>, wantsUsage = true): string {
  let renderer = chatRenderer(contextFor(wantsUsage))
  let out = ''
  for (const part of parts) {
    const step = renderer.part(part)
    renderer = step.renderer
    out += step.out
  }
  return out + renderer.finish(NOTE)
}

function chunksOf(stream: string): readonly JsonObject[] {
  const datas = stream.split('\n\n').filter((event) => event !== '' && event !== 'data: [DONE]')
  return datas.map((event) => parseJson(event.slice('data: '.length))).filter(isObject)
}

const wholeOf = (answer: Answer): Json =>
  parseJson(openaiChat.addCost(renderAnswer(answer, contextFor(true)), NOTE)) ?? null

const answerOf = (parts: readonly Part[], finish: Choice['finish'] = { unified: 'stop' }): Answer => ({
  id: 'chatcmpl-1',
  model: 'said',
  created: 5,
  choices: [{ index: 0, parts, finish }],
  usage: { input: 3, output: 4, reasoning: 1, cachedInput: 2 },
})

describe('a whole answer', () => {
  test('has every member of the dialect', () => {
    const parts: readonly Part[] = [
      { type: 'reasoning', text: 'hm' },
      { type: 'text', text: '가나', citations: [{ vendor: 'x', raw: {}, url: 'https://a.test' }] },
      {
        type: 'text',
        text: 'bc',
        citations: [
          { vendor: 'x', raw: {}, url: 'https://b.test', title: 'B', start: 0, end: 1 },
          { vendor: 'x', raw: {} },
        ],
      },
      { type: 'tool-call', id: 'c', name: 'f', input: '{"a":1}', signature: { vendor: 'google', value: 's' } },
      { type: 'tool-call', id: 'd', name: 'g', input: 'raw', custom: true, signature: { vendor: 'other', value: 's' } },
    ]
    expect(wholeOf(answerOf(parts, { unified: 'tool_calls' }))).toEqual({
      id: 'chatcmpl-1',
      object: 'chat.completion',
      created: 5,
      model: 'said',
      choices: [
        {
          index: 0,
          message: {
            role: 'assistant',
            content: '가나bc',
            refusal: null,
            reasoning_content: 'hm',
            annotations: [
              {
                type: 'url_citation',
                url_citation: { url: 'https://a.test', title: 'https://a.test', start_index: 0, end_index: 2 },
              },
              {
                type: 'url_citation',
                url_citation: { url: 'https://b.test', title: 'B', start_index: 2, end_index: 3 },
              },
            ],
            tool_calls: [
              {
                id: 'c',
                type: 'function',
                function: { name: 'f', arguments: '{"a":1}' },
                extra_content: { google: { thought_signature: 's' } },
              },
              { id: 'd', type: 'custom', custom: { name: 'g', input: 'raw' } },
            ],
          },
          logprobs: null,
          finish_reason: 'tool_calls',
        },
      ],
      usage: {
        prompt_tokens: 3,
        completion_tokens: 4,
        total_tokens: 7,
        prompt_tokens_details: { cached_tokens: 2 },
        completion_tokens_details: { reasoning_tokens: 1 },
        cost: 0.00025,
      },
    })
  })

  test('has an id, a time and a model of its own where the upstream gave none, and only words of the dialect', () => {
    const bare = renderAnswer(
      { choices: [{ index: 0, parts: [], finish: { unified: 'pause' } }], serviceTier: 'standard' },
      contextFor(false),
    )
    expect(parseJson(bare)).toMatchObject({
      id: expect.stringMatching(/^chatcmpl-/),
      created: 1_700_000_000,
      model: 'asked',
      service_tier: 'default',
      choices: [{ message: { content: null }, finish_reason: 'stop' }],
    })
    expect(bare).not.toContain('usage')
    expect(renderAnswer({ choices: [], serviceTier: 'batch' }, contextFor(false))).not.toContain('batch')
  })
})

describe('a stream', () => {
  test('begins with the role, counts calls on their own, and ends with usage that has the cost', () => {
    const parts: readonly Part[] = [
      { type: 'text', text: 'a' },
      { type: 'tool-call', id: 'c', name: 'f', input: '{}' },
      { type: 'tool-call', id: 'd', name: 'g', input: '{}' },
    ]
    const stream = streamed(unfold(answerOf(parts, { unified: 'tool_calls' })))
    const chunks = chunksOf(stream)
    const deltas = chunks.flatMap((chunk) => objectAt(arrayAt(chunk, 'choices')?.[0], 'delta') ?? [])
    expect(deltas).toEqual([
      { role: 'assistant', content: '', refusal: null },
      { content: 'a' },
      { tool_calls: [{ index: 0, id: 'c', type: 'function', function: { name: 'f', arguments: '' } }] },
      { tool_calls: [{ index: 0, function: { arguments: '{}' } }] },
      { tool_calls: [{ index: 1, id: 'd', type: 'function', function: { name: 'g', arguments: '' } }] },
      { tool_calls: [{ index: 1, function: { arguments: '{}' } }] },
      {},
    ])
    expect(chunks.slice(0, -1).every((chunk) => chunk['usage'] === null)).toBe(true)
    expect(chunks.at(-1)).toMatchObject({ choices: [], usage: { prompt_tokens: 3, cost: 0.00025 } })
    expect(stream.endsWith('data: [DONE]\n\n')).toBe(true)
  })

  test('has no word of usage unless it is asked for', () => {
    const stream = streamed(unfold(answerOf([{ type: 'text', text: 'a' }])), false)
    expect(stream).not.toContain('usage')
    expect(stream.endsWith('data: [DONE]\n\n')).toBe(true)
  })

  test('tells a summary only where the thought itself is not told, its paragraphs apart', () => {
    const thoughts = (part: Part) =>
      chunksOf(streamed(unfold(answerOf([part]))))
        .map((chunk) => stringAt(objectAt(arrayAt(chunk, 'choices')?.[0], 'delta'), 'reasoning_content') ?? '')
        .join('')
    expect(thoughts({ type: 'reasoning', summary: ['a', 'b'] })).toBe('a\n\nb')
    expect(thoughts({ type: 'reasoning', text: 't', summary: ['a', 'b'] })).toBe('t')
  })

  test('has the usage of the bill where the upstream reports none', () => {
    const { usage: _usage, ...silent } = answerOf([{ type: 'text', text: 'a' }])
    expect(chunksOf(streamed(unfold(silent))).at(-1)).toMatchObject({ usage: { prompt_tokens: 7, total_tokens: 7 } })
  })

  test('a choice that nobody ended has ended', () => {
    const stream = streamed([{ type: 'part-start', choice: 0, index: 0, part: { type: 'text', text: 'a' } }])
    expect(stream).toContain('"finish_reason":"stop"')
  })

  test('an older renderer stays true', () => {
    const first = chatRenderer(contextFor(true))
    const start: StreamPart = { type: 'part-start', choice: 0, index: 0, part: { type: 'text', text: 'a' } }
    expect(first.part(start).out).toBe(first.part(start).out)
  })
})

const text = fc.string({ unit: 'grapheme', maxLength: 12 })
const word = fc.stringMatching(/^[a-z]{1,8}$/)
const some = <Value>(own: fc.Arbitrary<Value>) => fc.option(own, { nil: undefined })
const citation = fc
  .record({ url: fc.constantFrom('https://a.test', 'https://b.test'), title: word })
  .map((own) => ({ ...own, vendor: 'v', raw: {} }))
const signature = fc.constantFrom({ vendor: 'google', value: 's' }, { vendor: 'openai', value: 't' })
const part: fc.Arbitrary<Part> = fc.oneof(
  fc
    .tuple(text, fc.array(citation, { maxLength: 2 }))
    .map(([own, citations]): Part => ({ type: 'text', text: own, ...(citations.length > 0 && { citations }) })),
  text.map((own): Part => ({ type: 'refusal', text: own })),
  text.map((own): Part => ({ type: 'reasoning', text: own })),
  fc.array(text, { minLength: 1, maxLength: 3 }).map((summary): Part => ({ type: 'reasoning', summary })),
  fc.tuple(word, fc.dictionary(word, text, { maxKeys: 2 }), some(signature)).map(([name, input, own]): Part => ({
    type: 'tool-call',
    id: '',
    name,
    input: JSON.stringify(input),
    ...(own && { signature: own }),
  })),
)
const sound: fc.Arbitrary<Part> = fc.constant({
  type: 'audio',
  source: { kind: 'data', mediaType: 'audio/wav', data: 'QUJD' },
  transcript: 'la',
})
const token = fc.record({ token: text, logprob: fc.constant(-1), bytes: fc.constant([1]) })
const choiceAt = (index: number): fc.Arbitrary<Choice> =>
  fc
    .record({
      parts: fc.tuple(fc.array(part, { maxLength: 6 }), fc.array(sound, { maxLength: 1 })).map((both) => both.flat()),
      finish: fc.constantFrom('stop', 'length', 'tool_calls', 'content_filter'),
      logprobs: some(fc.array(token, { minLength: 1, maxLength: 2 })),
    })
    .map(({ parts, finish, logprobs }) => ({
      index,
      parts: parts.map((own, at) => (own.type === 'tool-call' ? { ...own, id: `call_${at}` } : own)),
      finish: { unified: finish },
      ...(logprobs && { logprobs }),
    }))
const answers = fc
  .record({
    first: choiceAt(0),
    second: some(choiceAt(1)),
    usage: fc.record({ input: fc.nat(99), output: fc.nat(99) }),
  })
  .map(({ first, second, usage }): Answer => ({
    id: 'i',
    model: 'm',
    created: 5,
    choices: second ? [first, second] : [first],
    usage,
  }))

/** Texts in pieces of one letter, as a slow upstream gives them. */
function* slowly(parts: Iterable<StreamPart>): Iterable<StreamPart> {
  for (const one of parts) {
    if (one.type === 'delta') for (const letter of one.text) yield { ...one, text: letter }
    else yield one
  }
}

test('what the official client adds up is the whole answer (law 7)', async () => {
  await fc.assert(
    fc.asyncProperty(answers, async (answer) => {
      const stream = streamed(slowly(unfold(answer)))
      const client = new OpenAI({
        apiKey: 'k',
        baseURL: 'http://tutti.test/v1',
        maxRetries: 0,
        fetch: async () => new Response(stream, { headers: { 'content-type': 'text/event-stream' } }),
      })
      const final = await client.chat.completions
        .stream({ model: 'asked', messages: [], n: 2, stream_options: { include_usage: true } })
        .finalChatCompletion()
      expect(withoutThoughts(parseJson(JSON.stringify(final)))).toEqual(withoutThoughts(wholeOf(answer)))
    }),
    { numRuns: 60 },
  )
})

/** The client keeps only the last piece of a member that is no OpenAI's, and adds members of its own. */
function withoutThoughts(value: Json | undefined): Json {
  return {
    ...(isObject(value) ? value : {}),
    choices: (arrayAt(value, 'choices') ?? []).map((choice) => {
      const {
        reasoning_content: _thoughts,
        parsed: _parsed,
        tool_calls,
        ...message
      } = objectAt(choice, 'message') ?? {}
      const calls = Array.isArray(tool_calls) ? tool_calls.map((call: Json) => withoutParsed(call)) : undefined
      return { ...(isObject(choice) ? choice : {}), message: { ...message, ...(calls && { tool_calls: calls }) } }
    }),
  }
}

function withoutParsed(call: Json): Json {
  const { parsed_arguments: _parsed, ...own } = objectAt(call, 'function') ?? {}
  return { ...(isObject(call) ? call : {}), function: own }
}

test('thoughts add up too', () => {
  fc.assert(
    fc.property(answers, (answer) => {
      for (const { index } of answer.choices) {
        const pieces = chunksOf(streamed(slowly(unfold(answer)))).flatMap((chunk) =>
          (arrayAt(chunk, 'choices') ?? []).filter((choice) => isObject(choice) && choice['index'] === index),
        )
        const told = pieces.map((choice) => stringAt(objectAt(choice, 'delta'), 'reasoning_content') ?? '').join('')
        const whole = arrayAt(wholeOf(answer), 'choices')?.[answer.choices.findIndex((own) => own.index === index)]
        expect(told).toBe(stringAt(objectAt(whole, 'message'), 'reasoning_content') ?? '')
      }
    }),
  )
})

const SPEC = join(SHARED, 'spec/openai-openapi.json')
const noSpec = absent('corpus', existsSync(SPEC))

test.skipIf(noSpec)("answers and chunks are what OpenAI's own document says", () => {
  const document = parseJson(readFileSync(SPEC, 'utf8'))
  if (!isObject(document)) throw new TypeError('no document')
  const check = schemaChecker(document)
  fc.assert(
    fc.property(answers, fc.boolean(), (answer, wantsUsage) => {
      expect(explain(check('CreateChatCompletionResponse', wholeOf(answer)))).toEqual([])
      for (const chunk of chunksOf(streamed(unfold(answer), wantsUsage))) {
        expect(
          explain(check('CreateChatCompletionStreamResponse', chunk)).filter((line) => !isTolerated(line)),
        ).toEqual([])
      }
    }),
  )
})

/** OpenAI writes it itself, in every chunk but the last. */
function isTolerated(line: string): boolean {
  return line.startsWith('usage: type: null')
}
