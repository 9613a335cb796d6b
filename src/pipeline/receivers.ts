import { joinBytes } from '#src/core/binary.ts'
import type { Adapter, Observation, UpstreamFailure } from '#src/core/adapter.ts'
import { isObject, parseJson, type JsonObject } from '#src/core/json.ts'
import { MAX_ANSWER_BYTES, MAX_ERROR_BYTES } from '#src/core/limits.ts'
import type { Part } from '#src/core/conversation.ts'
import type { UpstreamHead } from '#src/core/transport.ts'
import type { Usage } from '#src/core/usage.ts'
import { failedBy, unusable, type Ending } from './attempt-result.ts'
import { advance, isEmpty, START, type Progress } from './progress.ts'
import type { Reply, ReplyHeaders } from './reply.ts'
import {
  endOfStream,
  reduceChunk,
  reduceEnd,
  startStream,
  type StreamRules,
  type StreamState,
  type StreamStep,
} from './stream-reducer.ts'
import { isKept, markedAnswer, NO_THOUGHTS, thoughtParts, type Thoughts } from './thoughts.ts'
import { filteredAnswer, observeAnswer, streamWhole, type Between } from './translated.ts'

/** Takes an upstream's body in; a result ends the exchange. */
export interface Receiver {
  data(chunk: Uint8Array): Ending | undefined
  end(): Ending
  usage(): Usage | undefined
  generatedBytes(): number
  /** Thoughts and calls that the caller may lose. */
  thoughts?(): readonly Part[]
}

/** A refusal: collected and read by the adapter. A body over the bound is cut: its status says enough. */
export function createErrorReceiver(adapter: Adapter, head: UpstreamHead): Receiver {
  const body = createCollector(MAX_ERROR_BYTES)
  const refused = (): Ending => failedBy(adapter.decodeError(head, body.text()))
  return {
    data: (chunk) => (body.add(chunk) ? undefined : refused()),
    end: refused,
    usage: () => undefined,
    generatedBytes: () => 0,
  }
}

/** A whole answer, kept until its end: only then is it known to be one. */
export function createWholeReceiver(rules: StreamRules, wantedStream: boolean): Receiver {
  const body = createCollector(MAX_ANSWER_BYTES)
  let progress: Progress = START
  let thoughts: readonly Part[] = []
  return {
    data: (chunk) => (body.add(chunk) ? undefined : failedBy(unusable('the answer of the upstream is too large'))),
    end() {
      const text = body.text()
      const value = parseJson(text)
      if (!isObject(value))
        return failedBy(unusable('the upstream answered 200 with something that is not a JSON object'))
      const read = readWhole(rules, value, text)
      if (read.failure) return failedBy(read.failure)
      progress = advance(START, read.seen)
      thoughts = read.thoughts ?? []
      const foul = rules.witness?.(progress, true)
      if (foul) return failedBy(foul)
      if (isEmpty(progress)) return failedBy(unusable('the upstream gave an empty answer'))
      const whole = wantedStream && !rules.watch ? '' : read.body(progress)
      rules.watch?.hear(whole, true)
      return { kind: 'answered', rest: wantedStream ? read.stream(progress) : whole }
    },
    usage: () => progress.usage,
    generatedBytes: () => progress.generatedBytes,
    thoughts: () => thoughts,
  }
}

/** A whole answer, read: what it says, and the two forms in which the caller may want it. */
type Whole =
  | { readonly failure: UpstreamFailure }
  | {
      readonly failure?: undefined
      readonly seen: Observation
      readonly thoughts?: readonly Part[]
      body(progress: Progress): string
      /** As a stream of few events, its proper end included. */
      stream(progress: Progress): string
    }

function readWhole(rules: StreamRules, value: JsonObject, text: string): Whole {
  return rules.between ? translatedWhole(rules, rules.between, value) : nativeWhole(rules, value, text)
}

