import { ENDPOINTS } from '#src/core/endpoint.ts'
import type { AttemptRecord } from '#src/core/decision.ts'
import type { Paid } from '#src/core/ledger.ts'
import type { Target } from '#src/core/target.ts'
import type { Bill } from '#src/core/usage.ts'
import type { Call } from './call.ts'

export interface Paying {
  readonly target: Target
  readonly bill: Bill
  readonly outcome: AttemptRecord['outcome']
}

/** What the ledger says of an attempt: who, for whom, which model, how many tokens; no text, and no name that the caller made up. */
export function paidFor(call: Call, { target, bill, outcome }: Paying): Paid {
  const { request, key, snapshot } = call
  const { usage, estimated, cost } = bill
  const tags = key ? [...key.tags, ...request.tags] : request.tags
  return {
    request: request.id,
    endpoint: ENDPOINTS[request.endpoint],
    ...(key && { key: key.id }),
    ...(key?.tenant !== undefined && { tenant: key.tenant }),
    ...(key?.team !== undefined && { team: key.team }),
    ...(key?.user !== undefined && { user: key.user }),
    ...(tags.length > 0 && { tags }),
    model: snapshot.routes.has(request.model) ? request.model : nameOf(call, target),
    target: nameOf(call, target),
    outcome,
    ...(usage.input !== undefined && { input: usage.input }),
    ...(usage.cachedInput !== undefined && { cachedInput: usage.cachedInput }),
    ...(usage.output !== undefined && { output: usage.output }),
    ...(estimated && { estimated }),
    ...(cost === 'unknown' && { unpriced: true as const }),
  }
}

/** Names of models that the caller made up hold whatever it wrote into them. */
function nameOf({ snapshot, change: { redactor } }: Call, { id }: Target): string {
  return redactor && !snapshot.targets.has(id) ? redactor.text(id) : id
}
