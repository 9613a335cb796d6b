import type { Rule, RuleInput, RuleKind } from '#src/core/policy.ts'
import { compileSubjects } from '#src/core/subjects.ts'
import { schema } from './schema.ts'

/** `set` writes values into requests, whatever the caller wrote. Two rules that want different values refuse the request. */
export const set: RuleKind = { field: 'set', compile }

function compile(input: RuleInput<unknown>): Rule {
  if (input.unknown !== undefined) throw new TypeError('`unknown` says nothing here: a `set` asks for no facts')
  if (input.reason !== undefined) throw new TypeError('`reason` says nothing here: a `set` denies nobody')
  const { stop, ...sets } = schema.parse(input.body)
  return {
    name: input.name,
    source: input.source,
    appliesTo: compileSubjects(input.subjects),
    judge: () => undefined,
    // A list is what every dialect takes.
    sets: stop === undefined ? sets : { ...sets, stop: [stop].flat() },
  }
}
