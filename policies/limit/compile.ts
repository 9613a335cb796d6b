import type { Rule, RuleInput, RuleKind } from '#src/core/policy.ts'
import { compileSubjects } from '#src/core/subjects.ts'
import { schema } from './schema.ts'

/** `limit` lowers the output that a request asks for, and refuses one that asks for more of anything else. Of several rules the smallest counts. */
export const limit: RuleKind = { field: 'limit', compile }

function compile(input: RuleInput<unknown>): Rule {
  if (input.unknown !== undefined) throw new TypeError('`unknown` says nothing here: a `limit` asks for no facts')
  const caps = schema.parse(input.body)
  return {
    name: input.name,
    source: input.source,
    ...(input.reason !== undefined && { reason: input.reason }),
    appliesTo: compileSubjects(input.subjects),
    judge: () => undefined,
    caps,
  }
}
