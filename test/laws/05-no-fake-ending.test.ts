// Law 5. No fake ending: cut the upstream at every byte, and the caller gets the whole answer and its proper end, or a visible error.
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import type { Adapter } from '#src/core/adapter.ts'
import type { CostNote } from '#src/core/dialect.ts'
import type { Endpoint } from '#src/core/endpoint.ts'
import { dialects } from '#src/dialects/registry.ts'
import { reduceChunk, reduceEnd, STREAM_START, type StreamRules } from '#src/pipeline/stream-reducer.ts'
import { openaiCompatible } from '#providers/openai-compatible/index.ts'
import { adapters } from '#providers/registry.ts'
import { reached, LONG } from '../support/law.ts'
import { collect } from '../support/read-stream.ts'
import { corpusAbsent, SHARED } from '../support/require.ts'
import { MOCK_STREAMS, renderedBytes } from '../support/mock-streams.ts'

const decoder = new TextDecoder()

interface Recorded {
  readonly bytes: Uint8Array
  readonly adapter: Adapter
  readonly endpoint: Endpoint
  readonly choices: number
}

interface Cuts {
  /** Cuts after which the caller gets a proper end. */
  readonly clean: number
  /** The uncut stream ends properly. */
  readonly whole: boolean
}

/** Feeds a stream byte by byte and asks at each one what the caller would get if it were the last. */
function cutEverywhere({ bytes, adapter, endpoint, choices }: Recorded, wantsUsage: boolean): Cuts {
  const dialect = dialects[endpoint]
  const note = (): CostNote => ({ bill: { cost: 1n, estimated: false, usage: {} } })
  const priced = (data: string): string => dialect.addCost(data, note())
  const rules: StreamRules = { adapter, dialect, wantsUsage, choices, priced, note }
  const expected = collect(decoder.decode(bytes)).said
  let state = STREAM_START
  let sent = ''
  let clean = 0
  let whole = false
  for (let at = 0; at <= bytes.length; at++) {
    const end = reduceEnd(rules, state)
    whole = end.failure === undefined
    if (whole) {
      clean++
      const got = collect(sent + textOf(end.out) + dialect.done)
      expect(got.said, `cut at ${at}`).toEqual(expected)
      expect(got.error, `cut at ${at}`).toBeUndefined()
    }
    if (at === bytes.length || state.progress.done) break
    const step = reduceChunk(rules, state, bytes.subarray(at, at + 1))
    // A failure is the visible end: nothing after it is read.
    if (step.failure) return { clean, whole: false }
    state = step.state
    sent += textOf(step.out)
  }
  return { clean, whole }
}

function textOf(chunks: readonly Uint8Array[]): string {
  return decoder.decode(Buffer.concat(chunks))
}

describe('the reducer, cut at every byte', () => {
  test.each(Object.entries(MOCK_STREAMS))('%s', (_name, { answer, request, endpoint = 'chat', whole = true }) => {
    const bytes = renderedBytes(answer, { stream: true, ...request }, endpoint)
    const choices = typeof request?.['n'] === 'number' ? request['n'] : 1
    for (const type of ['openai', 'upstage']) {
      const adapter = adapters.get(type) ?? openaiCompatible
      for (const wantsUsage of [true, false]) {
        const cuts = cutEverywhere({ bytes, adapter, endpoint, choices }, wantsUsage)
        expect(cuts.whole).toBe(whole === true || whole === adapter.streamEnd)
        // The end may be said by its last line alone, and by line ends behind it: never long before.
        if (cuts.whole && adapter.streamEnd === 'done-required') expect(cuts.clean).toBeLessThanOrEqual(5)
        reached(bytes.length)
      }
    }
  })

  const missing = corpusAbsent()
  const streams: readonly (readonly [string, Recorded])[] = missing ? [] : recordedStreams()
  for (const [id, recorded] of streams) {
    test(`recorded: ${id}`, () => {
      const asked = LONG ? [true, false] : [true]
      for (const wantsUsage of asked) cutEverywhere(recorded, wantsUsage)
      reached(asked.length * recorded.bytes.length)
    })
  }
  if (missing) test.skip('recorded traffic (../shared/corpus beside the project)', () => {})
})

/** Larger ones in the long form. */
const SHORT_BYTES = 8 * 1024

function recordedStreams(): readonly (readonly [string, Recorded])[] {
  const rows: readonly Row[] = JSON.parse(readFileSync(`${SHARED}/corpus/index.json`, 'utf8'))
  return rows
    .filter(({ kind, api, status }) => kind === 'sse' && status === 200 && api in APIS)
    .filter(({ bytes }) => LONG || bytes <= SHORT_BYTES)
    .map(({ id, file, provider, api }) => {
      const bytes = readFileSync(`${SHARED}/corpus/${file}`)
      const adapter = adapters.get(NAMES[provider] ?? provider) ?? openaiCompatible
      return [id, { bytes, adapter, endpoint: APIS[api] ?? 'chat', choices: 1 }]
    })
}

interface Row {
  readonly id: string
  readonly file: string
  readonly provider: string
  readonly api: string
  readonly kind: string
  readonly status: number
  readonly bytes: number
}

const APIS: Readonly<Record<string, Endpoint>> = { 'openai.chat': 'chat', 'openai.completions': 'completions' }
/** The corpus's names of vendors that have an adapter under another one. */
const NAMES: Readonly<Record<string, string>> = {
  azure: 'azure-openai',
  hyperclova: 'hyperclova-x',
  cloudflare: 'workers-ai',
  llamacpp: 'llama-cpp',
  lmstudio: 'lm-studio',
}
