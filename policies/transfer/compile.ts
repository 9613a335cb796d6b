import type { Catalog } from '#src/core/catalog.ts'
import { factCode, factNoun, missingFacts } from '#src/core/missing-facts.ts'
import { endOf } from '#src/core/moment.ts'
import type { Objection, Rule, RuleInput, RuleKind } from '#src/core/policy.ts'
import { compileSelector } from '#src/core/select.ts'
import type { Match, Selector } from '#src/core/selector.ts'
import { compileSubjects } from '#src/core/subjects.ts'
import type { Target } from '#src/core/target.ts'
import { schema } from './schema.ts'

/** `transfer` removes every target outside `home` for which no entry of `permit` says on which basis requests may go there. */
export const transfer: RuleKind = { field: 'transfer', compile }

/** Whom requests may go to, and on which basis. */
interface Permission {
  readonly matches: Selector
  readonly basis: string
  readonly until?: string
  /** ms since 1970, not in it. */
  readonly end: number
}

function compile(input: RuleInput<unknown>, catalog: Catalog): Rule {
  const { home, permit = [] } = schema.parse(input.body)
  const permissions = permit.map(permissionOf)
  const isHome = homeOf(home)
  const judgeBy = (unknown: 'allow' | undefined) => (target: Target) =>
    judge(target, { input, catalog, isHome, permissions, unknown })
  return {
    name: input.name,
    source: input.source,
    appliesTo: compileSubjects(input.subjects),
    judge: judgeBy(input.unknown),
    judgeRelayed: judgeBy(input.unknown),
    // What nobody knows of who answered is not against it.
    judgeServed: judgeBy('allow'),
    basis(target, now) {
      if (isHome(target).truth === true) return undefined
      return permissions.find(({ matches, end }) => now < end && matches(target).truth === true)?.basis
    },
  }
}

type Permit = NonNullable<ReturnType<typeof schema.parse>['permit']>[number]

function permissionOf({ basis, until, country, ...selector }: Permit): Permission {
  const matches = compileSelector({ ...selector, ...(country !== undefined && { operatorCountry: country }) })
  if (until === undefined) return { matches, basis, end: Infinity }
  return { matches, basis, until, end: endOf(until) ?? 0 }
}

/** In the house, wherever that stands, or processed at home by an operator of home. */
function homeOf(home: string | readonly string[]): Selector {
  const inHouse = compileSelector({ local: true })
  const atHome = compileSelector({ region: home, operatorCountry: home })
  return (target) => {
    const house = inHouse(target)
    return house.truth === true ? house : atHome(target)
  }
}

interface Terms {
  readonly input: RuleInput<unknown>
  readonly catalog: Catalog
  readonly isHome: Selector
  readonly permissions: readonly Permission[]
  readonly unknown: 'allow' | undefined
}

function judge(target: Target, { input, catalog, isHome, permissions, unknown }: Terms): Objection | undefined {
  const stays = ({ truth }: Match): boolean => truth === true || (truth === 'unknown' && unknown === 'allow')
  const home = isHome(target)
  if (stays(home)) return undefined
  const about = { rule: input.name, source: input.source, unknown: [] }
  const last = permissions.filter(({ matches }) => stays(matches(target))).toSorted((a, b) => b.end - a.end)[0]
  if (last) return last.end === Infinity ? undefined : { ...about, ...ended(target, last, input) }
  const missing = new Set(
    [home, ...permissions.map(({ matches }) => matches(target))].flatMap((match) => match.unknown),
  )
  const [first] = missing
  if (first === undefined) return { ...about, ...refused(target, home, input) }
  const mend = missingFacts(target, [...missing], catalog)
  const reason = input.reason === undefined ? mend : `${input.reason}; ${mend}`
  return { ...about, unknown: [...missing], code: `${factCode(first)}_unknown`, reason }
}

type Said = Pick<Objection, 'code' | 'reason' | 'evidence' | 'since'>

function ended(target: Target, { basis, until, end }: Permission, { name, reason }: RuleInput<unknown>): Said {
  const why = `rule \`${name}\` permitted transfers to \`${target.id}\` until \`${until}\`, on the basis \`${basis}\``
  return { code: 'transfer_expired', reason: reason ?? why, evidence: [why], since: end }
}

function refused({ id, facts, hosted }: Target, { failed = [] }: Match, { name, reason }: RuleInput<unknown>): Said {
  const abroad = failed.flatMap((field) => {
    if (field !== 'region' && field !== 'operatorCountry') return []
    return hosted?.doubted.has(field) ? hosted.contradictions : [`its ${factNoun(field)} is \`${facts[field]}\``]
  })
  const why = `rule \`${name}\` permits no transfer to \`${id}\`: ${abroad.join(' and ')}`
  return { code: 'transfer_denied', reason: reason ?? why, evidence: abroad }
}
