import type { Key } from '#src/core/key.ts'
import type { ApiRequest, Signals } from '#src/core/request.ts'
import type { Snapshot } from '#src/core/snapshot.ts'
import { decide, type Decided } from './decide.ts'
import type { Gateway } from './gateway.ts'
import { createSpeech, type Speech } from './speech.ts'

interface Question {
  readonly snapshot: Snapshot
  readonly key?: Key | undefined
  readonly request: ApiRequest
  /** What draws come from; the request's id unless a replay gives its own. */
  readonly seed?: string
}

interface Decision {
  readonly decided: Decided
  readonly signals: Signals
  readonly speech: Speech
}

/** Reads what a decision depends on and decides: the one way in for live requests and for `explain`. */
export async function decideFor(gateway: Gateway, question: Question): Promise<Decision> {
  const { snapshot, key, request } = question
  const { clock, store, estimates } = gateway.ports
  const dialect = gateway.ports.dialects[request.endpoint]
  const signals = dialect.sense(request)
  const speech = createSpeech(dialect, request, key?.strict)
  const now = clock.now()
  const spend = key?.budget ? await store.spend(key, now) : undefined
  const subject = { request, signals, seed: question.seed ?? request.id, key, speech }
  const decided = decide(snapshot, subject, { estimates, now, spend })
  return { decided, signals, speech }
}
