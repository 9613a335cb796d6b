import type { Catalog } from '#src/core/catalog.ts'
import { factCode, factNoun, missingFacts } from '#src/core/missing-facts.ts'
import type { Objection, Rule, RuleInput, RuleKind } from '#src/core/policy.ts'
import { anySelector, compileSelector } from '#src/core/select.ts'
import type { Match, Selector, SelectorField, SelectorInput } from '#src/core/selector.ts'
import { compileSubjects } from '#src/core/subjects.ts'
import type { Target } from '#src/core/target.ts'
import { schema } from './schema.ts'

/** `require` removes every target of which the selector is not known to hold. `anyOf` is an allow-list: one of its selectors must hold. */
export const require: RuleKind = { field: 'require', compile }

function compile(input: RuleInput<unknown>, catalog: Catalog): Rule {
  const { anyOf, ...body } = schema.parse(input.body)
  const judgeBy = (demands: readonly Demand[]) => (target: Target) =>
    worst(demands.map((demand) => unmet({ input, demand, target, catalog })))
  const served = judgeBy(demandsOf(nameless(body), anyOf?.map(nameless)))
  return {
    name: input.name,
    source: input.source,
    appliesTo: compileSubjects(input.subjects),
    judge: judgeBy(demandsOf(body, anyOf)),
    judgeServed(target) {
      const objection = served(target)
      return objection?.unknown.length === 0 ? objection : undefined
    },
    judgeRelayed: judgeBy(demandsOf(anyOperator(body), anyOf?.map(anyOperator))),
    judgeCalled: judgeBy(demandsOf(ofPlace(body), anyOf?.map(ofPlace))),
  }
}

function demandsOf(body: SelectorInput, anyOf: readonly SelectorInput[] | undefined): readonly Demand[] {
  return [
    ...(Object.keys(body).length > 0 ? [{ matches: compileSelector(body), wanted: body }] : []),
    ...(anyOf ? [{ matches: anySelector(anyOf.map((selector) => compileSelector(selector))), wanted: undefined }] : []),
  ]
}

/** What is asked of whom an upstream asks in its turn: not that it is the operator that was asked itself. */
function anyOperator({ operator: _operator, ...rest }: SelectorInput): SelectorInput {
  return rest
}

/** What is asked of who answered: not its name either, for one model goes by several. */
function nameless({ model: _model, ...rest }: SelectorInput): SelectorInput {
  return anyOperator(rest)
}

/** What is asked of a host that a tool has called: who is there and where that is, for no model of it is known. */
function ofPlace({
  operator,
  operatorCountry,
  region,
  local,
  trainsOnData,
  retainsData,
}: SelectorInput): SelectorInput {
  return Object.fromEntries(
    Object.entries({ operator, operatorCountry, region, local, trainsOnData, retainsData }).filter(
      ([, wanted]) => wanted !== undefined,
    ),
  )
}

/** One selector that must hold; `wanted` is what it asks for, where one sentence can say it. */
interface Demand {
  readonly matches: Selector
  readonly wanted: SelectorInput | undefined
}

interface Required {
  readonly input: RuleInput<unknown>
  readonly demand: Demand
  readonly target: Target
  readonly catalog: Catalog
}

/** What is known to fail is said before what is unknown: declaring a fact would not help. */
function worst(objections: readonly (Objection | undefined)[]): Objection | undefined {
  const real = objections.filter((objection) => objection !== undefined)
  return real.find((objection) => objection.unknown.length === 0) ?? real[0]
}

function unmet(required: Required): Objection | undefined {
  const { input, demand, target, catalog } = required
  const match = demand.matches(target)
  if (match.truth === true || (match.truth === 'unknown' && input.unknown === 'allow')) return undefined
  const about = { rule: input.name, source: input.source, unknown: match.unknown }
  const [first] = match.unknown
  if (first === undefined) return { ...about, ...failedText(required, match) }
  const missing = missingFacts(target, match.unknown, catalog)
  return {
    ...about,
    code: `${factCode(first)}_unknown`,
    reason: input.reason === undefined ? missing : `${input.reason}; ${missing}`,
  }
}

function failedText(
  { input, demand, target }: Required,
  match: Match,
): Pick<Objection, 'code' | 'reason' | 'evidence'> {
  const failed = match.failed ?? []
  const known = failed.filter((field) => !target.hosted?.doubted.has(field))
  const evidence = [
    ...known.map((field) => `its ${factNoun(field)} is ${shown(target, field)}`),
    ...(known.length < failed.length ? (target.hosted?.contradictions ?? []) : []),
  ]
  const has = evidence.length > 0 ? `: ${evidence.join(' and ')}` : ''
  const reason = input.reason ?? `rule \`${input.name}\` requires ${wish(demand, failed)} of \`${target.id}\`${has}`
  const [first] = failed
  const code =
    first === undefined || (!demand.wanted && failed.length > 1) ? 'any_of_required' : `${factCode(first)}_required`
  return { code, reason, evidence }
}

function wish({ wanted }: Demand, failed: readonly SelectorField[]): string {
  if (!wanted) return 'one of the selectors of its list'
  return failed.map((field) => `${factNoun(field)} ${list(wanted[field])}`).join(' and ')
}

function shown({ facts, provider }: Target, field: SelectorField): string {
  return list(field === 'provider' ? provider.name : facts[field])
}

function list(value: string | boolean | readonly string[] | undefined): string {
  if (typeof value !== 'object') return `\`${value}\``
  return value.length === 0 ? 'none' : value.map((entry) => `\`${entry}\``).join(' or ')
}
