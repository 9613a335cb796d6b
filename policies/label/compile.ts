import type { Rule, RuleInput, RuleKind } from '#src/core/policy.ts'
import { compileSubjects } from '#src/core/subjects.ts'
import { schema } from './schema.ts'

/** `label` marks answers as made by a model, in headers, for whoever shows them to people. */
export const label: RuleKind = { field: 'label', compile }

function compile(input: RuleInput<unknown>): Rule {
  if (input.unknown !== undefined) throw new TypeError('`unknown` says nothing here: a `label` asks for no facts')
  if (input.reason !== undefined) throw new TypeError('`reason` says nothing here: a `label` denies nobody')
  const body = schema.parse(input.body)
  return {
    name: input.name,
    source: input.source,
    appliesTo: compileSubjects(input.subjects),
    judge: () => undefined,
    label: body === true ? {} : body,
  }
}
