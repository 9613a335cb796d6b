import { failure } from '#src/core/failure.ts'
import type { Key } from '#src/core/key.ts'
import type { Signals } from '#src/core/request.ts'
import type { Snapshot } from '#src/core/snapshot.ts'
import type { Provider, Target } from '#src/core/target.ts'
import { judgeCarrying, type Asked } from '#src/routing/judge.ts'
import type { Terms } from '#src/routing/terms.ts'
import { failedBy, type Ending } from './attempt-result.ts'
import type { Call } from './call.ts'
import { standingOf } from './decide.ts'
import { looked } from './look.ts'
import { compileStored } from './stored-keys.ts'

/**
 * What the newest configuration has against an attempt (law 1): its rules over what it and the host say of this target and this caller, or that
 * the target is not there any more. undefined: nothing.
 */
export function objectionNow(call: Call, target: Target): Ending | undefined {
  const { gateway } = call
  gateway.snapshot = gateway.ports.inventory.inform(gateway.snapshot)
  const now = targetNow(call, target)
  if (!now) return takenOut(target)
  const { snapshot } = gateway
  const asked = askedNow(call)
  const { objections } = judgeCarrying(snapshot, asked, { target: now, signals: call.signals })
  const [objection] = [...objections, ...asked.terms.refusals]
  if (!objection) return snapshot === call.snapshot || isSame(asked.terms, call) ? undefined : otherwise()
  const { rule, reason } = objection
  return failedBy({ failure: failure('policy_denied', reason, { details: { rule, reason } }), retry: 'next' })
}

/** The caller and the request as the newest configuration has them. */
export function askedNow(call: Call): Asked & { readonly terms: Terms } {
  const { gateway, key: before, request, startedAt, decided } = call
  const { snapshot } = gateway
  const key = before && snapshot !== call.snapshot ? keyNow(snapshot, before) : before
  const signals = signalsNow(call, key)
  // The time of the decision, so that only another configuration can say otherwise.
  const now = decided.decision.inputs.now ?? startedAt
  return { key, ...standingOf(snapshot, { request, signals, key }, now) }
}

/** What the file says of the caller, or of who made its key. */
export function keyNow(snapshot: Snapshot, before: Key): Key {
  const made = before.written && compileStored(snapshot, before.written)
  return snapshot.keysById.get(before.id) ?? made ?? before
}

/** Other rules may ask for what nobody looked for yet. */
function signalsNow({ gateway, snapshot: ranked, signals, came }: Call, key: Key | undefined): Signals {
  const { snapshot, ports } = gateway
  return snapshot.rules === ranked.rules ? signals : looked(ports.findPii, { snapshot, key, request: came }, signals)
}

/** What the newest configuration says of a target. undefined: it has no such provider any more, or has it at another address. */
function targetNow({ gateway: { snapshot }, snapshot: ranked }: Call, target: Target): Target | undefined {
  if (snapshot === ranked) return target
  const provider = snapshot.providers.get(target.provider.name)
  if (!provider || addressOf(provider) !== addressOf(target.provider)) return undefined
  return snapshot.targets.get(target.id) ?? snapshot.targetOf(provider, target.model)
}

function addressOf({ accounts }: Provider): string | undefined {
  return accounts[0]?.baseUrl
}

/** Whether another configuration wants the same to be sent, the same done with the answer, and nobody else asked. */
function isSame(now: Terms, { terms, signals: { guarded } }: Call): boolean {
  const meaning = ({ writes, redaction }: Terms): string => {
    const sets =
      redaction && [redaction.types, redaction.restored, redaction.inAnswers].map((set) => [...set].toSorted())
    return JSON.stringify([writes.map(({ setting, value }) => [setting, value]), sets, redaction?.unscannable])
  }
  const asked = now.asking?.every(({ guard }) => guarded?.[guard.id] !== undefined) ?? true
  return asked && meaning(now) === meaning(terms)
}

/** What was made ready to be sent is not what would be sent now: asked again, it is. */
function otherwise(): Ending {
  const message = 'the rules that change this request were changed while it waited'
  return failedBy({ failure: failure('no_healthy_target', message, { retryAfterMs: 1000 }), retry: 'no' })
}

/** No rule denies it, but nobody vouches for it any more: asked again, the caller gets what is there now. */
function takenOut({ id }: Target): Ending {
  const message = `\`${id}\` was taken out of the configuration while the request waited for it`
  return failedBy({ failure: failure('no_healthy_target', message, { retryAfterMs: 1000 }), retry: 'next' })
}
