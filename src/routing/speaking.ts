import type { Objection, Rule } from '#src/core/policy.ts'
import type { Asked } from './judge.ts'

/** Of some rules those that speak about a request. */
export interface Speaking {
  readonly held: readonly Rule[]
  /** Of rules that could not tell whether they speak about it: it is refused (INTERFACE.md section 9, `when`). */
  readonly failed: readonly Objection[]
}

/** Asks each rule that does more than object whether it speaks about this caller and this request. In shadow none refuses. */
export function speaking(rules: readonly Rule[], { key, occasion }: Asked): Speaking {
  const held: Rule[] = []
  const failed: Objection[] = []
  for (const rule of rules) {
    const holds = quietly(() => rule.appliesTo(key)) && occasion(rule)
    if (holds === 'failed' && rule.mode !== 'shadow') failed.push(refusal(rule))
    if (holds === true) held.push(rule)
  }
  return { held, failed }
}

/** False where the question breaks. */
export function quietly(ask: () => boolean): boolean {
  try {
    return ask()
  } catch {
    return false
  }
}

function refusal({ name, source }: Rule): Objection {
  const reason = `the \`when\` or \`client\` of rule \`${name}\` could not be evaluated for this request; \`onError: allow\` would leave the rule out`
  return { rule: name, code: 'policy_error', reason, source, unknown: [] }
}
