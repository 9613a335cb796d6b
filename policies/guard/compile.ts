import type { Catalog } from '#src/core/catalog.ts'
import { guardedText } from '#src/core/guarded-text.ts'
import type { Means, Rule, RuleInput, RuleKind } from '#src/core/policy.ts'
import { compileSubjects } from '#src/core/subjects.ts'
import { schema } from './schema.ts'

/** `guard` refuses requests that hold one of its words, or in which one of its patterns is found. */
export const guard: RuleKind = { field: 'guard', compile }

function compile(input: RuleInput<unknown>, _catalog: Catalog, means: Means): Rule {
  if (input.unknown !== undefined) throw new TypeError('`unknown` says nothing here: a `guard` asks for no facts')
  const body = schema.parse(input.body)
  const literals = (body.literals ?? []).map(guardedText)
  const empty = (body.literals ?? []).find((_, index) => literals[index] === '')
  if (empty !== undefined)
    throw new TypeError(`\`${empty}\` holds nothing that is seen, so that it would be found everywhere`)
  const patterns = (body.patterns ?? []).map((pattern) => means.pattern(pattern))
  return {
    name: input.name,
    source: input.source,
    ...(input.reason !== undefined && { reason: input.reason }),
    appliesTo: compileSubjects(input.subjects),
    judge: () => undefined,
    guard: {
      // What was found is recorded under what it was found by: another text of the rule is another question.
      id: means.id(`${input.name}\n${JSON.stringify(body)}`),
      reads: patterns.length > 0 ? 'patterns' : 'literals',
      finds: (text) => literals.some((literal) => text.includes(literal)) || patterns.some((found) => found(text)),
    },
  }
}
