import type { Catalog } from '#src/core/catalog.ts'
import { factCode, missingFacts } from '#src/core/missing-facts.ts'
import type { Objection, Rule, RuleInput, RuleKind } from '#src/core/policy.ts'
import { anySelector, compileSelector } from '#src/core/select.ts'
import type { Match } from '#src/core/selector.ts'
import { compileSubjects } from '#src/core/subjects.ts'
import type { Target } from '#src/core/target.ts'
import { schema } from './schema.ts'

/** `deny` removes the targets that match, and those of which it is not known whether they match. `except` takes out what surely matches it. */
export const deny: RuleKind = { field: 'deny', compile }

function compile(input: RuleInput<unknown>, catalog: Catalog): Rule {
  const { except = [], ...body } = schema.parse(input.body)
  const matches = compileSelector(body, { against: true })
  const excepted = anySelector((Array.isArray(except) ? except : [except]).map((selector) => compileSelector(selector)))
  const judge: Rule['judge'] = (target) => {
    const match = matches(target)
    if (match.truth === false || (match.truth === 'unknown' && input.unknown === 'allow')) return undefined
    if (excepted(target).truth === true) return undefined
    return objection({ input, match, target, catalog })
  }
  const surely: Rule['judge'] = (target) => {
    const match = matches(target)
    if (match.truth !== true || excepted(target).truth === true) return undefined
    return objection({ input, match, target, catalog })
  }
  return {
    name: input.name,
    source: input.source,
    appliesTo: compileSubjects(input.subjects),
    judge,
    judgeRelayed: judge,
    judgeServed: surely,
    judgeCalled: surely,
  }
}

interface Denied {
  readonly input: RuleInput<unknown>
  readonly match: Match
  readonly target: Target
  readonly catalog: Catalog
}

function objection({ input, match, target, catalog }: Denied): Objection {
  const about = { rule: input.name, source: input.source, unknown: match.unknown }
  const [first] = match.unknown
  if (first !== undefined) {
    const missing = missingFacts(target, match.unknown, catalog)
    const reason = input.reason === undefined ? missing : `${input.reason}; ${missing}`
    return { ...about, code: `${factCode(first)}_unknown`, reason }
  }
  const evidence = match.evidence ?? []
  const facts = evidence.length > 0 ? `: ${evidence.join(' and ')}` : ''
  const reason = input.reason ?? `rule \`${input.name}\` denies \`${target.id}\`${facts}`
  return { ...about, code: 'denied', reason, evidence }
}
