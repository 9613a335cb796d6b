import type { Circumstances } from '#src/core/circumstances.ts'
import type { Rule } from '#src/core/policy.ts'

/** What a rule's `when` says of a request. `failed`: it could not say, and counts. */
export type Holding = boolean | 'failed'

/**
 * One request, as conditions ask about it. Each is asked once, and only where its rule has something against a candidate; `since`: what it has
 * stands from then on.
 */
export type Occasion = (rule: Rule, since?: number) => Holding

export function createOccasion(came: () => Circumstances): Occasion {
  let circumstances: Circumstances | undefined
  let known: Map<Rule, Holding> | undefined
  return (rule, since) => {
    if (since !== undefined && (circumstances ??= came()).now < since) return false
    if (!rule.when) return true
    const before = known?.get(rule)
    if (before !== undefined) return before
    circumstances ??= came()
    const holding = ask(rule, circumstances)
    known ??= new Map()
    known.set(rule, holding)
    return holding
  }
}

function ask({ when, onError }: Rule, circumstances: Circumstances): Holding {
  try {
    return when?.(circumstances) ?? true
  } catch {
    return onError === 'allow' ? false : 'failed'
  }
}
