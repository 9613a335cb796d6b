import type { Adapter, Encoded, UpstreamFailure } from '#src/core/adapter.ts'
import type { Clock } from '#src/core/clock.ts'
import type { Part } from '#src/core/conversation.ts'
import { failure } from '#src/core/failure.ts'
import type { Egress, Exchange, ExchangeHandler, Transport, UpstreamHead } from '#src/core/transport.ts'
import type { Usage } from '#src/core/usage.ts'
import { expired, failedBy, transportFailure, unusable, type AttemptResult, type Ending } from './attempt-result.ts'
import { createRawReceiver } from './raw-receiver.ts'
import { createErrorReceiver, createWholeReceiver, createStreamReceiver, type Receiver } from './receivers.ts'
import type { Reply, ReplyHeaders } from './reply.ts'
import type { StreamRules } from './stream-reducer.ts'
import { createWatchdog } from './watchdog.ts'

/** One exchange with one upstream, and where its answer goes. */
export interface ExchangeInput {
  readonly transport: Transport
  readonly clock: Clock
  readonly adapter: Adapter
  readonly encoded: Encoded
  readonly egress: Egress
  readonly limits: { readonly firstToken: number; readonly idle: number }
  readonly stream: boolean
  readonly rules: StreamRules
  readonly reply: Reply
  /** Headers of the answer once this attempt is the one that gives it. */
  readonly headers: () => ReplyHeaders
  /** Told how to stop this exchange: the caller's hang-up and the request's total time use it. */
  readonly onStart: (stop: (why: 'gone' | UpstreamFailure) => void) => void
  /** The stream wrote something. */
  readonly wrote: () => void
}

/** What an upstream has left to say once its stream is whole: the connection may be used again if it ends within this, in ms. */
const LINGER = 1000

/**
 * Sends one request and relays its answer. Never rejects: whatever happens, a thrown sink included, is the one result.
 * Content of a stream is written as it comes; its proper end, and a whole answer, are left to the caller of this function.
 */
export function runExchange(input: ExchangeInput): Promise<AttemptResult> {
  return new Promise((resolve) => {
    const run = createRun(input, resolve)
    input.onStart((why) => run.stop(why))
    if (input.reply.gone) run.stop('gone')
    if (run.over) return
    try {
      run.started(input.transport.send(input.encoded.upstream, input.egress, handlerOf(input, run)))
    } catch (cause) {
      run.stop(internal('the request could not be sent', cause))
    }
  })
}

/** One exchange under way: what is known of it, and its one end. */
interface Run {
  receiver: Receiver | undefined
  status: number | undefined
  started(exchange: Exchange): void
  content(): void
  wrote(): void
  pause(): void
  resume(): void
  finish(end: Ending, nothing: boolean): void
  /** Ends the exchange from outside: no byte of it is read any more. */
  stop(why: 'gone' | UpstreamFailure, nothing?: boolean): void
  /** The upstream's side is over, whatever became of ours. */
  closed(): void
  over: boolean
}

function createRun(input: ExchangeInput, resolve: (result: AttemptResult) => void): Run {
  const { clock } = input
  const sentAt = clock.now()
  let exchange: Exchange | undefined
  let firstTokenMs: number | undefined
  let cancelLinger: (() => void) | undefined
  let upstreamOver = false
  const watchdog = createWatchdog(clock, input.limits, (kind) => run.stop(expired(kind)))
  const run: Run = {
    receiver: undefined,
    status: undefined,
    over: false,
    started(begun) {
      exchange = begun
      if (run.over) begun.abort()
    },
    content() {
      firstTokenMs ??= clock.now() - sentAt
      watchdog.content()
    },
    wrote: input.wrote,
    pause() {
      watchdog.pause()
      exchange?.pause()
    },
    resume() {
      watchdog.resume()
      exchange?.resume()
    },
    finish(end, nothing) {
      if (run.over) return
      run.over = true
      watchdog.stop()
      if (end.kind === 'answered' && !upstreamOver) cancelLinger = clock.after(LINGER, () => exchange?.abort())
      resolve({ ...end, nothing, ...consumed(run), firstTokenMs })
    },
    stop(why, nothing = exchange === undefined) {
      if (run.over) return
      exchange?.abort()
      run.finish(why === 'gone' ? { kind: 'gone' } : failedBy(why), nothing)
    },
    closed() {
      upstreamOver = true
      cancelLinger?.()
    },
  }
  return run
}

function consumed({ receiver, status }: Run): {
  generatedBytes: number
  usage: Usage | undefined
  status: number | undefined
  thoughts: readonly Part[] | undefined
} {
  return {
    generatedBytes: receiver?.generatedBytes() ?? 0,
    usage: receiver?.usage(),
    status,
    thoughts: receiver?.thoughts?.(),
  }
}

function handlerOf(input: ExchangeInput, run: Run): ExchangeHandler {
  /** Nothing thrown in here may leave an exchange running or a caller waiting. */
  function guarded(step: () => void): void {
    if (run.over) return
    try {
      step()
    } catch (cause) {
      run.stop(internal('the answer could not be passed on', cause))
    }
  }

  function take(end: Ending | undefined): void {
    if (!end) return
    const refused = run.status !== undefined && run.status >= 400
    if (end.kind === 'failed') run.stop(end, refused)
    else run.finish(end, refused)
  }

  return {
    head: (head) =>
      guarded(() => {
        run.status = head.status
        const said = head.status < 300 ? input.adapter.servedBy?.(head) : undefined
        const foul = said && input.rules.witness?.(said, false)
        if (foul) return run.stop(foul)
        run.receiver = receiverFor(input, run, head)
      }),
    data: (chunk) => guarded(() => take(run.receiver?.data(chunk))),
    end() {
      run.closed()
      guarded(() => take(run.receiver?.end() ?? failedBy(unusable('the upstream gave no answer'))))
    },
    fail(cause) {
      run.finish(failedBy(transportFailure(cause)), cause.sentNothing)
      run.closed()
    },
  }
}

/** Something of ours threw: no other target would fare better. */
function internal(message: string, cause: unknown): UpstreamFailure {
  return { failure: failure('internal_error', message, { cause }), retry: 'no' }
}

/** Lines of JSON are a stream. */
function isJson(contentType: string): boolean {
  return contentType.includes('json') && !contentType.includes('ndjson')
}

function receiverFor(input: ExchangeInput, run: Run, head: UpstreamHead): Receiver {
  if (head.status < 200 || head.status > 299) return createErrorReceiver(input.adapter, head)
  const contentType = head.headers['content-type'] ?? ''
  const { raw } = input.rules.dialect
  const json = isJson(contentType)
  if (raw === 'collected' || (raw === 'passed' && !json)) return createRawReceiver({ ...input, contentType, raw }, run)
  // Some call lines of JSON what each of them is (Ollama's cloud).
  const lines = input.rules.between?.codec.framing === 'ndjson'
  if (input.stream && (!json || lines)) return createStreamReceiver(input, run)
  return createWholeReceiver(input.rules, input.stream)
}
