import type { UpstreamFailure } from '#src/core/adapter.ts'
import type { AttemptRecord, Shadow } from '#src/core/decision.ts'
import type { Done } from '#src/core/done.ts'
import type { Dialect } from '#src/core/dialect.ts'
import { failure } from '#src/core/failure.ts'
import type { Key } from '#src/core/key.ts'
import type { NanoUsd } from '#src/core/money.ts'
import type { ApiRequest, Signals } from '#src/core/request.ts'
import type { Sink } from '#src/core/sink.ts'
import type { Snapshot } from '#src/core/snapshot.ts'
import type { Bill } from '#src/core/usage.ts'
import type { Decided } from './decide.ts'
import type { Change } from './change.ts'
import type { Gateway } from './gateway.ts'
import { createHeartbeat, type Heartbeat } from './heartbeat.ts'
import { outOfTime } from './attempt-result.ts'
import type { Account } from '#src/core/adapter.ts'
import type { Target } from '#src/core/target.ts'
import type { Terms } from '#src/routing/terms.ts'
import type { Resumed } from './memory.ts'
import type { PromptCache } from './prompt-cache.ts'
import type { Reply } from './reply.ts'
import type { Speech } from './speech.ts'
import type { Kept } from './thoughts.ts'

/** A request that was received, authenticated and read. */
export interface Incoming {
  readonly snapshot: Snapshot
  readonly key?: Key | undefined
  readonly request: ApiRequest
  readonly sink: Sink
  /** ms since 1970. */
  readonly startedAt: number
  /** Told once, when its answer is written: who gave it, or that it is none. Never rejects. */
  readonly ended?: (target: string | undefined) => Promise<void>
  /** Takes the bookkeeping that goes on behind its answer: whoever sent it sees to that. */
  readonly unsettled?: Promise<void>[]
}

/** A request that was let in: read, measured, decided, and now to be answered. */
export interface Accepted {
  readonly gateway: Gateway
  /** The configuration that it is ranked by, whatever is loaded meanwhile. */
  readonly snapshot: Snapshot
  readonly key?: Key | undefined
  /** As it came, for rules to look into. */
  readonly came: ApiRequest
  /** As the rules want it sent. */
  readonly request: ApiRequest
  /** What they make of it, and of every other form in which it is sent. */
  readonly terms: Terms
  readonly change: Change
  readonly signals: Signals
  readonly dialect: Dialect
  /** Decides it once more, by what guards found that were asked meanwhile. */
  decideAgain(found: NonNullable<Signals['guarded']>): { readonly decided: Decided; readonly signals: Signals }
  /** Decides it once more, by what is spent now. */
  decideExactly(): Promise<{ readonly decided: Decided; readonly signals: Signals }>
  /** Carries out another request on behalf of this one. Never rejects. */
  serve(incoming: Incoming): Promise<void>
  /** How the request is said to each target. */
  readonly speech: Speech
  readonly decided: Decided
  readonly reply: Reply
  /** Goes on from an answer that is kept. */
  readonly resumed?: Resumed | undefined
  /** What is kept of earlier answers that it brings back, by the ids of calls and thoughts. */
  readonly kept?: ReadonlyMap<string, Kept> | undefined
  /** Whether an account gave what this request goes on from. */
  bound(target: Target, account: Account): boolean
  readonly promptCache: PromptCache
  /** What was changed or is not honoured: `x-tutti-warnings`. */
  readonly warnings: Set<string>
  readonly startedAt: number
  readonly unsettled?: Promise<void>[]
}

/** Why a call stops before its answer is whole. */
export type Stop = 'gone' | UpstreamFailure

/** What was held for a request's first attempt by the step that let it in, or may have been. */
export interface Upfront {
  /** Of the attempt. */
  readonly id: string
  readonly shard: string
  readonly amount: NanoUsd
  /** False: the step gave no answer. */
  readonly sure: boolean
}

