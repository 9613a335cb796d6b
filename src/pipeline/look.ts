import type { Key } from '#src/core/key.ts'
import { findingsOf } from '#src/core/pii/findings.ts'
import type { Finder } from '#src/core/pii/types.ts'
import type { ApiRequest, Signals } from '#src/core/request.ts'
import type { Snapshot } from '#src/core/snapshot.ts'
import { guardedBy } from '#src/routing/guarding.ts'
import { asksForPii } from '#src/routing/redaction.ts'

/** A request as it came, and whose rules ask what it holds. */
export interface Looked {
  readonly snapshot: Snapshot
  readonly key?: Key | undefined
  readonly request: ApiRequest
}

/** Signals with what the request holds, where a rule asks; what cannot be looked for is not known. */
export function looked(find: Finder, { snapshot, key, request }: Looked, signals: Signals): Signals {
  const pii = asksForPii(snapshot, key) ? quietly(() => findingsOf(request, find)) : undefined
  const guarded = quietly(() => guardedBy(snapshot, key, request))
  return { ...signals, ...(pii && { pii }), ...(guarded && { guarded: { ...signals.guarded, ...guarded } }) }
}

function quietly<Value>(look: () => Value): Value | undefined {
  try {
    return look()
  } catch {
    return undefined
  }
}
