// Law 5. No fake ending, in every dialect: cut the upstream at every byte of a recorded stream, native or translated: the caller gets the whole answer and its proper end, or a visible error; never a clean end.
import { describe, expect, test } from 'vitest'
import type { StreamPart } from '#src/core/answer.ts'
import { collect } from '#src/core/collect.ts'
import type { CostNote } from '#src/core/dialect.ts'
import type { Endpoint } from '#src/core/endpoint.ts'
import type { ApiRequest } from '#src/core/request.ts'
import { dialects } from '#src/dialects/registry.ts'
import { endOfStream, reduceChunk, reduceEnd, startStream, type StreamRules } from '#src/pipeline/stream-reducer.ts'
import { codecOf, decodeSteps, meaningOf } from '../support/answers.ts'
import { recordedStreams, type RecordedStream } from '../support/corpus-streams.ts'
import { LONG, reached } from '../support/law.ts'
import { corpusAbsent } from '../support/require.ts'

/** The dialects of callers, and the form in which an upstream would speak the same. */
const CALLERS = [
  ['chat', 'openai-chat'],
  ['responses', 'openai-responses'],
  ['messages', 'anthropic-messages'],
  ['geminiGenerate', 'gemini'],
] as const

/** Larger ones in the long form. */
const SHORT_BYTES = 8 * 1024

const NOTE: CostNote = { bill: { cost: 1n, estimated: false, usage: {} } }

function rulesFor({ adapter, wire, native, choices }: RecordedStream, endpoint: Endpoint): StreamRules | undefined {
  const dialect = dialects[endpoint]
  const common = {
    adapter,
    dialect,
    wantsUsage: true,
    choices,
    priced: (data: string) => dialect.addCost(data, NOTE),
    note: () => NOTE,
  }
  if (native === endpoint) return common
  const codec = adapter.codecs?.find((one) => one.wire === wire)
  const { translation } = dialect
  if (!codec || !translation) return undefined
  const request: ApiRequest = {
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
  return {
    ...common,
    between: { codec, translation, context: { request, created: 1_700_000_000 }, id: 'id', owner: 'up/default' },
  }
}

/** What a client makes of a stream; undefined: it sees that it is not whole. */
function read(text: string, wire: string): ReturnType<typeof meaningOf> | undefined {
  const codec = codecOf(wire)
  if (!codec) throw new Error(`nobody speaks ${wire}`)
  const steps: readonly StreamPart[] = decodeSteps(codec, [new TextEncoder().encode(text)], 'sse')
  return steps.some(({ type }) => type === 'failure') ? undefined : meaningOf(collect(steps))
}

const decoder = new TextDecoder()

interface Cuts {
  readonly whole: boolean
  readonly clean: number
}

/**
 * Google's older streams say `finishReason` with every event, and one whose tools Google itself runs says it before each of their results, so
 * that each of their ends looks like the end: only the framing of HTTP, which the transport holds, tells that there is more (its part of this
 * law is tried over sockets).
 */
const FINISHED_ALL_ALONG: readonly string[] = [
  'gemini/stream-crlf-cached-tokens-function-call',
  'vertex/streaming-failure-error-mid-stream',
  'vertex/streaming-failure-unknown-finish-enum',
]

/** Feeds the stream byte by byte, and asks at each one what the caller would get if it were the last. */
function cutEverywhere(recorded: RecordedStream, rules: StreamRules, wire: string): Cuts {
  const { bytes } = recorded
  let state = startStream(rules)
  let sent = ''
  const clean: { readonly at: number; readonly text: string }[] = []
  for (let at = 0; at <= bytes.length; at++) {
    const end = reduceEnd(rules, state)
    if (!end.failure) {
      const rest = endOfStream(rules, end.state)
      const tail = typeof rest === 'string' ? rest : decoder.decode(rest)
      clean.push({ at, text: sent + decoder.decode(Buffer.concat(end.out)) + tail })
    }
    if (at === bytes.length || state.progress.done) break
    const step = reduceChunk(rules, state, bytes.subarray(at, at + 1))
    if (step.failure) return { whole: false, clean: clean.length }
    state = step.state
    sent += decoder.decode(Buffer.concat(step.out))
  }
  const last = clean.at(-1)
  if (!last) return { whole: false, clean: 0 }
  const meant = read(last.text, wire)
  // A stream that its own client refuses, passed on as it came, is a visible error.
  if (!meant) return { whole: false, clean: clean.length }
  // A client that got a clean end earlier has the same answer: only what says how much it was may lack.
  for (const { at, text } of FINISHED_ALL_ALONG.includes(recorded.id) ? clean.slice(-1) : clean) {
    const got = read(text, wire)
    expect(got?.choices, `cut at ${at}`).toEqual(meant?.choices)
  }
  return { whole: true, clean: clean.length }
}

describe.skipIf(corpusAbsent())('recorded streams (skipped where ../shared/corpus is absent)', () => {
  const streams = corpusAbsent() ? [] : recordedStreams(LONG ? Infinity : SHORT_BYTES)

  test('there are streams of every form', () => {
    expect(new Set(streams.map(({ wire }) => wire)).size).toBeGreaterThanOrEqual(5)
  })

  describe.for(CALLERS)('to a caller of %s', ([endpoint, wire]) => {
    test.for(streams)('$id', (recorded) => {
      const rules = rulesFor(recorded, endpoint)
      if (!rules) return
      cutEverywhere(recorded, rules, wire)
      reached(recorded.bytes.length)
    })
  })
})
