import { foldModel, isSameModel } from '#src/core/fold.ts'
import type { Objection, Rule, RuleInput, RuleKind } from '#src/core/policy.ts'
import { compileSelector } from '#src/core/select.ts'
import { compileSubjects } from '#src/core/subjects.ts'
import type { Target } from '#src/core/target.ts'
import { compilePattern } from '#src/core/wildcard.ts'
import { schema } from './schema.ts'

/** `verifyServed` ends an answer that is not known to come from the model that was asked. It takes no target out. */
export const verifyServed: RuleKind = { field: 'verifyServed', compile }

function compile(input: RuleInput<unknown>): Rule {
  const body = schema.parse(input.body)
  const { match = 'model', as = [], ...selector } = body === true ? {} : body
  const concerns = compileSelector(selector)
  const others = [as].flat().map((pattern) => compilePattern(pattern, foldModel))
  const lenient = input.unknown === 'allow'
  return {
    name: input.name,
    source: input.source,
    appliesTo: compileSubjects(input.subjects),
    judge: () => undefined,
    verify(expected, served) {
      const { truth } = concerns(expected)
      if (truth === false || (truth === 'unknown' && lenient)) return undefined
      if (!served) return lenient ? undefined : objection(input, 'served_model_unknown', 'its answer names no model')
      if (others.some((matches) => matches(served.model))) return undefined
      const alike = match === 'model' ? sameModel(expected, served) : sameFact(expected.facts[match], served, match)
      if (alike === true || (alike === undefined && lenient)) return undefined
      if (alike === false) return objection(input, `served_${match}_mismatch`, `not the ${match} of \`${expected.id}\``)
      return objection(
        input,
        `served_${match}_unknown`,
        `the ${match} of it is not known to be that of \`${expected.id}\``,
      )
    },
  }
}

/** In whatever spelling, with or without a date. */
function sameModel(expected: Target, served: Target): boolean {
  return expected === served || isSameModel(expected.model, served.model)
}

/** By what the catalog or the file says of the name; what the name suggests counts where it says otherwise. undefined: nobody knows. */
function sameFact(
  wanted: string | undefined,
  { facts, suspicion }: Target,
  field: 'family' | 'developer',
): boolean | undefined {
  const found = facts[field] ?? suspicion?.facts[field]
  if (wanted === undefined || found === undefined) return undefined
  if (found !== wanted) return false
  return facts[field] === undefined ? undefined : true
}

function objection({ name, source, reason }: RuleInput<unknown>, code: string, why: string): Objection {
  return { rule: name, source, code, reason: reason === undefined ? why : `${reason}; ${why}`, unknown: [] }
}
