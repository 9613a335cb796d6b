import { PII_TYPES } from '#src/core/pii/types.ts'
import type { Rule, RuleInput, RuleKind } from '#src/core/policy.ts'
import { compileSubjects } from '#src/core/subjects.ts'
import { schema } from './schema.ts'

/** `redact` takes personal data out of requests and answers. Of several rules all types count, and the strictest of what else they say. */
export const redact: RuleKind = { field: 'redact', compile }

function compile(input: RuleInput<unknown>): Rule {
  if (input.unknown !== undefined) throw new TypeError('`unknown` says nothing here: a `redact` asks for no facts')
  const written = schema.parse(input.body)
  const body = written === 'all' || Array.isArray(written) ? { types: written } : written
  const { types = 'all', restore = false, answers = true, unscannable = 'deny' } = body
  return {
    name: input.name,
    source: input.source,
    ...(input.reason !== undefined && { reason: input.reason }),
    appliesTo: compileSubjects(input.subjects),
    judge: () => undefined,
    redacts: { types: new Set(types === 'all' ? PII_TYPES : types), restore, answers, unscannable },
  }
}