/** One request on its way through its attempts. */
export interface Call extends Omit<Accepted, 'decided' | 'signals' | 'unsettled'> {
  /** Another one once its guards were asked. */
  decided: Decided
  signals: Signals
  readonly attempts: AttemptRecord[]
  /** Attempts that went over the wire, the running one included. */
  sent: number
  /** When the last of them began, in ms since 1970. */
  begun: number
  /** Where the accounts of a provider are begun for this call. */
  readonly accountOffset: number
  /** The bill of every attempt that was sent. */
  readonly bills: Bill[]
  /** What rules in shadow say of the answer that is coming. */
  readonly shadow: Shadow[]
  /** What the attempt that is under way was given for prompt caches. */
  readonly marks: string[]
  /** Whether it is answered by what is kept; absent: its name keeps nothing. */
  cache?: 'hit' | 'miss'
  readonly heartbeat: Heartbeat
  /** Bookkeeping that goes on when the caller has its answer. */
  readonly unsettled: Promise<void>[]
  /** ms since 1970 by which it has ended. */
  readonly endsAt: number
  stopped: Stop | undefined
  /** Held for the first attempt, until that takes it over. */
  upfront: Upfront | undefined
  /** Sets what a stop has to interrupt. */
  onStop(interrupt: (why: Stop) => void): void
  /** Resolves after `ms`, or at once when the call stops. */
  wait(ms: number): Promise<void>
  /** Lets go of every timer. */
  close(): void
}

/** An SSE comment: keeps proxies from closing a silent connection and is no content. */
const BEAT = ': tutti\n\n'

/** Begins a call: from here on the total time runs, the caller's hang-up counts and a silent stream beats. */
export function openCall(accepted: Accepted, sink: Sink): Call {
  const { gateway, decided, request, reply } = accepted
  const { clock } = gateway.ports
  const { timeouts } = decided
  let interrupt: (why: Stop) => void = () => {}

  function stop(why: Stop): void {
    if (call.stopped) return
    call.stopped = why
    interrupt(why)
  }

  function beat(): void {
    try {
      reply.comment(accepted.dialect.streaming?.comment ?? BEAT)
    } catch (cause) {
      // Thrown from a timer it would end the process. The reply has destroyed the sink.
      stop({ failure: failure('internal_error', 'the answer could not be written', { cause }), retry: 'no' })
    }
  }

  const total = Math.min(timeouts.total, request.timeoutMs ?? Infinity)
  const endsAt = accepted.startedAt + total
  const cancelTotal = clock.after(endsAt - clock.now(), () => stop(outOfTime()))
  const heartbeat = createHeartbeat(clock, request.stream ? timeouts.heartbeat : 0, beat)
  const call: Call = {
    ...accepted,
    attempts: [],
    sent: 0,
    begun: accepted.startedAt,
    bills: [],
    shadow: [],
    marks: [],
    unsettled: accepted.unsettled ?? [],
    ...(decided.cacheFor !== undefined && { cache: 'miss' }),
    endsAt,
    accountOffset: accepted.startedAt,
    heartbeat,
    stopped: undefined,
    upfront: undefined,
    onStop(run) {
      interrupt = run
      if (call.stopped) run(call.stopped)
    },
    wait(ms) {
      return new Promise((resolve) => {
        if (call.stopped) return resolve()
        const cancel = clock.after(ms, resolve)
        interrupt = () => {
          cancel()
          resolve()
        }
      })
    },
    close() {
      cancelTotal()
      heartbeat.stop()
      interrupt = () => {}
    },
  }
  sink.onGone(() => stop('gone'))
  return call
}

/**
 * Bookkeeping of an answer that is whole. The answer waits for none of it, except where the runtime may stop as soon as the answer has ended: what is
 * begun there has to be done before.
 */
export function behind(call: Call, work: Done): Done {
  if (call.gateway.ports.isolated) return work
  later(call, work)
  return undefined
}

/** What may go on when the caller has its answer. */
export function later({ unsettled }: Call, work: Done): void {
  if (work) unsettled.push(work)
}
