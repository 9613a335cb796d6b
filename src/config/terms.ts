import type { Condition, RuleTerms } from '#src/core/policy.ts'
import { compileCondition } from './condition.ts'
import type { Context } from './context.ts'
import type { Path } from './problem.ts'
import type { PolicyFile } from './schema-policy.ts'
import { allOf, clientCondition, scheduleCondition } from './scope.ts'

/** What a rule of any kind may carry. However it is written, whom and when a rule speaks about is one condition. */
export function termsOf(file: PolicyFile, path: Path, context: Context): RuleTerms {
  const { mode, onError, schedule, client } = file
  const { when, pii } = whenOf(file, [...path, 'when'], context)
  const conditions = [
    ...(when ? [when] : []),
    ...(schedule ? [scheduleCondition(schedule)] : []),
    ...(client ? [clientCondition(client)] : []),
  ]
  return {
    ...(mode === 'shadow' && { mode }),
    ...(onError === 'allow' && { onError }),
    ...(conditions.length > 0 && { when: allOf(conditions) }),
    ...(pii && { pii }),
  }
}

function whenOf({ when, redact }: PolicyFile, at: Path, { report }: Context): Pick<RuleTerms, 'when' | 'pii'> {
  if (when === undefined) return {}
  const compiled = compileCondition(when)
  if (!compiled.ok) {
    report.error({ path: at, message: compiled.message })
    return {}
  }
  if (compiled.pii === 'left' && redact !== undefined)
    report.error({ path: at, message: '`pii.left` is what no `redact` takes out, so no `redact` can ask for it' })
  for (const message of compiled.warnings) report.warning({ path: at, message })
  return { when: compiled.condition, ...(compiled.pii && { pii: true as const }) }
}

/** The terms of an entry, and what a rule of the preset asks by itself: it speaks where both do. */
export function together(entry: RuleTerms, own: RuleTerms): RuleTerms {
  const conditions: readonly Condition[] = [entry, own].flatMap(({ when }) => when ?? [])
  return {
    ...entry,
    ...(conditions.length > 0 && { when: allOf(conditions) }),
    ...(own.pii && { pii: own.pii }),
  }
}
