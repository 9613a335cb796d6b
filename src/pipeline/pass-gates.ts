import { sharesOf, type Gated, type Payer } from '#src/accounting/payer.ts'
import { failure, type Failure } from '#src/core/failure.ts'
import type { Admitted } from '#src/core/state-store.ts'
import type { Usage } from '#src/core/usage.ts'
import type { Call } from './call.ts'

/** What passes: a request or an attempt. */
export interface Passing {
  readonly id: string
  /** Input estimate plus output limit. */
  readonly tokens: number
  readonly gates: readonly Gated[]
  readonly payer: Payer
}

export type Passed =
  | {
      readonly ok: true
      /** Gives the slots back, with the tokens that were really used. */
      leave(tokens: number): Promise<void>
      /** As if nobody had come. */
      withdraw(): Promise<void>
    }
  | { readonly ok: false; readonly failure: Failure }

/** A slot outlives the longest request by this, in ms. */
const SLOT_GRACE = 60_000

const FREE: Passed = { ok: true, leave: () => Promise.resolve(), withdraw: () => Promise.resolve() }

/** Lets it in at every gate, or at none. */
export async function passGates(call: Call, { id, tokens, gates, payer }: Passing): Promise<Passed> {
  if (gates.length === 0) return FREE
  const { store, clock } = call.gateway.ports
  const shares = sharesOf(payer, gates)
  const withdraw = async (passed = shares): Promise<void> => {
    for (const { shard } of passed) await store.withdraw({ id, shard }, clock.now())
  }
  const now = clock.now()
  const expiresAt = now + call.decided.timeouts.total + SLOT_GRACE
  for (const [at, { shard, of }] of shares.entries()) {
    const asked = of.map(({ gate, limits }) => ({ gate, limits }))
    const entry = await store.admit({ id, shard, gates: asked, tokens, now, expiresAt })
    if (entry.ok) continue
    await withdraw(shares.slice(0, at))
    return { ok: false, failure: overLimit(entry, of) }
  }
  return {
    ok: true,
    withdraw,
    async leave(used) {
      for (const { shard } of shares) await store.leave({ id, shard }, used, clock.now())
    },
  }
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
