import type { Rule, RuleInput, RuleKind } from '#src/core/policy.ts'
import { compileSelector } from '#src/core/select.ts'
import { compileSubjects } from '#src/core/subjects.ts'
import { schema } from './schema.ts'

/** `prefer` changes the order only: targets that surely match go before the others, those that more rules prefer first. */
export const prefer: RuleKind = { field: 'prefer', compile }

function compile(input: RuleInput<unknown>): Rule {
  if (input.unknown !== undefined)
    throw new TypeError('`unknown` says nothing here: a `prefer` acts on what is known only')
  if (input.reason !== undefined) throw new TypeError('`reason` says nothing here: a `prefer` denies nobody')
  const matches = compileSelector(schema.parse(input.body))
  return {
    name: input.name,
    source: input.source,
    appliesTo: compileSubjects(input.subjects),
    judge: () => undefined,
    prefers: (target) => matches(target).truth === true,
  }
}
