// Law 7. Stream equals non-stream: collected deltas equal the buffered answer: text, tool calls, usage, finish reason.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { collect, unfold } from '#src/core/collect.ts'
import type { RenderContext } from '#src/core/dialect.ts'
import { dialects } from '#src/dialects/registry.ts'
import { answers, codecOf, decodeSteps, meaningOf, objectOf, renderSteps, seeds, shuffled } from '../support/answers.ts'
import { LONG, reached } from '../support/law.ts'

/** The dialects that translate, each with the wire form in which an upstream speaks it. */
const WIRES = [
  ['chat', 'openai-chat'],
  ['responses', 'openai-responses'],
  ['messages', 'anthropic-messages'],
  ['geminiGenerate', 'gemini'],
] as const

const RUNS = LONG ? 20_000 : 300
const encoder = new TextEncoder()

function contextFor(endpoint: (typeof WIRES)[number][0]): RenderContext {
  const request = {
    id: 'req_1',
    endpoint,
    text: '{}',
    body: {},
    model: 'm',
    stream: true,
    wantsUsage: true,
    tags: [],
    metadata: {},
  }
  return { request, created: 1_700_000_000 }
}

test('an answer taken apart into steps and put together again is the same', () => {
  fc.assert(
    fc.property(answers, (answer) => {
      expect(collect(unfold(answer))).toEqual(answer)
    }),
    { numRuns: RUNS },
  )
})

describe.for(WIRES)('%s', ([endpoint, wire]) => {
  const dialect = dialects[endpoint]
  const codec = codecOf(wire)
  if (!codec) throw new Error(`nobody speaks ${wire}`)

  test('what a client reads of a whole answer, and of its stream, is the answer', () => {
    let count = 0
    fc.assert(
      fc.property(answers, seeds, (answer, seed) => {
        const context = contextFor(endpoint)
        const whole = codec.decode(objectOf(dialect.translation?.render(answer, context) ?? ''), 'id')
        const stream = collect(
          decodeSteps(codec, [encoder.encode(renderSteps(dialect, shuffled(unfold(answer), seed), context))], 'sse'),
        )
        const meant = meaningOf(answer)
        expect(whole.failure).toBeUndefined()
        if (whole.answer) expect(meaningOf(whole.answer)).toEqual(meant)
        expect(meaningOf(stream)).toEqual(meant)
        count++
      }),
      { numRuns: RUNS },
    )
    reached(count)
  })
})
