import type { UpstreamFailure } from '#src/core/adapter.ts'
import { failure, type Failure } from '#src/core/failure.ts'
import { createSeed } from '#src/core/seed.ts'
import { attempt, type Attempt } from './attempt.ts'
import type { Call } from './call.ts'
import { createItinerary } from './itinerary.ts'

/** How a call ended, before the caller was told. */
export type Outcome =
  | { readonly kind: 'answered'; readonly attempt: Attempt; readonly rest: string | Uint8Array }
  | { readonly kind: 'failed'; readonly failure: Failure }
  | { readonly kind: 'gone' }

/**
 * The one owner of attempts (law 10): goes down the plan until an answer is whole, content is out, the configured number
 * has been on the wire, or the caller or the time is gone.
 */
export async function dispatch(call: Call): Promise<Outcome> {
  const itinerary = createItinerary(call.decided.plan, createSeed(call.request.id))
  let last: Failure = failure('no_healthy_target', 'no target was left to ask')
  while (call.sent < call.decided.attempts) {
    const leg = itinerary.next()
    if (!leg) break
    if (leg.wait > 0) await call.wait(leg.wait)
    if (call.stopped) return stoppedOutcome(call.stopped)
    const tried = await attempt(call, leg.target)
    const { ending } = tried
    if (ending.kind === 'answered') return { kind: 'answered', attempt: tried, rest: ending.rest }
    if (ending.kind === 'gone') return { kind: 'gone' }
    last = ending.failure
    if (call.reply.committed) break
    itinerary.failed(leg.target, ending)
  }
  return { kind: 'failed', failure: last }
}

function stoppedOutcome(stopped: 'gone' | UpstreamFailure): Outcome {
  return stopped === 'gone' ? { kind: 'gone' } : { kind: 'failed', failure: stopped.failure }
}
