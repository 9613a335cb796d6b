import { isComing, type Done } from '#src/core/done.ts'
import { shardsOf, sharesOf, type Gated, type Payer } from '#src/accounting/payer.ts'
import { failure, type Failure } from '#src/core/failure.ts'
import type { Admission, Admitted, Held, Rooms } from '#src/core/state-store.ts'
import { mayHaveHappened } from '#src/core/state-unavailable.ts'
import type { Usage } from '#src/core/usage.ts'
import { later, type Call } from './call.ts'
import { expiryOf, giveBack } from './give-back.ts'

/** What passes: a request or an attempt. */
export interface Passing {
  readonly id: string
  /** Input estimate plus output limit. */
  readonly tokens: number
  readonly gates: readonly Gated[]
  readonly payer: Payer
  /** To be held by the same step, where there is but one and on the caller's own shard. */
  readonly hold?: Admission['hold']
}

export type Passed =
  | {
      readonly ok: true
      readonly left: Left
      /** What became of `hold`, if it was tried. */
      readonly held?: Held | 'unsure' | undefined
      /** Gives the slots back, with the tokens that were really used. */
      leave(tokens: number): Done
      /** As if nobody had come. */
      withdraw(): Done
    }
  | {
      readonly ok: false
      readonly outcome: 'over_limit' | 'unavailable'
      readonly failure: Failure
      readonly left: Left
    }

/** What is left at the gates, where that is known. */
type Left = ReadonlyMap<Gated, Rooms>

/** Where there is no gate. */
export const FREE: Passed = { ok: true, left: new Map(), leave: () => undefined, withdraw: () => undefined }

/** Lets it in at every gate, or at none. */
export async function passGates(call: Call, { id, tokens, gates, payer, hold }: Passing): Promise<Passed> {
  const { store, clock } = call.gateway.ports
  const shares = sharesOf(payer, gates)
  const withdraw = (first: number): Done => giveBack(call, { what: 'slots', id }, shardsOf(shares.slice(0, first)))
  const now = clock.now()
  const expiresAt = expiryOf(call)
  const left = new Map<Gated, Rooms>()
  const upfront = shares.length === 1 && shares[0]?.shard === payer.shard ? hold : undefined
  let held: Held | undefined
  let passed = 0
  try {
    for (const { shard, of } of shares) {
      const asked = of.map(({ gate, limits }) => ({ gate, limits }))
      const step = { id, shard, gates: asked, tokens, now, expiresAt, ...(upfront && { hold: upfront }) }
      const answer = store.admit(step)
      const entry = isComing(answer) ? await answer : answer
      for (const [nth, gate] of of.entries()) left.set(gate, entry.rooms[nth] ?? {})
      if (entry.ok) {
        held = entry.held
        passed++
        continue
      }
      await withdraw(passed)
      return { ok: false, outcome: 'over_limit', failure: overLimit(entry, of), left }
    }
  } catch (cause) {
    // What happened of it nobody knows: it is given back like the others. What is held for the attempt is known again by its id when that goes on.
    const unsure = mayHaveHappened(cause)
    later(call, withdraw(unsure ? passed + 1 : passed))
    if (call.snapshot.shared.onFailure.limits === 'allow')
      return { ...FREE, ...(upfront && unsure && { held: 'unsure' }) }
    if (upfront && unsure) later(call, giveBack(call, { what: 'hold', id: upfront.id }, [payer.shard]))
    return { ok: false, outcome: 'unavailable', failure: unavailable('limits', cause), left: FREE.left }
  }
  return {
    ok: true,
    left,
    held,
    withdraw: () => withdraw(shares.length),
    leave: (used) => giveBack(call, { what: 'slots', id, used }, shardsOf(shares)),
  }
}

/** What a caller is told where state cannot be reached and nothing goes without. */
export function unavailable(what: string, cause: unknown): Failure {
  const message = `${what} cannot be counted at the moment: the state that instances share does not answer`
  return failure('state_unavailable', message, { cause, retryAfterMs: 1000 })
}

/** Of a whole request, and of each of its attempts. */
export function tokensAsked({ signals }: Call): number {
  return signals.inputTokens + (signals.outputLimit ?? 0) * signals.choices
}

/** undefined: it is not known. */
export function totalOf({ input, output }: Usage): number | undefined {
  return input === undefined || output === undefined ? undefined : input + output
}

const NAMES = { rpm: 'requests a minute', tpm: 'tokens a minute', concurrency: 'requests at once' } as const

function overLimit({ gate, limit, retryAfterMs }: Extract<Admitted, { ok: false }>, of: readonly Gated[]): Failure {
  const name = of.find((one) => one.gate === gate)?.name
  const whose = name === undefined ? "the key's limit" : `the limit \`${name}\``
  return failure('rate_limit_exceeded', `${whose} of ${NAMES[limit]} is reached`, { retryAfterMs })
}