function nativeWhole(rules: StreamRules, value: JsonObject, text: string): Whole {
  const { adapter, dialect, wantsUsage, priced, listener, redactor } = rules
  const seen = adapter.observe(value, { endpoint: dialect.endpoint, stream: false })
  if (seen.failure) return { failure: seen.failure }
  return {
    seen,
    ...(listener?.keeps && { thoughts: listener.codec.decode(value, listener.id).answer?.choices[0]?.parts ?? [] }),
    body: () => redactor?.json(text) ?? text,
    stream({ usage }) {
      const read = redactor && parseJson(redactor.json(text))
      const answer = isObject(read) ? read : value
      const events = dialect.unfold?.(answer, wantsUsage) ?? [JSON.stringify(answer)]
      const frame = (data: string): string => dialect.frame?.(data) ?? `data: ${data}\n\n`
      return events.map((data) => frame(usage ? priced(data, usage) : data)).join('') + dialect.done
    },
  }
}

function translatedWhole({ note }: StreamRules, between: Between, value: JsonObject): Whole {
  const { answer: decoded, failure } = between.codec.decode(value, between.id)
  if (failure) return { failure }
  const marked = markedAnswer(decoded, between.owner)
  const answer = between.filter ? filteredAnswer(between.filter, marked) : marked
  if ('retry' in answer) return { failure: answer }
  return {
    seen: observeAnswer(marked),
    ...(isKept(between.translation, between.codec) && { thoughts: answer.choices[0]?.parts ?? [] }),
    body({ usage, generatedBytes }) {
      // As in a stream: what nobody counted is told as it is billed.
      const told = usage ? answer : { ...answer, usage: note(undefined, generatedBytes).bill.usage }
      return between.translation.render(told, between.context)
    },
    stream({ usage, generatedBytes }) {
      const { out, finish } = streamWhole(between, answer)
      return out + finish(note(usage, generatedBytes))
    },
  }
}

export interface StreamInput {
  readonly rules: StreamRules
  readonly reply: Reply
  readonly headers: () => ReplyHeaders
}

export interface StreamSignals {
  content(): void
  /** The caller was written to. */
  wrote(): void
  pause(): void
  resume(): void
}

/** A stream: passed on event by event, held back until its first content, ended only when it is whole. */
export function createStreamReceiver(input: StreamInput, signals: StreamSignals): Receiver {
  const { watch, listener } = input.rules
  let state: StreamState = startStream(input.rules)
  let opened = false

  function write(out: readonly Uint8Array[]): void {
    if (out.length === 0) return
    if (!opened) input.reply.open(input.headers())
    opened = true
    signals.wrote()
    if (input.reply.content(joinBytes(out))) return
    signals.pause()
    input.reply.onDrain(() => signals.resume())
  }

  function take(step: StreamStep): Ending | undefined {
    state = step.state
    const passed = watch ? watch.pass(step) : step.out
    if ('failure' in passed) return failedBy(passed)
    write(passed)
    if (step.alive && state.progress.content) signals.content()
    return step.failure && failedBy(step.failure)
  }

  return {
    data: (chunk) => take(reduceChunk(input.rules, state, chunk)) ?? (state.progress.done ? ended() : undefined),
    end: () => ended(),
    usage: () => state.progress.usage,
    generatedBytes: () => state.progress.generatedBytes,
    thoughts: () => thoughtParts(state.translating?.thoughts ?? heard(state) ?? NO_THOUGHTS),
  }

  function heard({ listening }: StreamState): Thoughts | undefined {
    return listener?.keeps ? listening?.thoughts : undefined
  }

  function ended(): Ending {
    const failed = take(reduceEnd(input.rules, state))
    if (failed) return failed
    const [rest, back] = [endOfStream(input.rules, state), watch?.rest() ?? []]
    return { kind: 'answered', rest: back.length === 0 ? rest : joinBytes([...back, bytesOf(rest)]) }
  }
}

const encoder = new TextEncoder()

function bytesOf(text: string | Uint8Array): Uint8Array {
  return typeof text === 'string' ? encoder.encode(text) : text
}

interface Collector {
  add(chunk: Uint8Array): boolean
  bytes(): Uint8Array
  text(): string
}

const utf8 = new TextDecoder()

/** Keeps up to `limit` bytes; `add` says false for what is beyond them. */
export function createCollector(limit: number): Collector {
  const chunks: Uint8Array[] = []
  let size = 0
  return {
    add(chunk) {
      if (size + chunk.length > limit) return false
      size += chunk.length
      chunks.push(chunk)
      return true
    },
    bytes: () => joinBytes(chunks),
    text: () => utf8.decode(joinBytes(chunks)),
  }
}
